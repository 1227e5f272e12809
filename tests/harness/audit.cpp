// See audit.h.
#include "harness/audit.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/money.h"

namespace ow::tests {
namespace {

using base::Json;
using Findings = std::vector<Finding>;

std::int64_t minor_at(const Json& object, std::string_view name) {
  const auto* value = object.find(name);
  if (value == nullptr || !value->is_number()) return -1;
  const auto money = base::parse_money(value->as_number().text, {});
  return money ? money->minor : -1;
}

base::Instant instant_at(const Json& object, std::string_view name) {
  return base::parse_rfc3339(object.text_at(name)).value_or(base::Instant{});
}

const Json::Array& array_at(const Json& object, std::string_view name) {
  static const Json::Array none;
  const auto* value = object.find(name);
  return value != nullptr && value->is_array() ? value->as_array() : none;
}

/// All items of a list, page by page.
base::Task<std::optional<Json::Array>> read_all(Reader reader, std::string path) {
  Json::Array all;
  std::string cursor;
  do {
    const auto page = co_await reader.platform(path + (cursor.empty() ? "" : "&cursor=" + cursor));
    if (!page) co_return std::nullopt;
    for (const auto& item : array_at(*page, "items")) all.push_back(item);
    cursor = page->text_at("nextCursor");
  } while (!cursor.empty());
  co_return all;
}

OrderFacts order_facts(const Json& order) {
  OrderFacts facts;
  facts.status = order.text_at("status");
  facts.total_minor = minor_at(order, "total");
  facts.created = instant_at(order, "createdAt");
  facts.updated = instant_at(order, "updatedAt");
  for (const auto& line : array_at(order, "items")) {
    facts.quantities[line.text_at("productId")] += line.integer_at("quantity").value_or(0);
  }
  for (const auto& event : array_at(order, "events")) {
    facts.events.emplace_back(std::strtoull(event.text_at("sequence").c_str(), nullptr, 10), event.text_at("type"));
  }
  return facts;
}

base::Task<bool> read_orders(Reader reader, Books& books) {
  const auto orders = co_await read_all(reader, "/api/orders?limit=50");
  if (!orders) co_return false;
  for (const auto& listed : *orders) {
    const auto id = listed.text_at("orderId");
    const auto order = co_await reader.platform("/api/orders/" + id);
    if (!order) co_return false;
    books.orders[id] = order_facts(*order);
  }
  co_return true;
}

base::Task<bool> read_gateway(Reader reader, Books& books) {
  std::string after;
  while (true) {
    const auto page = co_await reader.gateway("/ledger?limit=500&after=" + after);
    if (!page) co_return false;
    for (const auto& entry : array_at(*page, "items")) {
      auto& account = books.accounts[entry.text_at("orderId")];
      const auto kind = entry.text_at("kind");
      if (kind == "charge") {
        ++account.charges;
        account.charged_minor += minor_at(entry, "amount");
      } else if (kind == "refund") {
        account.refunded_minor += minor_at(entry, "amount");
      }
    }
    after = page->text_at("nextCursor");
    if (after.empty()) co_return true;
  }
}

base::Task<bool> read_stock(Reader reader, Books& books) {
  const auto products = co_await read_all(reader, "/api/products?limit=50");
  if (!products) co_return false;
  for (const auto& product : *products) {
    books.stock[product.text_at("productId")] = {product.integer_at("available").value_or(-1),
                                                 product.integer_at("held").value_or(-1),
                                                 product.integer_at("sold").value_or(-1)};
  }
  co_return true;
}

base::Task<bool> read_receipts(Reader reader, Books& books) {
  const auto receipts = co_await read_all(reader, "/api/receipts?limit=50");
  if (!receipts) co_return false;
  for (const auto& one : *receipts)
    books.receipts.push_back({one.text_at("number"), one.text_at("kind"), one.text_at("orderId")});
  co_return true;
}

base::Task<bool> read_rest(Reader reader, Books& books) {
  const auto owed = co_await read_all(reader, "/api/obligations?limit=50");
  const auto queues = co_await reader.platform("/api/queues");
  if (!owed || !queues) co_return false;
  for (const auto& one : *owed) books.owed.insert(one.text_at("orderId"));
  for (const auto& queue : array_at(*queues, "items")) {
    books.queued[queue.text_at("name")] = queue.integer_at("ready").value_or(0) +
                                          queue.integer_at("inFlight").value_or(0) +
                                          queue.integer_at("delayed").value_or(0);
  }
  co_return true;
}

void check_nothing_lost(const Books& books, const std::deque<Attempt>& attempts, Findings& out) {
  for (const auto& attempt : attempts) {
    if (attempt.order_id.empty() || books.orders.contains(attempt.order_id)) continue;
    out.push_back({"nothing_lost", attempt.order_id + " was acknowledged and is gone"});
  }
}

void check_nothing_doubled(const Books& books, const std::deque<Attempt>& attempts, Findings& out) {
  std::set<std::string> acknowledged;
  bool all_answered = true;
  for (const auto& attempt : attempts) {
    all_answered = all_answered && !attempt.answer.empty();
    if (attempt.order_id.empty() || acknowledged.insert(attempt.order_id).second) continue;
    out.push_back({"nothing_doubled", attempt.order_id + " answers two keys"});
  }
  if (!all_answered) return;  // an unanswered key may well have made an order
  for (const auto& [id, order] : books.orders) {
    if (!acknowledged.contains(id))
      out.push_back({"nothing_doubled", id + " exists though no key was answered with it"});
  }
}

void check_money(const Books& books, Findings& out) {
  for (const auto& [id, account] : books.accounts) {
    if (account.charges > 1) out.push_back({"money", fmt::format("{} was charged {} times", id, account.charges)});
    const auto order = books.orders.find(id);
    const bool completed = order != books.orders.end() && order->second.status == "completed";
    const std::int64_t due = completed ? order->second.total_minor : 0;
    if (account.charged_minor - account.refunded_minor == due || books.owed.contains(id)) continue;
    out.push_back({"money", fmt::format("{}: charged {}, refunded {}, due {}", id, account.charged_minor,
                                        account.refunded_minor, due)});
  }
  for (const auto& [id, order] : books.orders) {
    const auto account = books.accounts.find(id);
    const bool paid = account != books.accounts.end() && account->second.charges > 0;
    if (order.status == "completed" && !paid) out.push_back({"money", id + " completed without a charge"});
  }
}

void check_stock(const Books& books, const Supply& supply, Findings& out) {
  std::map<std::string, std::int64_t> sold;
  for (const auto& [id, order] : books.orders) {
    if (order.status != "completed") continue;
    for (const auto& [product, quantity] : order.quantities) sold[product] += quantity;
  }
  for (const auto& [product, units] : supply) {
    const auto found = books.stock.find(product);
    if (found == books.stock.end()) {
      out.push_back({"stock", product + " is gone"});
      continue;
    }
    const auto& stock = found->second;
    if (stock.available + stock.held + stock.sold != units) {
      out.push_back({"stock", fmt::format("{}: {} available + {} held + {} sold is not {}", product, stock.available,
                                          stock.held, stock.sold, units)});
    }
    if (stock.held != 0)
      out.push_back({"stock", fmt::format("{} units of {} are held by nobody", stock.held, product)});
    if (stock.sold != sold[product]) {
      out.push_back(
          {"stock", fmt::format("{}: {} sold by the ledger, {} by the orders", product, stock.sold, sold[product])});
    }
  }
}

void check_events(const Books& books, Findings& out) {
  for (const auto& [id, order] : books.orders) {
    std::uint64_t expected = 1;
    for (const auto& [sequence, type] : order.events) {
      if (sequence != expected++)
        out.push_back({"events", fmt::format("{}: event {} where {} was due", id, sequence, expected - 1)});
    }
    const auto count = [&events = order.events](std::string_view type) {
      return std::ranges::count_if(events, [type](const auto& one) { return one.second == type; });
    };
    if (count("order.created") != 1 || order.events.front().second != "order.created") {
      out.push_back({"events", id + " does not begin with one order.created"});
    }
    const auto ends = count("order.completed") + count("order.failed") + count("order.cancelled");
    if (ends != 1 || count("order." + order.status) != 1) {
      out.push_back({"events", fmt::format("{} is {} and has {} final events", id, order.status, ends)});
    }
  }
}

// Numbers without gap or double, one for each completed order and for no other.
void check_receipts(const Books& books, Findings& out) {
  std::set<std::string> orders;
  auto number = books.receipts.size();
  for (const auto& receipt : books.receipts) {
    const auto wanted = fmt::format("R-{:08}", number--);
    if (receipt.number != wanted)
      out.push_back({"receipts", fmt::format("{} stands where {} belongs", receipt.number, wanted)});
    if (receipt.kind != "receipt") continue;
    if (!orders.insert(receipt.order).second) out.push_back({"receipts", receipt.order + " has two receipts"});
    const auto order = books.orders.find(receipt.order);
    if (order == books.orders.end() || order->second.status != "completed")
      out.push_back({"receipts", receipt.order + " has a receipt but is not completed"});
  }
  for (const auto& [id, order] : books.orders) {
    if (order.status == "completed" && !orders.contains(id)) out.push_back({"receipts", id + " has no receipt"});
  }
}

void check_terminal(const Books& books, Findings& out) {
  for (const auto& [id, order] : books.orders) {
    const bool ended = order.status == "completed" || order.status == "failed" || order.status == "cancelled";
    if (!ended && !books.owed.contains(id))
      out.push_back({"terminal", fmt::format("{} is still {}", id, order.status)});
  }
  for (const auto& [queue, messages] : books.queued) {
    if (messages != 0 && queue != kMailDeadLetters)
      out.push_back({"terminal", fmt::format("{} messages are left in {}", messages, queue)});
  }
}

}  // namespace

std::size_t Books::completed() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(orders, [](const auto& one) { return one.second.status == "completed"; }));
}

bool is_queued(const Books& books) {
  return std::ranges::any_of(books.queued,
                             [](const auto& one) { return one.second != 0 && one.first != kMailDeadLetters; });
}

base::Task<std::optional<Supply>> read_supply(Reader reader) {
  Books books;
  if (!co_await read_stock(reader, books)) co_return std::nullopt;
  Supply supply;
  for (const auto& [product, stock] : books.stock) supply[product] = stock.available + stock.held + stock.sold;
  co_return supply;
}

base::Task<std::optional<Books>> read_books(Reader reader) {
  Books books;
  if (!co_await read_orders(reader, books)) co_return std::nullopt;
  if (!co_await read_gateway(reader, books)) co_return std::nullopt;
  if (!co_await read_stock(reader, books)) co_return std::nullopt;
  if (!co_await read_receipts(reader, books)) co_return std::nullopt;
  if (!co_await read_rest(reader, books)) co_return std::nullopt;
  co_return books;
}

base::Task<std::optional<bool>> all_terminal(Reader reader) {
  for (const char* status : {"pending", "processing"}) {
    const auto page = co_await reader.platform(fmt::format("/api/orders?limit=1&status={}", status));
    if (!page) co_return std::nullopt;
    if (!array_at(*page, "items").empty()) co_return false;
  }
  co_return true;
}

std::vector<Finding> audit(const Books& books, const std::deque<Attempt>& attempts, const Supply& supply) {
  Findings out;
  check_nothing_lost(books, attempts, out);
  check_nothing_doubled(books, attempts, out);
  check_money(books, out);
  check_stock(books, supply, out);
  check_events(books, out);
  check_receipts(books, out);
  check_terminal(books, out);
  return out;
}

std::size_t count_inside_saga(const Books& books, const std::vector<base::Instant>& instants) {
  return static_cast<std::size_t>(std::ranges::count_if(instants, [&books](base::Instant at) {
    return std::ranges::any_of(books.orders,
                               [at](const auto& one) { return one.second.created < at && at < one.second.updated; });
  }));
}

}  // namespace ow::tests
