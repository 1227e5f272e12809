// Port: large immutable bytes by name (receipts). A blob is written whole or not at all and never changes;
// records say what it is and keep its hash. Loop thread; an implementation that blocks does so on lanes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"

namespace ow::platform {

/// Bytes [from, from + length) of a blob; a range past the end is cut.
struct ByteRange {
  std::uint64_t from = 0;
  std::uint64_t length = UINT64_MAX;
};

struct BlobPage {
  std::vector<std::string> names;  // ascending by bytes
  bool more = false;
};

/// Names are `part/part/…` (is_blob_name); every method answers error malformed for another.
class Blobs {
 public:
  virtual ~Blobs() = default;

  /// Durable before it answers. The same bytes again change nothing; error conflict when the name holds others,
  /// storage_full when there is no room: then nothing of it is there.
  virtual base::Task<base::Result<void>> put(std::string name, std::string bytes) = 0;

  /// Nothing when there is none of the name.
  virtual base::Task<base::Result<std::optional<std::string>>> get(std::string name, ByteRange range = {}) = 0;

  /// Its length in bytes; nothing when there is none of the name.
  virtual base::Task<base::Result<std::optional<std::uint64_t>>> size(std::string name) = 0;

  /// Names greater than `after` that begin with `prefix`, at most `limit`; for back-ups and clean-up.
  virtual base::Task<base::Result<BlobPage>> list(std::string prefix, std::string after, std::size_t limit) = 0;

  /// No error when there is none.
  virtual base::Task<base::Result<void>> erase(std::string name) = 0;
};

/// One to eight parts of letters, digits, '.', '-' and '_', none beginning with a dot, at most 200 bytes in all.
bool is_blob_name(const std::string& name);

}  // namespace ow::platform
