// See recovery.h.
#include "engine/journal/recovery.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace ow::engine {

using base::ErrorCode;
using base::fail;
using base::Result;
using namespace journal;

namespace {

constexpr std::size_t kZerosAtOnce = 1 << 20;

/// A segment as it was found.
struct Candidate {
  Journal::SegmentPtr segment;
  RecordNumber first = 0;  // 0: its head cannot be read
  bool walked = false;
};

bool all_zero(std::string_view bytes) { return bytes.find_first_not_of('\0') == std::string_view::npos; }

class Recovery {
 public:
  Recovery(platform::LogDisk& disk, const JournalReader& reader) : disk_(disk), reader_(reader) {}

  Result<Journal::Found> run() {
    if (auto opened = open_all(); !opened) return fail(opened.error());
    if (auto walked = walk_all(); !walked) return fail(walked.error());
    if (auto judged = judge_rest(); !judged) return fail(judged.error());
    if (auto wiped = wipe_tail(); !wiped) return fail(wiped.error());
    return settle();
  }

 private:
  Result<void> open_all();
  Result<void> read_head(Candidate& candidate, std::string_view block);
  static Result<std::string> read(const Candidate& candidate) {
    return candidate.segment->file->read(0, candidate.segment->file->size());
  }
  Candidate* start();
  Candidate* successor();
  Result<void> walk_all();
  Result<void> walk(Candidate& candidate);
  Result<void> judge_rest();
  Result<void> wipe_tail();
  Result<void> wipe(Candidate& candidate, std::uint64_t from);
  Result<Journal::Found> settle();
  void say_dropped(std::uint64_t at);

  RecordNumber next() const { return last_ + 1; }
  std::string path_of(const Candidate& candidate) const { return disk_.path_of(candidate.segment->name); }
  tl::unexpected<base::Error> damage(const Candidate& candidate, std::uint64_t at) const {
    return fail(ErrorCode::internal, "storage_damaged",
                fmt::format("Damage in file {} at offset {}.", path_of(candidate), at));
  }
  /// Whether a whole record at or behind `from` says that the next record was synced.
  bool vouched_for(std::string_view segment, std::uint64_t from) const;
  /// Whether there is any record behind `from` that comes after the last one.
  bool has_later(std::string_view segment, std::uint64_t from) const;

  platform::LogDisk& disk_;
  const JournalReader& reader_;
  std::vector<Candidate> candidates_;
  std::vector<Candidate*> chain_;
  std::vector<Candidate*> leftovers_;  // hold later records that nothing vouches for
  std::string bytes_;                  // of the last segment of the chain
  std::uint64_t at_ = 0;               // behind its last record
  bool clean_ = false;                 // the last record says that the process ended in order
  RecordNumber last_ = 0;
  std::uint64_t names_ = 0;
};

Result<void> Recovery::open_all() {
  const auto names = disk_.names();
  if (!names) return fail(names.error());
  for (const auto& name : *names) {
    std::uint64_t number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    names_ = std::max(names_, number);
    auto file = disk_.open(name);
    if (!file) return fail(file.error());
    const auto head = (*file)->read(0, std::min<std::uint64_t>(kBlock, (*file)->size()));
    if (!head) return fail(head.error());
    candidates_.push_back({std::make_shared<Journal::Segment>(Journal::Segment{name, std::move(*file)})});
    if (auto read = read_head(candidates_.back(), *head); !read) return read;
  }
  std::ranges::sort(candidates_, {}, &Candidate::first);
  return {};
}

Result<void> Recovery::read_head(Candidate& candidate, std::string_view block) {
  const auto head = read_segment_head(block);
  if (!head) return {};
  if (head->format > kFormat) {
    return fail(ErrorCode::unsupported, "storage_format_newer",
                fmt::format("The journal in {} has format {}, this program reads formats up to {}.", path_of(candidate),
                            head->format, kFormat));
  }
  candidate.first = head->first;
  return {};
}

/// The segment with the first record that is needed: the newest that begins at or before it.
Candidate* Recovery::start() {
  Candidate* found = nullptr;
  for (auto& candidate : candidates_) {
    if (candidate.first != 0 && candidate.first <= reader_.applied + 1) found = &candidate;
  }
  return found;
}

Candidate* Recovery::successor() {
  const auto found =
      std::ranges::find_if(candidates_, [&](const Candidate& each) { return each.first == next() && !each.walked; });
  return found == candidates_.end() ? nullptr : &*found;
}

Result<void> Recovery::walk_all() {
  Candidate* begin = start();
  if (begin == nullptr) {
    return fail(
        ErrorCode::internal, "storage_damaged",
        fmt::format("Damage in file {} at offset 0: no segment of the journal holds record {}.",
                    candidates_.empty() ? disk_.path_of("") : path_of(candidates_.front()), reader_.applied + 1));
  }
  last_ = begin->first - 1;
  for (Candidate* candidate = begin; candidate != nullptr; candidate = successor()) {
    const RecordNumber before = last_;
    std::string kept = std::exchange(bytes_, {});
    const std::uint64_t kept_at = at_;
    if (auto walked = walk(*candidate); !walked) return walked;
    if (last_ == before && !chain_.empty()) {
      // Its first record never arrived: the one before it goes on.
      bytes_ = std::move(kept);
      at_ = kept_at;
      break;
    }
    if (!chain_.empty()) chain_.back()->segment->last = before;
    chain_.push_back(candidate);
  }
  return {};
}

Result<void> Recovery::walk(Candidate& candidate) {
  auto bytes = read(candidate);
  if (!bytes) return fail(bytes.error());
  bytes_ = std::move(*bytes);
  candidate.walked = true;
  at_ = kBlock;
  while (true) {
    const std::uint64_t block = next_block(at_);
    auto record = record_at(bytes_, at_);
    if (!record || record->number != next()) {
      record = record_at(bytes_, block);
      if (!record || record->number != next()) return {};
      const std::string_view gap = std::string_view(bytes_).substr(at_, block - at_);
      if (!all_zero(gap)) return damage(candidate, at_ + gap.find_first_not_of('\0'));
      at_ = block;
    }
    clean_ = record->payload == kClosed;
    if (record->number > reader_.applied && !reader_.take(record->payload, record->number)) {
      return damage(candidate, at_);
    }
    last_ = record->number;
    at_ += record->bytes();
  }
}

bool Recovery::vouched_for(std::string_view segment, std::uint64_t from) const {
  for (std::uint64_t at = next_block(from); at < segment.size(); at += kBlock) {
    if (claimed_number(segment, at) < next()) continue;
    const auto record = record_at(segment, at);
    if (record && record->number > last_ && record->synced >= next()) return true;
  }
  return false;
}

bool Recovery::has_later(std::string_view segment, std::uint64_t from) const {
  for (std::uint64_t at = next_block(from); at < segment.size(); at += kBlock) {
    if (claimed_number(segment, at) > last_ && record_at(segment, at)) return true;
  }
  return false;
}

/// Decides whether what follows the last record was lost or never promised.
Result<void> Recovery::judge_rest() {
  const Candidate& end = *chain_.back();
  const std::uint64_t broken = claimed_number(bytes_, at_) == next() ? at_ : next_block(at_);
  if (last_ < reader_.applied || vouched_for(bytes_, at_)) return damage(end, broken);
  for (auto& candidate : candidates_) {
    if (std::ranges::find(chain_, &candidate) != chain_.end()) continue;
    const auto bytes = read(candidate);
    if (!bytes) return fail(bytes.error());
    if (vouched_for(*bytes, kBlock)) {
      const bool holds_next = candidate.first == next() || claimed_number(*bytes, kBlock) == next();
      return holds_next ? damage(candidate, candidate.first == next() ? kBlock : 0) : damage(end, broken);
    }
    if (candidate.first > last_ || has_later(*bytes, kBlock)) leftovers_.push_back(&candidate);
  }
  return {};
}

/// After it no record of the tail can show again behind new ones. The newest first: cut short in between, the
/// next open comes to the same judgement.
Result<void> Recovery::wipe_tail() {
  std::ranges::reverse(leftovers_);
  for (Candidate* candidate : leftovers_) {
    if (auto wiped = wipe(*candidate, 0); !wiped) return wiped;
    candidate->first = 0;
  }
  if (clean_ && leftovers_.empty()) return {};
  const bool torn = shows_record(bytes_, at_, next()) || shows_record(bytes_, next_block(at_), next()) ||
                    has_later(bytes_, at_) || !leftovers_.empty();
  if (torn) say_dropped(at_);
  if (all_zero(std::string_view(bytes_).substr(at_))) return {};
  return wipe(*chain_.back(), at_);
}

void Recovery::say_dropped(std::uint64_t at) {
  if (!reader_.notice) return;
  reader_.notice(fmt::format("Dropped an incomplete last group from {} at offset {}.", path_of(*chain_.back()), at));
}

Result<void> Recovery::wipe(Candidate& candidate, std::uint64_t from) {
  auto& file = *candidate.segment->file;
  const std::string zeros(kZerosAtOnce, '\0');
  for (std::uint64_t at = from; at < file.size(); at += zeros.size()) {
    const std::string_view part = std::string_view(zeros).substr(0, file.size() - at);
    if (auto written = file.write(at, part); !written) return written;
  }
  return file.sync();
}

Result<Journal::Found> Recovery::settle() {
  Journal::Found found;
  for (Candidate* candidate : chain_) {
    // What the process wrote but did not sync is shown from now on.
    if (auto synced = candidate->segment->file->sync(); !synced) return fail(synced.error());
    found.live.push_back(candidate->segment);
  }
  for (auto& candidate : candidates_) {
    if (std::ranges::find(chain_, &candidate) == chain_.end()) found.spare.push_back(candidate.segment);
  }
  found.end = at_;
  found.last = last_;
  found.names = names_;
  return found;
}

}  // namespace

Result<Journal::Found> recover_journal(platform::LogDisk& disk, const JournalReader& reader) {
  return Recovery(disk, reader).run();
}

}  // namespace ow::engine
