// See mail_context.h.
#include "notify/mail/mail_context.h"

#include <array>

#include "notify/mail/templates.h"

namespace ow::notify {
namespace {

using base::Json;

constexpr std::size_t kDateLength = 10;

std::string_view reason_words(std::string_view slug) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kWords = {
      {{"out_of_stock", "an item was no longer in stock"},
       {"payment_declined", "the payment was declined"},
       {"hold_expired", "the payment took too long"},
       {"payment_unknown", "the payment could not be confirmed"}}};
  for (const auto& [reason, words] : kWords) {
    if (reason == slug) return words;
  }
  return "of a problem on our side";
}

Json retailer_json(const Retailer& retailer) {
  Json::Array address;
  for (const auto& line : retailer.address) address.emplace_back(line);
  return Json::object({{"name", retailer.name}, {"address", std::move(address)}});
}

Json item_json(const OrderLineFacts& line) {
  return Json::object({{"name", line.name},
                       {"productId", line.product},
                       {"quantity", line.quantity},
                       {"price", base::to_decimal(line.price)},
                       {"amount", base::to_decimal(line.price * line.quantity)}});
}

}  // namespace

Json order_context(const OrderFacts& order, const RefundFacts* refund, const Retailer& retailer) {
  Json::Array items;
  for (const auto& line : order.lines) items.push_back(item_json(line));
  return Json::object({{"orderId", order.id.text},
                       {"orderDate", base::to_rfc3339(order.created).substr(0, kDateLength)},
                       {"items", std::move(items)},
                       {"total", base::to_decimal(order.total)},
                       {"currency", order.total.currency.text()},
                       {"reason", reason_words(order.reason)},
                       {"reasonCode", order.reason},
                       {"refundAmount", refund == nullptr ? std::string() : base::to_decimal(refund->amount)},
                       {"retailer", retailer_json(retailer)}});
}

Json notice_context(std::string_view topic, std::string_view subject, std::string_view message,
                    const Retailer& retailer) {
  return Json::object(
      {{"topic", topic}, {"subject", subject}, {"message", message}, {"retailer", retailer_json(retailer)}});
}

Json sample_context(std::string_view name, const Retailer& retailer) {
  if (name == "notice")
    return notice_context("operator-notices", "A \"sample\" <notice>", "First line\nSecond line & <b>more</b>",
                          retailer);
  OrderFacts order;
  order.id.text = "ord_00000000000000000000000000";
  order.created = {1'795'000'000'000'000};
  order.lines = {{"mug", "Mug \"Crème\" <large> & co", 2, {990, {}}}, {"tea", "Чай, 茶", 1, {450, {}}}};
  order.total = {2430, {}};
  order.reason = "out_of_stock";
  const RefundFacts refund{"ref_sample", {990, {}}, {{"mug", 1}}};
  return order_context(order, &refund, retailer);
}

}  // namespace ow::notify
