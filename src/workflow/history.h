// What happened in an execution: one entry for each attempt of a state that ended, and one for each thing an
// operator did. Entries are numbered 1, 2, 3 …; a payload is stored once in its part and referred to, one that
// is large lies in a record of its own. Plain data: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/json.h"
#include "states/passage.h"

namespace ow::workflow {

/// "paused", "resumed", "stopped", "redriven", with who and why.
struct OperatorMark {
  std::string what;
  std::string by;
  std::string why;
  base::Instant at;
};

/// Entries that follow each other, encoded: those of a record or of a page.
struct HistoryPart {
  std::int64_t first = 1;  // number of the first entry
  std::vector<base::Json> entries;
  std::vector<base::Json> payloads;  // {"v": value}, {"p": digest, "n": bytes} or {"n": bytes} when it was too large
  std::size_t bytes = 0;             // about what it takes when written

  std::int64_t next() const { return first + static_cast<std::int64_t>(entries.size()); }
};

/// A payload that gets a record of its own.
struct LargePayload {
  std::string digest;
  std::string text;
};

/// Writes entries of one execution; `started` and `input` are the execution's: times are kept relative to the
/// one, and payloads that equal the other are not stored again.
class HistoryWriter {
 public:
  HistoryWriter(HistoryPart& part, base::Instant started, const base::Json& input);

  void add(const states::Passage& passage);
  void add(const OperatorMark& mark);
  /// Payloads to be stored beside the part, since the last take.
  std::vector<LargePayload> take_large() { return std::move(large_); }
  std::size_t large_bytes() const { return large_bytes_; }
  std::size_t large_count() const { return large_.size(); }

 private:
  std::int64_t refer(const base::Json& payload);
  void push(base::Json entry);

  HistoryPart& part_;
  base::Instant started_;
  std::string input_;
  std::vector<std::string> texts_;  // of the part's payloads; empty where there is none
  std::vector<LargePayload> large_;
  std::size_t large_bytes_ = 0;
};

base::Json to_json(const HistoryPart& part);
HistoryPart history_from_json(const base::Json& json);

/// An entry as operators read it; `payloads` has a value for each of the part's payloads.
base::Json describe_entry(const HistoryPart& part, std::size_t at, base::Instant started, const base::Json& input,
                          const std::vector<base::Json>& payloads);

}  // namespace ow::workflow
