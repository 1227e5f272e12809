// See stock.h.
#include "inventory/stock.h"

#include <algorithm>

#include "base/json.h"

namespace ow::inventory {
namespace {

constexpr auto kAvailable = "available";
constexpr auto kHeld = "held";
constexpr auto kSold = "sold";

platform::Commit move_lines(const std::vector<StockLine>& lines, const char* from, const char* to) {
  platform::Commit commit;
  for (const auto& line : lines) commit.move(stock_key(line.product), from, to, line.quantity);
  return commit;
}

platform::Record hold_record(const Hold& hold) {
  base::Json::Array lines;
  for (const auto& line : hold.lines) lines.push_back(base::Json::array({line.product.text, line.quantity}));
  platform::Record record;
  record.key = hold_key(hold.order);
  record.kind = "hold";
  record.value = base::to_text(
      base::Json::object({{"lines", std::move(lines)}, {"since", hold.since.us}, {"until", hold.until.us}}));
  return record;
}

std::optional<std::vector<StockLine>> lines_from(const base::Json* lines) {
  if (lines == nullptr || !lines->is_array()) return std::nullopt;
  std::vector<StockLine> read;
  for (const auto& line : lines->as_array()) {
    if (!line.is_array() || line.as_array().size() != 2) return std::nullopt;
    const auto& [product, quantity] = std::tie(line.as_array()[0], line.as_array()[1]);
    if (!product.is_string() || !quantity.is_number()) return std::nullopt;
    const auto units = quantity.as_number().integer();
    if (!units) return std::nullopt;
    read.push_back({base::ProductId(product.as_string()), *units});
  }
  return read;
}

base::Result<Hold> hold_from(base::OrderId order, const platform::Record& record) {
  auto json = base::parse_json(record.value);
  auto lines = json ? lines_from(json->find("lines")) : std::nullopt;
  const auto since = json ? json->integer_at("since") : std::nullopt;
  const auto until = json ? json->integer_at("until") : std::nullopt;
  if (record.schema != 1 || !lines || !since || !until) {
    return base::fail(base::ErrorCode::internal, "hold_unreadable",
                      "The hold of order " + order.text + " cannot be read.");
  }
  return Hold{std::move(order), std::move(*lines), {*since}, {*until}, record.version};
}

}  // namespace

std::vector<StockLine> merge_lines(std::vector<StockLine> lines) {
  std::sort(lines.begin(), lines.end(),
            [](const StockLine& left, const StockLine& right) { return left.product < right.product; });
  std::vector<StockLine> merged;
  for (auto& line : lines) {
    if (!merged.empty() && merged.back().product == line.product) {
      merged.back().quantity += line.quantity;
    } else {
      merged.push_back(std::move(line));
    }
  }
  return merged;
}

platform::Key stock_key(const base::ProductId& product) { return {"product#" + product.text, "stock"}; }

platform::Key hold_key(const base::OrderId& order) { return {"order#" + order.text, "hold"}; }

platform::Commit supply(const base::ProductId& product, std::int64_t units) {
  platform::Commit commit;
  if (units > 0) commit.move(stock_key(product), "", kAvailable, units);
  if (units < 0) commit.move(stock_key(product), kAvailable, "", -units);
  return commit;
}

platform::Commit hold(const Hold& hold) {
  auto commit = move_lines(hold.lines, kAvailable, kHeld);
  commit.put(hold_record(hold), platform::Expect::absent());
  return commit;
}

platform::Commit release(const Hold& hold) {
  auto commit = move_lines(hold.lines, kHeld, kAvailable);
  commit.erase(hold_key(hold.order), platform::Expect::at(hold.version));
  return commit;
}

platform::Commit sell(const Hold& hold) {
  auto commit = move_lines(hold.lines, kHeld, kSold);
  commit.erase(hold_key(hold.order), platform::Expect::at(hold.version));
  return commit;
}

platform::Commit restock(const std::vector<StockLine>& lines) { return move_lines(lines, kSold, kAvailable); }

base::Task<base::Result<std::optional<StockLine>>> find_shortage(platform::Store& store, std::vector<StockLine> lines) {
  std::vector<base::ProductId> products;
  for (const auto& line : lines) products.push_back(line.product);
  const auto levels = co_await find_levels(store, std::move(products));
  if (!levels) co_return base::fail(levels.error());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if ((*levels)[i].available < lines[i].quantity) co_return lines[i];
  }
  co_return std::nullopt;
}

base::Task<base::Result<std::optional<Hold>>> find_hold(platform::Store& store, base::OrderId order) {
  const auto record = co_await platform::get_one(store, hold_key(order));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::nullopt;
  auto hold = hold_from(std::move(order), **record);
  if (!hold) co_return base::fail(hold.error());
  co_return std::optional<Hold>(std::move(*hold));
}

base::Task<base::Result<std::vector<StockLevel>>> find_levels(platform::Store& store,
                                                              std::vector<base::ProductId> products) {
  std::vector<platform::Key> keys;
  for (const auto& product : products) keys.push_back(stock_key(product));
  const auto counters = co_await store.counters(std::move(keys));
  if (!counters) co_return base::fail(counters.error());
  std::vector<StockLevel> levels;
  for (const auto& counter : *counters) {
    const auto field = [&](const char* name) {
      if (!counter) return std::int64_t{0};
      const auto found = counter->find(name);
      return found == counter->end() ? std::int64_t{0} : found->second;
    };
    levels.push_back({field(kAvailable), field(kHeld), field(kSold)});
  }
  co_return levels;
}

}  // namespace ow::inventory
