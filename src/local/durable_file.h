// Whole files, written so that a crash leaves the old one or the new one and never a part. Blocking: lanes and
// start-up only, any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace ow::local {

/// Writes beside `path`, syncs, renames, syncs the directory; mode 0600. Errors: storage_full, internal.
base::Result<void> write_durable(const std::string& path, const std::string& bytes);

struct NamedBytes {
  std::string name;  // within a directory
  std::string bytes;
};
/// Each file as write_durable does, an outcome for each in order; the disk is asked to take all of them at once, and
/// the directory is synced once.
std::vector<base::Result<void>> write_all_durable(const std::string& directory, const std::vector<NamedBytes>& files);

/// The bytes from `from` on, at most `length`; nothing when there is no such file.
base::Result<std::optional<std::string>> read_file(const std::string& path, std::uint64_t from = 0,
                                                   std::uint64_t length = UINT64_MAX);

/// Makes the directory and those above it, each of mode 0700 and durable in its parent.
base::Result<void> make_directories(const std::string& path);

/// Durable; no error when there is no such file.
base::Result<void> remove_durable(const std::string& path);

}  // namespace ow::local
