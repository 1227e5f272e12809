// What orders keep of a person: the contact of each. See orders.h.
#include "orders/contact.h"
#include "orders/order_events.h"
#include "orders/orders.h"

namespace ow::orders {
namespace {

using base::Json;

// A commit of this many erased contacts is far below its bound.
constexpr std::size_t kOrdersAtOnce = 50;

base::Task<base::Result<platform::Page>> page_of(platform::Store& store, base::UserId person, std::string cursor) {
  platform::Query query{std::string(kCustomerIndex), person.text};
  query.limit = kOrdersAtOnce;
  query.cursor = std::move(cursor);
  co_return co_await store.query(std::move(query));
}

base::Task<base::Result<Json>> exported(platform::Store& store, base::UserId person) {
  auto items = Json::array();
  std::string cursor;
  do {
    const auto page = co_await page_of(store, person, cursor);
    if (!page) co_return base::fail(page.error());
    for (const auto& record : page->records) {
      const auto order = order_from(record);
      if (!order) co_return base::fail(order.error());
      const auto email = co_await find_email(store, order->id);
      if (!email) co_return base::fail(email.error());
      auto json = agreed_json(*order);
      json.set("status", status_text(order->status));
      json.set("customerEmail", email->empty() ? Json() : Json(*email));
      items.push_back(std::move(json));
    }
    cursor = page->next_cursor;
  } while (!cursor.empty());
  co_return items;
}

base::Task<base::Result<void>> erase(platform::Store& store, base::UserId person) {
  std::string cursor;
  do {
    const auto page = co_await page_of(store, person, cursor);
    if (!page) co_return base::fail(page.error());
    platform::Commit commit;
    for (const auto& record : page->records) {
      const auto order = order_from(record);
      if (!order) co_return base::fail(order.error());
      commit.erase(contact_key(order->id));
    }
    if (!commit.empty()) {
      const auto outcome = co_await store.commit(std::move(commit));
      if (!outcome) co_return base::fail(outcome.error());
      if (!outcome->committed()) {
        co_return base::fail(base::ErrorCode::unavailable, "contended", "The store is busy; try again.");
      }
    }
    cursor = page->next_cursor;
  } while (!cursor.empty());
  co_return base::Result<void>{};
}

}  // namespace

base::Task<base::Result<CustomerOrders>> orders_of(platform::Store& store, base::UserId customer, std::string cursor) {
  const auto page = co_await page_of(store, std::move(customer), std::move(cursor));
  if (!page) co_return base::fail(page.error());
  CustomerOrders out;
  out.next_cursor = page->next_cursor;
  for (const auto& record : page->records) {
    auto order = order_from(record);
    if (!order) co_return base::fail(order.error());
    out.orders.push_back(std::move(order->id));
  }
  co_return out;
}

identity::PersonalData personal_data(platform::Store& store) {
  return {.name = "orders",
          .exported = [&store](base::UserId person) { return exported(store, std::move(person)); },
          .erase = [&store](base::UserId person) { return erase(store, std::move(person)); }};
}

}  // namespace ow::orders
