// GET /api/orders, newest first. Order ids ascend with time, so a page is a range of ids and the cursor is
// the last id looked at. See desk.h.
#include <fmt/core.h>

#include "base/bounds.h"
#include "http/listing.h"
#include "orders/desk.h"

namespace ow::orders {
namespace {

using base::ErrorCode;
using base::Json;
using http::RequestContext;

// A page that filters by status looks at no more orders than this; its cursor says where it stopped.
constexpr std::size_t kOrdersLookedAtMax = 1000;
constexpr std::size_t kOrdersReadAtOnce = 100;

struct OrderQuery {
  platform::Query range;
  std::optional<Status> status;
  std::size_t limit = 0;
};

struct OrderPage {
  Json::Array items;
  std::string last;  // id looked at last
  std::size_t looked_at = 0;
  bool more = false;
};

base::Error malformed(std::string sentence) {
  return {ErrorCode::malformed, "bad_query", "The query is not valid.", {std::move(sentence)}};
}

// The least id of an order accepted at `at`: the first 10 characters of an id are its milliseconds.
std::string least_id(base::Instant at) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(at.ms(), 0));
  std::string digits(10, '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, ms >>= 5) *digit = kAlphabet[ms & 31];
  return "ord_" + digits;
}

base::Result<std::string> bound_of(const RequestContext& context, const char* name) {
  const auto text = http::query_text(context, name);
  if (text.empty()) return std::string();
  const auto at = base::parse_rfc3339(text);
  if (!at) return base::fail(malformed(fmt::format("{} must be a time as RFC 3339 writes it", name)));
  return least_id(*at);
}

// Whose orders: operators see all, or one customer's; others their own.
base::Result<void> set_owner(const RequestContext& context, platform::Query& range) {
  const auto customer = http::query_text(context, "customer");
  const auto& caller = context.principal->user.text;
  const bool everything = http::is_operator(context);
  if (!everything && !customer.empty() && customer != caller) {
    return base::fail(ErrorCode::forbidden, "not_your_orders", "Only operators see the orders of others.");
  }
  range.index = everything && customer.empty() ? kAllIndex : kCustomerIndex;
  range.partition = customer.empty() ? (everything ? std::string(kAllOrders) : caller) : customer;
  return {};
}

base::Result<OrderQuery> read_query(const RequestContext& context) {
  OrderQuery query;
  const auto limit = http::page_limit(context, base::bounds::kListItemsMax);
  if (!limit) return base::fail(limit.error());
  query.limit = *limit;
  if (const auto owner = set_owner(context, query.range); !owner) return base::fail(owner.error());
  auto from = bound_of(context, "from");
  auto to = bound_of(context, "to");
  if (!from || !to) return base::fail(!from ? from.error() : to.error());
  query.range.from = std::move(*from);
  query.range.to = std::move(*to);
  if (const auto cursor = http::query_text(context, "cursor"); !cursor.empty()) {
    if (!platform::is_id(cursor, "ord")) return base::fail(malformed("cursor is not one of this list"));
    if (query.range.to.empty() || cursor < query.range.to) query.range.to = cursor;
  }
  const auto status = http::query_text(context, "status");
  query.status = parse_status(status);
  if (!status.empty() && !query.status) {
    return base::fail(malformed("status must be one of pending, processing, completed, failed, cancelled"));
  }
  query.range.descending = true;
  return query;
}

base::Result<void> take(const platform::Page& page, const OrderQuery& query, OrderPage& found) {
  for (std::size_t i = 0; i < page.records.size(); ++i) {
    const auto order = order_from(page.records[i]);
    if (!order) return base::fail(order.error());
    found.last = order->id.text;
    ++found.looked_at;
    if (query.status && order->status != *query.status) continue;
    found.items.push_back(order_json(*order));
    if (found.items.size() < query.limit) continue;
    found.more = i + 1 < page.records.size() || !page.next_cursor.empty();
    return {};
  }
  found.more = !page.next_cursor.empty();
  return {};
}

base::Task<base::Result<OrderPage>> read_page(platform::Store& store, OrderQuery query) {
  OrderPage found;
  do {
    auto range = query.range;
    if (!found.last.empty()) range.to = found.last;
    range.limit = query.status ? kOrdersReadAtOnce : query.limit - found.items.size();
    const auto page = co_await store.query(std::move(range));
    if (!page) co_return base::fail(page.error());
    if (const auto taken = take(*page, query, found); !taken) co_return base::fail(taken.error());
  } while (found.more && found.items.size() < query.limit && found.looked_at < kOrdersLookedAtMax);
  co_return found;
}

}  // namespace

Answer list_orders(Desk desk, const RequestContext& context) {
  auto query = read_query(context);
  if (!query) co_return base::fail(query.error());
  auto page = co_await read_page(desk.ports.store, std::move(*query));
  if (!page) co_return base::fail(page.error());
  co_return http::Reply{
      http::Response::json(200, http::page_json(std::move(page->items), page->more ? page->last : ""))};
}

}  // namespace ow::orders
