// The stored forms. Kind "receipt", schema 1: `{"ser", "n", "of", "o": order, "c": customer, "ot": ordered us, "t": issued
// us, "cur", "sum": minor, "l": [[product, name, quantity, price minor]], "r": retailer's name, "ra": [address lines], "tr":
// tax rate, "tn": tax name, "sha": PDF's SHA-256}`. Kind "receipt-series", schema 1: `{"last"}`. Kind "receipt-life", schema 1: `{"since"}`. All are kept as long
// as the law asks for receipts: for ever, here. A customer is named by id only.
#include <fmt/format.h>

#include "base/json.h"
#include "notify/receipts/receipt.h"

namespace ow::notify {
namespace {

using base::Json;

constexpr std::string_view kReceiptPartition = "receipt#";
constexpr std::size_t kReceiptColumns = 4;
constexpr auto kReceiptIndex = "receipts";

Json to_json(const Receipt& receipt) {
  Json::Array lines;
  for (const auto& line : receipt.lines)
    lines.push_back(Json::array({line.product, line.name, line.quantity, line.price.minor}));
  Json::Array address;
  for (const auto& line : receipt.retailer.address) address.emplace_back(line);
  auto json = Json::object({{"ser", receipt.series},
                            {"n", receipt.number},
                            {"o", receipt.order.text},
                            {"c", receipt.customer.text},
                            {"ot", receipt.ordered.us},
                            {"t", receipt.issued.us},
                            {"cur", receipt.total.currency.text()},
                            {"sum", receipt.total.minor},
                            {"l", std::move(lines)},
                            {"r", receipt.retailer.name},
                            {"ra", std::move(address)},
                            {"tr", receipt.retailer.tax_rate},
                            {"tn", receipt.retailer.tax_name}});
  if (receipt.credits != 0) json.set("of", receipt.credits);
  if (!receipt.sha256.empty()) json.set("sha", receipt.sha256);
  return json;
}

bool take_lines(const Json& json, Receipt& receipt) {
  const Json* lines = json.find("l");
  if (lines == nullptr || !lines->is_array()) return false;
  for (const auto& row : lines->as_array()) {
    if (!row.is_array() || row.as_array().size() != kReceiptColumns) return false;
    const auto& cells = row.as_array();
    if (!cells[0].is_string() || !cells[1].is_string() || !cells[2].is_number() || !cells[3].is_number()) return false;
    receipt.lines.push_back({cells[0].as_string(),
                             cells[1].as_string(),
                             cells[2].as_number().integer().value_or(0),
                             {cells[3].as_number().integer().value_or(0), receipt.total.currency}});
  }
  return true;
}

Retailer retailer_in(const Json& json) {
  Retailer retailer{std::string(json.string_at("r").value_or("")),
                    {},
                    static_cast<int>(json.integer_at("tr").value_or(0)),
                    std::string(json.string_at("tn").value_or(""))};
  if (const Json* address = json.find("ra"); address != nullptr && address->is_array()) {
    for (const auto& line : address->as_array()) retailer.address.push_back(line.is_string() ? line.as_string() : "");
  }
  return retailer;
}

platform::Key series_key(const std::string& name) { return {"receipt-series#" + name, "head"}; }

platform::Key life_key() { return {"receipt-life", "head"}; }

/// Since which restore numbers are given out; empty: the store was never restored.
struct Life {
  std::string since;
  platform::Version version = 0;
};

/// "20270131T235959".
std::string compact(base::Instant at) {
  constexpr std::size_t kToSeconds = 19;
  auto text = base::to_rfc3339(at).substr(0, kToSeconds);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

base::Task<base::Result<Life>> find_life(platform::Store& store) {
  const auto record = co_await platform::get_one(store, life_key());
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return Life{};
  const auto json = base::parse_json((*record)->value);
  const auto since = json ? json->string_at("since") : std::nullopt;
  if (!since || (*record)->schema != 1)
    co_return base::fail(base::ErrorCode::internal, "receipt_life_unreadable",
                         "The record of restored receipt series cannot be read.");
  co_return Life{std::string(*since), (*record)->version};
}

}  // namespace

platform::Key receipt_key(const base::OrderId& order, const std::string& part) {
  return {std::string(kReceiptPartition) + order.text, part};
}

platform::Commit put_receipt(const Receipt& receipt) {
  platform::Record record;
  record.key = receipt_key(receipt.order, receipt.part);
  record.kind = "receipt";
  record.value = base::to_text(to_json(receipt));
  record.indexes = {{kReceiptIndex, receipt.series, fmt::format("{:020}", receipt.number)}};
  platform::Commit commit;
  commit.put(std::move(record), platform::Expect::at(receipt.version));
  return commit;
}

base::Result<Receipt> receipt_from(const platform::Record& record) {
  const auto defect = [&] {
    return base::fail(base::ErrorCode::internal, "receipt_unreadable",
                      "The record " + record.key.partition + " cannot be read.");
  };
  const auto json = base::parse_json(record.value);
  if (!json || record.kind != "receipt" || record.schema != 1) return defect();
  const auto text = [&](const char* name) { return std::string(json->string_at(name).value_or("")); };
  const auto number = [&](const char* name) { return json->integer_at(name).value_or(0); };
  const auto currency = base::parse_currency(text("cur"));
  if (!currency || number("n") < 1) return defect();
  Receipt receipt;
  receipt.part = record.key.sort;
  receipt.series = text("ser");
  receipt.number = static_cast<std::uint64_t>(number("n"));
  receipt.credits = static_cast<std::uint64_t>(number("of"));
  receipt.order.text = text("o");
  receipt.customer.text = text("c");
  receipt.ordered = {number("ot")};
  receipt.issued = {number("t")};
  receipt.total = {number("sum"), *currency};
  receipt.retailer = retailer_in(*json);
  receipt.sha256 = text("sha");
  receipt.version = record.version;
  if (!take_lines(*json, receipt)) return defect();
  return receipt;
}

base::Task<base::Result<std::optional<Receipt>>> find_receipt(platform::Store& store, base::OrderId order,
                                                              std::string part) {
  const auto record = co_await platform::get_one(store, receipt_key(order, part));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::optional<Receipt>();
  auto receipt = receipt_from(**record);
  if (!receipt) co_return base::fail(receipt.error());
  co_return std::optional(std::move(*receipt));
}

base::Task<base::Result<ReceiptPage>> list_receipts(platform::Store& store, std::string series, std::size_t limit,
                                                    std::string cursor) {
  platform::Query query{kReceiptIndex, std::move(series)};
  query.descending = true;
  query.limit = limit;
  query.cursor = std::move(cursor);
  const auto page = co_await store.query(std::move(query));
  if (!page) co_return base::fail(page.error());
  ReceiptPage out;
  out.next_cursor = page->next_cursor;
  for (const auto& record : page->records) {
    auto receipt = receipt_from(record);
    if (!receipt) co_return base::fail(receipt.error());
    out.receipts.push_back(std::move(*receipt));
  }
  co_return out;
}

base::Task<base::Result<std::string>> series_in_force(platform::Store& store, std::string configured) {
  const auto life = co_await find_life(store);
  if (!life) co_return base::fail(life.error());
  co_return life->since.empty() ? configured : fmt::format("{}.{}", configured, life->since);
}

base::Task<base::Result<platform::Commit>> begin_receipt_life(platform::Store& store, base::Instant restored) {
  const auto life = co_await find_life(store);
  if (!life) co_return base::fail(life.error());
  platform::Record record{
      .key = life_key(), .kind = "receipt-life", .value = base::to_text(Json::object({{"since", compact(restored)}}))};
  platform::Commit commit;
  commit.put(std::move(record), platform::Expect::at(life->version));
  co_return commit;
}

base::Task<base::Result<Series>> find_series(platform::Store& store, std::string name) {
  const auto record = co_await platform::get_one(store, series_key(name));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return Series{name};
  const auto json = base::parse_json((*record)->value);
  const auto last = json ? json->integer_at("last") : std::nullopt;
  if (!last || (*record)->schema != 1)
    co_return base::fail(base::ErrorCode::internal, "series_unreadable", "The series " + name + " cannot be read.");
  co_return Series{name, static_cast<std::uint64_t>(*last), (*record)->version};
}

platform::Commit put_series(const Series& series) {
  platform::Record record;
  record.key = series_key(series.name);
  record.kind = "receipt-series";
  record.value = base::to_text(Json::object({{"last", series.last}}));
  platform::Commit commit;
  commit.put(std::move(record), platform::Expect::at(series.version));
  return commit;
}

}  // namespace ow::notify
