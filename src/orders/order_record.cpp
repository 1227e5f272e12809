// The stored form of an order, kind "order", schema 1: `{"c": customer, "t": created us, "u": updated us,
// "cur": currency, "sum": total minor, "l": [[product, name, quantity, price minor]], "s": status, "p":
// payment, "why": reason, "tok": payment token, "x": [by, at us], "r": [refunds]}`; members that say nothing
// are absent. Short names, since the record is written at each change of state.
#include "base/json_text.h"
#include "orders/order.h"

namespace ow::orders {
namespace {

using base::Json;
using base::JsonText;

// What a line and the rest of an order take beside the texts of their members.
constexpr std::size_t kLineBytes = 48;
constexpr std::size_t kOrderBytes = 256;

std::size_t expected_bytes(const Order& order) {
  std::size_t bytes = kOrderBytes + order.customer.text.size() + order.reason.size() + order.payment_token.size();
  for (const auto& line : order.lines) bytes += kLineBytes + line.product.text.size() + line.name.size();
  return bytes;
}

void write_lines(JsonText& out, const std::vector<OrderLine>& lines) {
  out.begin_array();
  for (const auto& line : lines) {
    out.begin_array()
        .value(line.product.text)
        .value(line.name)
        .value(line.quantity)
        .value(line.price.minor)
        .end_array();
  }
  out.end_array();
}

void write_refund(JsonText& out, const Refund& refund) {
  out.begin_object().member("id", refund.id).member("s", static_cast<std::int64_t>(refund.state));
  out.member("sum", refund.amount.minor).name("l").begin_array();
  for (const auto& line : refund.lines) out.begin_array().value(line.product.text).value(line.quantity).end_array();
  out.end_array()
      .member("stock", refund.restock)
      .member("by", refund.by.text)
      .member("why", refund.reason)
      .end_object();
}

std::string stored_text(const Order& order) {
  JsonText out(expected_bytes(order));
  out.begin_object().member("c", order.customer.text).member("t", order.created.us).member("u", order.updated.us);
  out.member("cur", order.total.currency.text()).member("sum", order.total.minor).name("l");
  write_lines(out, order.lines);
  out.member("s", static_cast<std::int64_t>(order.status));
  if (order.payment != Payment::none) out.member("p", static_cast<std::int64_t>(order.payment));
  if (!order.reason.empty()) out.member("why", order.reason);
  if (!order.payment_token.empty()) out.member("tok", order.payment_token);
  if (order.cancel) out.name("x").begin_array().value(order.cancel->by.text).value(order.cancel->at.us).end_array();
  if (!order.refunds.empty()) {
    out.name("r").begin_array();
    for (const auto& refund : order.refunds) write_refund(out, refund);
    out.end_array();
  }
  return out.end_object().take();
}

// Reads the stored form; the first member that is not as written makes the whole unreadable.
class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {}

  bool good() const { return good_; }
  std::string text(const char* name) { return std::string(required(json_.string_at(name))); }
  std::int64_t integer(const char* name) { return required(json_.integer_at(name)); }
  std::string optional_text(const char* name) const { return json_.text_at(name); }

  /// A value of an enumeration that counts from 0, which an absent member means.
  template <typename Choice>
  Choice choice(const char* name, Choice last) {
    const auto number = json_.integer_at(name).value_or(0);
    good_ = good_ && number >= 0 && number <= static_cast<std::int64_t>(last);
    return good_ ? static_cast<Choice>(number) : Choice{};
  }

  /// The rows of an array of arrays of `columns` values, or none when the member is absent.
  template <typename Row>
  std::vector<Row> rows(const char* name, std::size_t columns,
                        Row (*read)(Reader& reader, const Json::Array& row, const base::Currency& currency),
                        const base::Currency& currency) {
    std::vector<Row> out;
    const Json* member = json_.find(name);
    if (member == nullptr) return out;
    good_ = good_ && member->is_array();
    if (!good_) return out;
    for (const auto& row : member->as_array()) {
      good_ = good_ && row.is_array() && row.as_array().size() == columns;
      if (!good_) return out;
      out.push_back(read(*this, row.as_array(), currency));
    }
    return out;
  }

  std::string cell_text(const Json& cell) {
    good_ = good_ && cell.is_string();
    return good_ ? cell.as_string() : std::string();
  }
  std::int64_t cell_integer(const Json& cell) {
    return required(cell.is_number() ? cell.as_number().integer() : std::nullopt);
  }
  void doubt(bool ok) { good_ = good_ && ok; }

 private:
  template <typename T>
  T required(std::optional<T> value) {
    good_ = good_ && value.has_value();
    return value.value_or(T{});
  }

  const Json& json_;
  bool good_ = true;
};

OrderLine read_line(Reader& reader, const Json::Array& row, const base::Currency& currency) {
  return {base::ProductId(reader.cell_text(row[0])),
          reader.cell_text(row[1]),
          reader.cell_integer(row[2]),
          {reader.cell_integer(row[3]), currency}};
}

inventory::StockLine read_stock_line(Reader& reader, const Json::Array& row, const base::Currency&) {
  return {base::ProductId(reader.cell_text(row[0])), reader.cell_integer(row[1])};
}

Refund read_refund(Reader& outer, const Json& json, const base::Currency& currency) {
  Reader reader(json);
  Refund refund;
  refund.id = reader.text("id");
  refund.state = reader.choice("s", Refund::State::waived);
  refund.amount = {reader.integer("sum"), currency};
  refund.lines = reader.rows("l", 2, read_stock_line, currency);
  refund.restock = json.bool_at("stock").value_or(false);
  refund.by.text = reader.text("by");
  refund.reason = reader.optional_text("why");
  outer.doubt(reader.good());
  return refund;
}

void read_state(Reader& reader, const Json& json, Order& order) {
  order.status = reader.choice("s", Status::cancelled);
  order.payment = reader.choice("p", Payment::owed);
  order.reason = reader.optional_text("why");
  order.payment_token = reader.optional_text("tok");
  if (const Json* cancel = json.find("x"); cancel != nullptr && cancel->is_array()) {
    reader.doubt(cancel->as_array().size() == 2);
    if (!reader.good()) return;
    order.cancel = CancelRequest{base::UserId(reader.cell_text(cancel->as_array()[0])),
                                 {reader.cell_integer(cancel->as_array()[1])}};
  }
  if (const Json* refunds = json.find("r"); refunds != nullptr && refunds->is_array()) {
    for (const auto& refund : refunds->as_array()) {
      order.refunds.push_back(read_refund(reader, refund, order.total.currency));
    }
  }
}

}  // namespace

platform::Record order_record(const Order& order) {
  platform::Record record;
  record.key = order_key(order.id);
  record.kind = "order";
  record.value = stored_text(order);
  record.indexes = {{std::string(kCustomerIndex), order.customer.text, order.id.text},
                    {std::string(kAllIndex), std::string(kAllOrders), order.id.text}};
  return record;
}

base::Result<Order> order_from(const platform::Record& record) {
  const auto defect = [&] {
    return base::fail(base::ErrorCode::internal, "order_unreadable",
                      "The record " + record.key.partition + " cannot be read.");
  };
  const auto json = base::parse_json(record.value);
  if (!json || record.kind != "order" || record.schema != 1) return defect();
  Reader reader(*json);
  const auto currency = base::parse_currency(reader.text("cur"));
  if (!currency) return defect();
  Order order;
  order.id.text = record.key.partition.substr(std::string_view("order#").size());
  order.customer.text = reader.text("c");
  order.created = {reader.integer("t")};
  order.updated = {reader.integer("u")};
  order.total = {reader.integer("sum"), *currency};
  order.lines = reader.rows("l", 4, read_line, *currency);
  read_state(reader, *json, order);
  order.version = record.version;
  if (!reader.good()) return defect();
  return order;
}

}  // namespace ow::orders
