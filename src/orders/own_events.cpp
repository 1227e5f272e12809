// See own_events.h. A cursor is the newest order of a window, ids of orders ascending with time, and behind a dot the
// event that the page before ended with: `<order>` or `<order>.<microseconds>.<subject>.<number>`.
#include "orders/own_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <tuple>

#include "platform/id_source.h"

namespace ow::orders {
namespace {

using base::Result;
using base::Task;
using platform::Event;

constexpr std::size_t kWindowOrders = 50;
constexpr std::size_t kEventsAtOnce = 100;

/// Where an event is in a window.
struct Rank {
  std::int64_t us = 0;
  std::string subject;
  std::uint64_t number = 0;

  bool operator<(const Rank& other) const {
    return std::tie(us, subject, number) < std::tie(other.us, other.subject, other.number);
  }
};

Rank rank_of(const Event& event) { return {event.time.us, event.subject, event.number}; }

struct OwnPlace {
  std::string newest;         // order of the window; empty: whichever is the newest
  std::optional<Rank> above;  // events of lower rank are left
};

std::string text_of(const OwnPlace& place) {
  if (!place.above) return place.newest;
  return fmt::format("{}.{}.{}.{}", place.newest, place.above->us, place.above->subject, place.above->number);
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// The text up to the next dot, and the dot, off its front.
std::string_view take_part(std::string_view& text) {
  const auto part = text.substr(0, text.find('.'));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

std::optional<OwnPlace> parse_place(std::string_view text) {
  OwnPlace place{std::string(take_part(text)), {}};
  if (!platform::is_id(place.newest, "ord")) return std::nullopt;
  if (text.empty()) return place;
  Rank rank;
  const bool timed = read_number(take_part(text), rank.us);
  rank.subject = take_part(text);
  if (!timed || !platform::is_id(rank.subject, "ord") || !read_number(text, rank.number)) return std::nullopt;
  place.above = std::move(rank);
  return place;
}

struct OrderWindow {
  std::vector<Order> orders;
  std::string next;  // newest order of the window behind; empty: none
};

Task<Result<OrderWindow>> read_window(platform::Store& store, base::UserId shopper, std::string newest) {
  platform::Query query{std::string(kCustomerIndex), shopper.text};
  query.descending = true;
  query.limit = kWindowOrders + 1;
  // Ids have one length: no other begins with this one, so the range ends just behind it.
  if (!newest.empty()) query.to = newest + '~';
  const auto page = co_await store.query(std::move(query));
  if (!page) co_return base::fail(page.error());
  OrderWindow window;
  for (const auto& record : page->records) {
    auto order = order_from(record);
    if (!order) co_return base::fail(order.error());
    if (window.orders.size() == kWindowOrders) {
      window.next = order->id.text;
      break;
    }
    window.orders.push_back(std::move(*order));
  }
  co_return window;
}

/// All events of the order that are left, added to the others.
Task<Result<void>> add_events(platform::EventLog& log, std::string order, const OwnPlace& place,
                              std::vector<Event>& all) {
  std::uint64_t behind = 0;
  while (true) {
    auto events = co_await log.by_subject(order, behind, kEventsAtOnce);
    if (!events) co_return base::fail(events.error());
    const auto count = events->size();
    if (count != 0) behind = events->back().number;
    for (auto& event : *events) {
      if (!place.above || rank_of(event) < *place.above) all.push_back(std::move(event));
    }
    if (count < kEventsAtOnce) co_return Result<void>();
  }
}

bool is_newer(const Event& left, const Event& right) { return rank_of(right) < rank_of(left); }

/// Cuts the window's events to a page and says where the next begins.
void cut(OwnEvents& page, OrderWindow& window, std::size_t limit) {
  std::sort(page.events.begin(), page.events.end(), is_newer);
  if (page.events.size() <= limit) {
    page.older_cursor = std::move(window.next);
    return;
  }
  page.events.resize(limit);
  page.older_cursor = text_of({window.orders.front().id.text, rank_of(page.events.back())});
}

}  // namespace

Task<Result<OwnEvents>> own_events(OrderPorts ports, base::UserId shopper, std::string cursor, std::size_t limit) {
  const auto place = cursor.empty() ? OwnPlace() : parse_place(cursor);
  if (!place)
    co_return base::fail(base::ErrorCode::malformed, "cursor_invalid", "The cursor is not one of this list of events.");
  auto window = co_await read_window(ports.store, std::move(shopper), place->newest);
  if (!window) co_return base::fail(window.error());
  OwnEvents page;
  for (auto& order : window->orders) {
    auto added = co_await add_events(ports.event_log, order.id.text, *place, page.events);
    if (!added) co_return base::fail(added.error());
  }
  cut(page, *window, limit);
  for (auto& order : window->orders) page.orders.emplace(order.id.text, std::move(order));
  co_return page;
}

}  // namespace ow::orders
