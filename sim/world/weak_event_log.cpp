// See weak_event_log.h.
#include "sim/world/weak_event_log.h"

#include <algorithm>
#include <utility>

namespace ow::sim {

using base::Result;
using base::Task;
using platform::Event;
using platform::EventPage;

Task<void> WeakEventLog::pause() {
  const base::Duration span(random_.between(0, weather_.call_max.count()));
  co_await executor_.sleep_until(clock_.ticks() + span);
}

base::Instant WeakEventLog::settled() {
  return clock_.now() - base::Duration(random_.between(0, weather_.lag_max.count()));
}

Task<Result<std::vector<Event>>> WeakEventLog::by_subject(std::string subject, std::uint64_t after, std::size_t limit) {
  co_await pause();
  co_return co_await below_.by_subject(std::move(subject), after, limit);
}

Task<Result<EventPage>> WeakEventLog::after(std::string cursor, std::size_t limit) {
  co_await pause();
  auto page = co_await below_.after(cursor, limit);
  if (!page) co_return page;
  const base::Instant mark = settled();
  const auto hidden =
      std::find_if(page->events.begin(), page->events.end(), [&](const Event& event) { return event.time >= mark; });
  if (hidden == page->events.end()) co_return page;
  page->events.erase(hidden, page->events.end());
  if (!page->events.empty()) {
    page->next_cursor = page->events.back().cursor;
  } else if (!cursor.empty()) {
    page->next_cursor = std::move(cursor);
  } else {
    auto start = co_await below_.cursor_at(base::Instant{0});
    if (!start) co_return base::fail(start.error());
    page->next_cursor = std::move(*start);
  }
  co_return page;
}

Task<Result<EventPage>> WeakEventLog::newest(std::size_t limit) {
  co_await pause();
  auto page = co_await below_.newest(limit);
  if (!page) co_return page;
  const base::Instant mark = settled();
  std::erase_if(page->events, [&](const Event& event) { return event.time >= mark; });
  co_return page;
}

Task<Result<EventPage>> WeakEventLog::before(std::string cursor, std::size_t limit) {
  co_await pause();
  co_return co_await below_.before(std::move(cursor), limit);
}

Task<Result<std::string>> WeakEventLog::cursor_at(base::Instant time) {
  co_await pause();
  co_return co_await below_.cursor_at(time);
}

}  // namespace ow::sim
