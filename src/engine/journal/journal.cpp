// See journal.h.
#include "engine/journal/journal.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"

namespace ow::engine {

using base::fail;
using base::Result;
using namespace journal;

namespace {

// Segments kept ready: one to go on with at once, and those that the next release will not bring soon.
constexpr std::size_t kSparesMin = 1;
constexpr std::size_t kSparesMax = 6;

std::string name_of(std::uint64_t number) { return fmt::format("{:06}.journal", number); }

}  // namespace

Journal::Journal(platform::LogDisk& disk, std::uint64_t segment_bytes, Found found)
    : disk_(disk),
      segment_bytes_(segment_bytes),
      active_(found.live.back()),
      at_(next_block(found.end)),
      last_(found.last),
      synced_(found.last),
      full_(std::move(found.live)),
      spare_(std::move(found.spare)),
      names_(found.names) {
  full_.pop_back();
}

Result<std::unique_ptr<Journal>> Journal::begin(platform::LogDisk& disk, std::uint64_t segment_bytes,
                                                RecordNumber first) {
  const auto names = disk.names();
  if (!names) return fail(names.error());
  for (const auto& name : *names) {
    if (auto removed = disk.remove(name); !removed) return fail(removed.error());
  }
  auto file = disk.create(name_of(1), segment_bytes);
  if (!file) return fail(file.error());
  if (auto written = (*file)->write(0, segment_head(first)); !written) return fail(written.error());
  if (auto synced = (*file)->sync(); !synced) return fail(synced.error());
  Found found;
  found.live.push_back(std::make_shared<Segment>(Segment{name_of(1), std::move(*file)}));
  found.end = kBlock;
  found.last = first - 1;
  found.names = 1;
  return std::make_unique<Journal>(disk, segment_bytes, std::move(found));
}

Result<RecordNumber> Journal::append(std::string_view payload) {
  if (auto cleared = clear_refused(); !cleared) return fail(cleared.error());
  const std::uint64_t bytes = next_block(kRecordHead + payload.size());
  if (next_block(at_) + bytes > active_->file->size()) {
    if (auto rolled = roll(bytes); !rolled) return fail(rolled.error());
  }
  buffer_.clear();
  put_record(buffer_, {last_ + 1, synced(), payload});
  const std::uint64_t end = at_ + buffer_.size();
  // Zeros up to the block: an older record must not show behind this one.
  buffer_.resize(next_block(end) - at_);
  mark_dirty();
  refused_ = true;
  if (auto written = active_->file->write(at_, buffer_); !written) return fail(written.error());
  refused_ = false;
  at_ = end;
  return ++last_;
}

Result<void> Journal::clear_refused() {
  if (!refused_) return {};
  if (auto written = active_->file->write(at_, std::string(kRecordHead, '\0')); !written) return written;
  refused_ = false;
  return {};
}

Result<void> Journal::sync() {
  for (const auto& segment : dirty_) {
    if (auto synced = segment->file->sync(); !synced) return synced;
  }
  dirty_.clear();
  at_ = next_block(at_);
  synced_.store(last_, std::memory_order_release);
  return {};
}

void Journal::mark_dirty() {
  if (dirty_.empty() || dirty_.back() != active_) dirty_.push_back(active_);
}

/// Goes on in another segment, which can hold `bytes`.
Result<void> Journal::roll(std::uint64_t bytes) {
  auto next = take_segment(bytes);
  if (!next) return fail(next.error());
  if (auto written = (*next)->file->write(0, segment_head(last_ + 1)); !written) {
    const std::lock_guard lock(mutex_);
    spare_.push_back(std::move(*next));
    return written;
  }
  active_->last = last_;
  const std::lock_guard lock(mutex_);
  full_.push_back(std::exchange(active_, std::move(*next)));
  at_ = kBlock;
  return {};
}

Result<Journal::SegmentPtr> Journal::take_segment(std::uint64_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    const auto fits =
        std::ranges::find_if(spare_, [&](const auto& segment) { return segment->file->size() >= kBlock + bytes; });
    if (fits != spare_.end()) {
      auto taken = std::move(*fits);
      spare_.erase(fits);
      return taken;
    }
  }
  return make_segment(std::max(segment_bytes_, kBlock + bytes));
}

Result<Journal::SegmentPtr> Journal::make_segment(std::uint64_t bytes) {
  std::string name;
  {
    const std::lock_guard lock(mutex_);
    name = name_of(++names_);
  }
  auto file = disk_.create(name, bytes);
  if (!file) return fail(file.error());
  return std::make_shared<Segment>(Segment{std::move(name), std::move(*file)});
}

void Journal::release(RecordNumber applied) {
  const std::lock_guard lock(mutex_);
  while (!full_.empty() && full_.front()->last <= applied) {
    spare_.push_back(std::move(full_.front()));
    full_.pop_front();
  }
}

Result<void> Journal::prepare() {
  while (const auto segment = surplus()) {
    if (auto removed = disk_.remove(segment->name); !removed) return removed;
  }
  {
    const std::lock_guard lock(mutex_);
    if (spare_.size() >= kSparesMin) return {};
  }
  auto made = make_segment(segment_bytes_);
  if (!made) return fail(made.error());
  const std::lock_guard lock(mutex_);
  spare_.push_back(std::move(*made));
  return {};
}

/// A spare segment that is not worth keeping, taken out; nothing when all are.
Journal::SegmentPtr Journal::surplus() {
  const std::lock_guard lock(mutex_);
  const auto odd =
      std::ranges::find_if(spare_, [&](const auto& segment) { return segment->file->size() != segment_bytes_; });
  if (odd == spare_.end() && spare_.size() <= kSparesMax) return nullptr;
  const auto taken = odd != spare_.end() ? odd : std::prev(spare_.end());
  auto segment = std::move(*taken);
  spare_.erase(taken);
  return segment;
}

}  // namespace ow::engine
