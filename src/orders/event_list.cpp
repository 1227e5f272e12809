// GET /api/events: the newest events, or with `after=` the log followed forward. Shoppers see those of their
// own orders. See desk.h.
#include <algorithm>
#include <map>

#include "base/bounds.h"
#include "http/listing.h"
#include "orders/desk.h"
#include "orders/order_events.h"

namespace ow::orders {
namespace {

using base::Json;
using http::RequestContext;
using platform::Event;
using platform::EventPage;
using OrdersById = std::map<std::string, Order>;

// A shopper's newest events are looked for in this many of the newest orders.
constexpr std::size_t kOwnOrdersMax = 50;
constexpr std::size_t kEventsOfOrderMax = 100;
// Following forward looks at no more of the log than this at once; the cursor says where it stopped.
constexpr std::size_t kEventsLookedAtMax = 1000;

struct Found {
  std::vector<Event> events;
  OrdersById orders;
  std::string next_cursor;
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

// All orders' events, for operators.
base::Task<base::Result<Found>> all_events(Desk desk, std::string after, std::size_t limit) {
  auto page = after.empty() ? co_await desk.ports.event_log.newest(limit)
                            : co_await desk.ports.event_log.after(std::move(after), limit);
  if (!page) co_return base::fail(page.error());
  auto orders = co_await orders_of(desk.ports.store, page->events);
  if (!orders) co_return base::fail(orders.error());
  co_return Found{std::move(page->events), std::move(*orders), std::move(page->next_cursor)};
}

void take_own(EventPage page, OrdersById orders, const base::UserId& caller, std::size_t limit,
              Found& found) {
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

base::Task<base::Result<Found>> own_events_after(Desk desk, base::UserId caller, std::string after,
                                                 std::size_t limit) {
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

bool is_newer(const Event& left, const Event& right) {
  return std::tie(left.time, left.subject, left.number) > std::tie(right.time, right.subject, right.number);
}

base::Task<base::Result<Found>> own_newest_events(Desk desk, base::UserId caller, std::size_t limit) {
  Found found;
  // The cursor is taken first: what comes while the orders are read is followed, twice rather than never.
  const auto end = co_await desk.ports.event_log.newest(1);
  if (!end) co_return base::fail(end.error());
  found.next_cursor = end->next_cursor;
  platform::Query newest{std::string(kCustomerIndex), caller.text};
  newest.descending = true;
  newest.limit = kOwnOrdersMax;
  const auto page = co_await desk.ports.store.query(std::move(newest));
  if (!page) co_return base::fail(page.error());
  for (const auto& record : page->records) {
    auto order = order_from(record);
    if (!order) co_return base::fail(order.error());
    auto events = co_await desk.ports.event_log.by_subject(order->id.text, 0, kEventsOfOrderMax);
    if (!events) co_return base::fail(events.error());
    std::move(events->begin(), events->end(), std::back_inserter(found.events));
    found.orders.emplace(order->id.text, std::move(*order));
  }
  std::sort(found.events.begin(), found.events.end(), is_newer);
  if (found.events.size() > limit) found.events.resize(limit);
  co_return found;
}

}  // namespace

base::Task<base::Result<std::vector<OwnedEvent>>> owned_events(platform::Store& store,
                                                               std::vector<Event> events) {
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
  auto after = http::query_text(context, "after");
  const auto& caller = context.principal->user;
  auto found = http::is_operator(context) ? co_await all_events(desk, std::move(after), *limit)
               : after.empty()            ? co_await own_newest_events(desk, caller, *limit)
                                          : co_await own_events_after(desk, caller, std::move(after), *limit);
  if (!found) co_return base::fail(found.error());
  Json::Array items;
  for (const auto& event : found->events) {
    const auto order = found->orders.find(event.subject);
    items.push_back(cloud_event(event, order == found->orders.end() ? nullptr : &order->second));
  }
  co_return http::Reply{http::Response::json(200, http::page_json(std::move(items), found->next_cursor))};
}

}  // namespace ow::orders
