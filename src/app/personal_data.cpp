// See personal_data.h. What is erased, in this order: suppressed addresses while the addresses are still known, the
// contacts of the orders, and then their mails, of which without a contact none comes up anew. Receipts stay.
#include "app/personal_data.h"

#include <functional>
#include <set>

#include "orders/contact.h"
#include "orders/orders.h"

namespace ow::app {
namespace {

using base::Json;
using base::Result;
using base::Task;
using Visit = std::function<Task<Result<void>>(base::OrderId order)>;

Task<Result<void>> each_order(platform::Store& store, base::UserId person, Visit visit) {
  std::string cursor;
  do {
    auto page = co_await orders::orders_of(store, person, cursor);
    if (!page) co_return base::fail(page.error());
    for (auto& order : page->orders) {
      auto visited = co_await visit(std::move(order));
      if (!visited) co_return visited;
    }
    cursor = page->next_cursor;
  } while (!cursor.empty());
  co_return Result<void>();
}

using Addresses = std::set<std::string>;

Task<Result<void>> add_address(platform::Store& store, base::OrderId order, Addresses& addresses) {
  auto email = co_await orders::find_email(store, std::move(order));
  if (!email) co_return base::fail(email.error());
  if (!email->empty()) addresses.insert(std::move(*email));
  co_return Result<void>();
}

/// The person's own and those of their orders.
Task<Result<std::vector<std::string>>> addresses_of(platform::Store& store, base::UserId person) {
  Addresses addresses;
  const auto known = co_await identity::find_person(store, person);
  if (!known) co_return base::fail(known.error());
  if (*known && !(*known)->email.empty()) addresses.insert((*known)->email);
  const auto add = [&store, &addresses](base::OrderId order) {
    return add_address(store, std::move(order), addresses);
  };
  const auto all = co_await each_order(store, std::move(person), add);
  if (!all) co_return base::fail(all.error());
  co_return std::vector<std::string>(addresses.begin(), addresses.end());
}

void append_items(Json& all, const Json& some) {
  for (const auto& one : some.as_array()) all.push_back(one);
}

struct OrderTraces {
  Json mails = Json::array();
  Json receipts = Json::array();
};

Task<Result<void>> add_traces(notify::Office& office, base::OrderId order, OrderTraces& traces) {
  const auto mails = co_await notify::mails_of(office.traces(), order);
  if (!mails) co_return base::fail(mails.error());
  append_items(traces.mails, *mails);
  const auto receipts = co_await notify::receipts_of(office.traces().store, order);
  if (!receipts) co_return base::fail(receipts.error());
  append_items(traces.receipts, *receipts);
  co_return Result<void>();
}

Task<Result<Json>> export_notifications(platform::Store& store, notify::Office& office, base::UserId person) {
  OrderTraces traces;
  const auto add = [&office, &traces](base::OrderId order) { return add_traces(office, std::move(order), traces); };
  const auto added = co_await each_order(store, person, add);
  if (!added) co_return base::fail(added.error());
  auto addresses = co_await addresses_of(store, std::move(person));
  if (!addresses) co_return base::fail(addresses.error());
  auto suppressed = co_await notify::suppressions_of(store, std::move(*addresses));
  if (!suppressed) co_return base::fail(suppressed.error());
  co_return Json::object({{"mails", std::move(traces.mails)},
                          {"receipts", std::move(traces.receipts)},
                          {"suppressedAddresses", std::move(*suppressed)}});
}

Task<Result<void>> erase_addresses(platform::Store& store, base::UserId person) {
  auto addresses = co_await addresses_of(store, std::move(person));
  if (!addresses) co_return base::fail(addresses.error());
  co_return co_await notify::erase_suppressions(store, std::move(*addresses));
}

using Erase = std::function<Task<Result<void>>(base::UserId person)>;

Task<Result<void>> erase_orders(platform::Store& store, notify::Office& office, Erase erase_contacts,
                                base::UserId person) {
  auto erased = co_await erase_contacts(person);
  if (!erased) co_return erased;
  const auto erase = [&office](base::OrderId order) { return notify::erase_mails(office.traces(), std::move(order)); };
  co_return co_await each_order(store, std::move(person), erase);
}

}  // namespace

std::vector<identity::PersonalData> personal_data(platform::Store& store, notify::Office& office) {
  const auto exported = [&store, &office](base::UserId person) {
    return export_notifications(store, office, std::move(person));
  };
  const auto erase = [&store](base::UserId person) { return erase_addresses(store, std::move(person)); };
  auto orders = orders::personal_data(store);
  orders.erase = [&store, &office, contacts = orders.erase](base::UserId person) {
    return erase_orders(store, office, contacts, std::move(person));
  };
  return {{"notifications", exported, erase}, std::move(orders)};
}

}  // namespace ow::app
