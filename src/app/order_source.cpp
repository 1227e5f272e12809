// See order_source.h.
#include "app/order_source.h"

#include "orders/contact.h"
#include "orders/order.h"

namespace ow::app {
namespace {

notify::RefundFacts facts_of(const orders::Refund& refund) {
  notify::RefundFacts facts{refund.id, refund.amount, {}};
  for (const auto& line : refund.lines) facts.lines.emplace_back(line.product.text, line.quantity);
  return facts;
}

notify::OrderFacts facts_of(const orders::Order& order) {
  notify::OrderFacts facts;
  facts.id = order.id;
  facts.customer = order.customer;
  for (const auto& line : order.lines) facts.lines.push_back({line.product.text, line.name, line.quantity, line.price});
  facts.total = order.total;
  facts.created = order.created;
  facts.completed = order.status == orders::Status::completed;
  facts.reason = order.reason;
  for (const auto& refund : order.refunds) {
    if (refund.state == orders::Refund::State::refunded) facts.refunds.push_back(facts_of(refund));
  }
  return facts;
}

}  // namespace

base::Task<base::Result<std::optional<notify::OrderFacts>>> OrderSource::find(base::OrderId order) {
  const auto found = co_await orders::find_order(store_, std::move(order));
  if (!found) co_return base::fail(found.error());
  if (!*found) co_return std::optional<notify::OrderFacts>();
  co_return facts_of(**found);
}

base::Task<base::Result<std::string>> OrderSource::email(base::OrderId order) {
  return orders::find_email(store_, std::move(order));
}

}  // namespace ow::app
