// GET /api/events: the newest events, with `before=` those before them, with `after=` the log followed forward.
// Shoppers see those of their own orders. See desk.h.
#include <algorithm>
#include <map>

#include "base/bounds.h"
#include "http/listing.h"
#include "orders/desk.h"
#include "orders/order_events.h"
#include "orders/own_events.h"

namespace ow::orders {
namespace {

using base::Json;
using http::RequestContext;
using platform::Event;
using platform::EventPage;

// Following forward looks at no more of the log than this at once; the cursor says where it stopped.
constexpr std::size_t kEventsLookedAtMax = 1000;

/// Which part of the log is asked for; both empty: the newest events.
struct Span {
  std::string after;
  std::string before;
};

struct Found {
  std::vector<Event> events;
  OrdersById orders;
  std::string next_cursor;   // forward; empty on the way back
  std::string older_cursor;  // back; empty: nothing older, or on the way forward
};

base::Task<base::Result<OrdersById>> orders_of(platform::Store& store, const std::vector<Event>& events) {
  std::vector<platform::Key> keys;
  for (const auto& event : events) {
    if (platform::is_id(event.subject, "ord")) keys.push_back(order_key(base::OrderId(event.subject)));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  const auto records = co_await store.get(std::move(keys));
  if (!records) co_return base::fail(records.error());
  OrdersById orders;
  for (const auto& record : *records) {
    if (!record) continue;
    auto order = order_from(*record);
    if (!order) co_return base::fail(order.error());
    orders.emplace(order->id.text, std::move(*order));
  }
  co_return orders;
}

/// All orders' events, for operators.
base::Task<base::Result<Found>> all_events(Desk desk, Span span, std::size_t limit) {
  const bool forward = !span.after.empty();
  const bool back = !span.before.empty();
  auto& log = desk.ports.event_log;
  auto page = forward ? co_await log.after(std::move(span.after), limit)
              : back  ? co_await log.before(std::move(span.before), limit)
                      : co_await log.newest(limit);
  if (!page) co_return base::fail(page.error());
  auto orders = co_await orders_of(desk.ports.store, page->events);
  if (!orders) co_return base::fail(orders.error());
  std::string older = forward || page->events.size() < limit ? std::string() : page->events.back().cursor;
  co_return Found{std::move(page->events), std::move(*orders), back ? std::string() : std::move(page->next_cursor),
                  std::move(older)};
}

void take_own(EventPage page, OrdersById orders, const base::UserId& caller, std::size_t limit, Found& found) {
  for (auto& event : page.events) {
    const auto order = orders.find(event.subject);
    if (order == orders.end() || order->second.customer != caller) continue;
    if (found.events.size() == limit) return;
    found.next_cursor = event.cursor;
    found.orders.insert(*order);
    found.events.push_back(std::move(event));
  }
  if (found.events.size() < limit) found.next_cursor = std::move(page.next_cursor);
}

base::Task<base::Result<Found>> own_events_after(Desk desk, base::UserId caller, std::string after, std::size_t limit) {
  Found found;
  found.next_cursor = std::move(after);
  std::size_t looked_at = 0;
  while (found.events.size() < limit && looked_at < kEventsLookedAtMax) {
    auto page = co_await desk.ports.event_log.after(found.next_cursor, base::bounds::kEventListItemsMax);
    if (!page) co_return base::fail(page.error());
    auto orders = co_await orders_of(desk.ports.store, page->events);
    if (!orders) co_return base::fail(orders.error());
    const auto count = page->events.size();
    looked_at += count;
    take_own(std::move(*page), std::move(*orders), caller, limit, found);
    if (count < base::bounds::kEventListItemsMax) break;
  }
  co_return found;
}

/// The cursor of the log is taken first: what comes while the orders are read is followed, twice rather than never.
base::Task<base::Result<Found>> own_newest_events(Desk desk, base::UserId caller, std::size_t limit) {
  const auto end = co_await desk.ports.event_log.newest(1);
  if (!end) co_return base::fail(end.error());
  auto own = co_await own_events(desk.ports, std::move(caller), {}, limit);
  if (!own) co_return base::fail(own.error());
  co_return Found{std::move(own->events), std::move(own->orders), end->next_cursor, std::move(own->older_cursor)};
}

base::Task<base::Result<Found>> own_older_events(Desk desk, base::UserId caller, std::string before,
                                                 std::size_t limit) {
  auto own = co_await own_events(desk.ports, std::move(caller), std::move(before), limit);
  if (!own) co_return base::fail(own.error());
  co_return Found{std::move(own->events), std::move(own->orders), {}, std::move(own->older_cursor)};
}

base::Task<base::Result<Found>> find_events(Desk desk, const RequestContext& context, Span span, std::size_t limit) {
  const auto& caller = context.principal->user;
  if (http::is_operator(context)) return all_events(desk, std::move(span), limit);
  if (!span.after.empty()) return own_events_after(desk, caller, std::move(span.after), limit);
  if (!span.before.empty()) return own_older_events(desk, caller, std::move(span.before), limit);
  return own_newest_events(desk, caller, limit);
}

}  // namespace

base::Task<base::Result<std::vector<OwnedEvent>>> owned_events(platform::Store& store, std::vector<Event> events) {
  const auto orders = co_await orders_of(store, events);
  if (!orders) co_return base::fail(orders.error());
  std::vector<OwnedEvent> owned;
  owned.reserve(events.size());
  for (const auto& event : events) {
    const auto order = orders->find(event.subject);
    if (order == orders->end()) {
      owned.push_back({{}, cloud_event(event, nullptr)});
    } else {
      owned.push_back({order->second.customer, cloud_event(event, &order->second)});
    }
  }
  co_return owned;
}

Answer list_events(Desk desk, const RequestContext& context) {
  const auto limit = http::page_limit(context, base::bounds::kEventListItemsMax);
  if (!limit) co_return base::fail(limit.error());
  Span span{http::query_text(context, "after"), http::query_text(context, "before")};
  if (!span.after.empty() && !span.before.empty()) {
    co_return base::fail(base::ErrorCode::malformed, "bad_query",
                         "Ask for events after a cursor or before one, not both.");
  }
  auto found = co_await find_events(desk, context, std::move(span), *limit);
  if (!found) co_return base::fail(found.error());
  Json::Array items;
  for (const auto& event : found->events) {
    const auto order = found->orders.find(event.subject);
    items.push_back(cloud_event(event, order == found->orders.end() ? nullptr : &order->second));
  }
  auto page = http::page_json(std::move(items), found->next_cursor);
  page.set("olderCursor", found->older_cursor.empty() ? Json() : Json(found->older_cursor));
  co_return http::Reply{http::Response::json(200, std::move(page))};
}

}  // namespace ow::orders
