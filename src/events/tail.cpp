// See tail.h.
#include "events/tail.h"

#include <algorithm>

#include "events/bounds.h"

namespace ow::events {

Tail::Follower::Follower(std::shared_ptr<Tail> tail) : tail_(std::move(tail)) { tail_->join(*this); }

Tail::Follower::~Follower() { tail_->followers_.erase(place_); }

base::Task<base::Result<Tail::Slice>> Tail::Follower::after(std::string cursor, base::Duration due) {
  for (;;) {
    const auto changes = tail_->changes_;
    auto slice = tail_->recent_behind(cursor);
    if (!slice) {
      auto read = co_await tail_->read(cursor);
      if (!read) co_return base::fail(read.error());
      slice = std::move(*read);
      // At the end of the log: from here on this follower shares what is read for all.
      if (slice->events.empty() && tail_->cursor_.empty()) tail_->cursor_ = slice->cursor;
    }
    if (!slice->events.empty()) co_return std::move(*slice);
    const bool changed_meanwhile = tail_->changes_ != changes;
    if (!changed_meanwhile && !co_await wait(due)) co_return std::move(*slice);
    cursor = std::move(slice->cursor);
  }
}

void Tail::Follower::Wait::end() {
  if (!abandoned && !woken.ready()) woken.complete(true);
}

/// False when there is no use in looking again.
base::Task<bool> Tail::Follower::wait(base::Duration due) {
  if (left_ || tail_->ports_.executor.stopping() || tail_->ports_.clock.ticks() >= due) co_return false;
  due_ = due;
  struct Frame {
    std::shared_ptr<Wait> wait = std::make_shared<Wait>();
    Frame() = default;
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;
    ~Frame() { wait->abandoned = true; }
  } frame;
  waiting_ = frame.wait;
  co_await frame.wait->woken;
  co_return !left_;
}

void Tail::Follower::leave() {
  left_ = true;
  if (const auto waiting = std::exchange(waiting_, nullptr)) waiting->end();
}

base::Task<base::Result<std::string>> Tail::end() {
  auto page = co_await ports_.log.newest(1);
  if (!page) co_return base::fail(page.error());
  co_return std::move(page->next_cursor);
}

base::Task<base::Result<void>> Tail::check(std::string cursor) {
  const auto page = co_await ports_.log.after(std::move(cursor), 1);
  if (!page) co_return base::fail(page.error());
  co_return base::Result<void>{};
}

/// Nothing when the cursor is none that was kept.
std::optional<Tail::Slice> Tail::recent_behind(const std::string& cursor) const {
  if (cursor.empty()) return std::nullopt;
  if (cursor == cursor_) return Slice{{}, cursor};
  const auto last =
      std::find_if(recent_.rbegin(), recent_.rend(), [&](const auto& kept) { return kept->event.cursor == cursor; });
  if (last == recent_.rend()) return std::nullopt;
  const auto count = std::min(static_cast<std::size_t>(last - recent_.rbegin()), kTailPageEventsMax);
  const auto first = last.base();
  Slice slice{{first, first + static_cast<std::ptrdiff_t>(count)}, cursor_};
  if (count > 0) slice.cursor = slice.events.back()->event.cursor;
  return slice;
}

base::Task<base::Result<Tail::Slice>> Tail::read(std::string cursor) {
  auto page = co_await ports_.log.after(std::move(cursor), kTailPageEventsMax);
  if (!page) co_return base::fail(page.error());
  Slice slice{{}, std::move(page->next_cursor)};
  if (page->events.empty()) co_return slice;
  auto rendered = co_await render_(std::move(page->events));
  if (!rendered) co_return base::fail(rendered.error());
  slice.events.reserve(rendered->size());
  for (auto& event : *rendered) slice.events.push_back(std::make_shared<const TailEvent>(std::move(event)));
  slice.cursor = slice.events.back()->event.cursor;
  co_return slice;
}

void Tail::join(Follower& follower) {
  if (followers_.empty()) {  // what was kept for earlier ones may lie far back
    recent_.clear();
    cursor_.clear();
  }
  follower.place_ = followers_.insert(followers_.end(), &follower);
  if (!std::exchange(polling_, true)) ports_.executor.spawn(poll(shared_from_this()));
}

void Tail::changed() {
  if (followers_.empty() || ports_.executor.stopping()) return;
  ++changes_;
  if (!std::exchange(catching_up_, true)) ports_.executor.spawn(catch_up(shared_from_this()));
}

void Tail::keep(const Slice& slice) {
  recent_.insert(recent_.end(), slice.events.begin(), slice.events.end());
  while (recent_.size() > kTailEventsMax) recent_.pop_front();
  cursor_ = slice.cursor;
}

/// Reads to the end of the log and wakes everybody after each page.
base::Task<void> Tail::catch_up(std::shared_ptr<Tail> tail) {
  for (bool more = true; more;) {
    const auto changes = tail->changes_;
    const std::string from = tail->cursor_;
    if (from.empty()) break;
    auto slice = co_await tail->read(from);
    if (!slice) break;  // the next change or poll tries again
    more = slice->events.size() == kTailPageEventsMax || tail->changes_ != changes;
    if (tail->cursor_ != from) continue;  // all followers left meanwhile, and others came
    tail->keep(*slice);
    if (!slice->events.empty()) tail->wake_followers(false);
  }
  tail->catching_up_ = false;
  if (tail->cursor_.empty()) tail->wake_followers(false);
}

base::Task<void> Tail::poll(std::shared_ptr<Tail> tail) {
  while (!tail->followers_.empty()) {
    const bool slept = co_await tail->ports_.executor.sleep_until(tail->ports_.clock.ticks() + kTailPollInterval);
    if (!slept) break;
    tail->wake_followers(true);
    tail->changed();
  }
  tail->polling_ = false;
  tail->wake_followers(false);
}

/// Waking runs a follower, which may end it or others: the list is walked by copy.
void Tail::wake_followers(bool only_due) {
  const auto now = ports_.clock.ticks();
  std::vector<std::shared_ptr<Follower::Wait>> woken;
  for (Follower* follower : followers_) {
    if (follower->waiting_ && (!only_due || follower->due_ <= now)) {
      woken.push_back(std::exchange(follower->waiting_, nullptr));
    }
  }
  for (const auto& waiting : woken) waiting->end();
}

}  // namespace ow::events
