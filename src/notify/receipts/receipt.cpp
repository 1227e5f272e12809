// See receipt.h.
#include "notify/receipts/receipt.h"

#include <fmt/format.h>

#include <algorithm>

namespace ow::notify {
namespace {

constexpr std::size_t kDateLength = 10;
constexpr int kWhole = 10'000;  // a tax rate of 100 %

Receipt frame_of(const OrderFacts& order, const Retailer& retailer, base::Instant now) {
  Receipt receipt;
  receipt.order = order.id;
  receipt.customer = order.customer;
  receipt.ordered = order.created;
  receipt.issued = now;
  receipt.retailer = retailer;
  return receipt;
}

std::string date_of(base::Instant at) { return base::to_rfc3339(at).substr(0, kDateLength); }

/// 2100 -> "21", 550 -> "5.5".
std::string percent_text(int rate) {
  auto text = fmt::format("{}.{:02}", rate / 100, rate % 100);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string name_of(const OrderFacts& order, const std::string& product) {
  const auto line =
      std::find_if(order.lines.begin(), order.lines.end(), [&](const auto& one) { return one.product == product; });
  return line == order.lines.end() ? product : line->name;
}

base::Money price_of(const OrderFacts& order, const std::string& product) {
  const auto line =
      std::find_if(order.lines.begin(), order.lines.end(), [&](const auto& one) { return one.product == product; });
  return line == order.lines.end() ? base::Money{0, order.total.currency} : line->price;
}

}  // namespace

std::string number_text(const std::string& series, std::uint64_t number) {
  return fmt::format("{}-{:08}", series, number);
}

std::optional<base::Money> contained_tax(const Receipt& receipt) {
  const auto rate = receipt.retailer.tax_rate;
  if (rate <= 0) return std::nullopt;
  const std::int64_t divisor = kWhole + rate;
  return base::Money{(receipt.total.minor * rate * 2 + divisor) / (2 * divisor), receipt.total.currency};
}

Receipt receipt_of(const OrderFacts& order, const Retailer& retailer, base::Instant now) {
  auto receipt = frame_of(order, retailer, now);
  receipt.part = Receipt::kReceiptPart;
  receipt.lines = order.lines;
  receipt.total = order.total;
  return receipt;
}

Receipt credit_note_of(const OrderFacts& order, const RefundFacts& refund, const Retailer& retailer,
                       base::Instant now) {
  auto note = frame_of(order, retailer, now);
  note.part = refund.id;
  note.total = refund.amount;
  auto rest = refund.amount;
  for (const auto& [product, units] : refund.lines) {
    note.lines.push_back({product, name_of(order, product), units, price_of(order, product)});
    rest = rest - note.lines.back().price * units;
  }
  // Money that no line explains, as when one price stood on two lines.
  if (rest.minor != 0) note.lines.push_back({"", "Refund", 1, rest});
  return note;
}

platform::Document document_of(const Receipt& receipt) {
  const auto number = number_text(receipt.series, receipt.number);
  platform::Document document;
  document.title = fmt::format("{} {}", receipt.is_credit_note() ? "Credit note" : "Receipt", number);
  document.sender = {receipt.retailer.name};
  document.sender.insert(document.sender.end(), receipt.retailer.address.begin(), receipt.retailer.address.end());
  document.facts = {{"Number", number}, {"Date", date_of(receipt.issued)}};
  if (receipt.is_credit_note())
    document.facts.emplace_back("For receipt", number_text(receipt.series, receipt.credits));
  document.facts.emplace_back("Order", receipt.order.text);
  document.facts.emplace_back("Order date", date_of(receipt.ordered));
  document.columns = {{"Item", 9}, {"Quantity", 2, true}, {"Price", 3, true}, {"Amount", 3, true}};
  for (const auto& line : receipt.lines) {
    document.rows.push_back({line.name, std::to_string(line.quantity), base::to_decimal(line.price),
                             base::to_decimal(line.price * line.quantity)});
  }
  if (const auto tax = contained_tax(receipt)) {
    document.totals.emplace_back(
        fmt::format("{} {} % in the total", receipt.retailer.tax_name, percent_text(receipt.retailer.tax_rate)),
        base::to_decimal(*tax));
  }
  document.totals.emplace_back(fmt::format("Total {}", receipt.total.currency.text()), base::to_decimal(receipt.total));
  if (receipt.is_credit_note()) document.notes.emplace_back("This amount was given back by the way it was paid.");
  document.made = receipt.issued;
  return document;
}

std::string blob_name(const Receipt& receipt) {
  return fmt::format("receipts/{}/{}.pdf", receipt.sha256.substr(0, 2), receipt.sha256);
}

}  // namespace ow::notify
