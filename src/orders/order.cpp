// See order.h.
#include "orders/order.h"

#include <array>

namespace ow::orders {
namespace {

constexpr std::array<std::string_view, 5> kStatusTexts = {"pending", "processing", "completed", "failed", "cancelled"};
constexpr std::array<std::string_view, 4> kRefundTexts = {"pending", "refunded", "owed", "waived"};

}  // namespace

std::string_view status_text(Status status) { return kStatusTexts[static_cast<std::size_t>(status)]; }

std::optional<Status> parse_status(std::string_view text) {
  for (std::size_t i = 0; i < kStatusTexts.size(); ++i) {
    if (kStatusTexts[i] == text) return static_cast<Status>(i);
  }
  return std::nullopt;
}

std::string_view refund_text(Refund::State state) { return kRefundTexts[static_cast<std::size_t>(state)]; }

bool is_final(Status status) { return status != Status::pending && status != Status::processing; }

std::vector<Status> next_statuses(Status status) {
  if (status == Status::pending) return {Status::processing, Status::failed, Status::cancelled};
  if (status == Status::processing) return {Status::completed, Status::failed, Status::cancelled};
  return {};
}

std::vector<inventory::StockLine> stock_lines(const Order& order) {
  std::vector<inventory::StockLine> lines;
  for (const auto& line : order.lines) lines.push_back({line.product, line.quantity});
  return inventory::merge_lines(std::move(lines));
}

base::Money refunded_total(const Order& order) {
  base::Money total{0, order.total.currency};
  for (const auto& refund : order.refunds) {
    if (refund.state != Refund::State::waived) total = total + refund.amount;
  }
  return total;
}

std::int64_t refunded_units(const Order& order, const base::ProductId& product) {
  std::int64_t units = 0;
  for (const auto& refund : order.refunds) {
    if (refund.state == Refund::State::waived) continue;
    for (const auto& line : refund.lines) units += line.product == product ? line.quantity : 0;
  }
  return units;
}

platform::Key order_key(const base::OrderId& order) { return {"order#" + order.text, "order"}; }

base::Task<base::Result<std::optional<Order>>> find_order(platform::Store& store, base::OrderId id) {
  const auto record = co_await platform::get_one(store, order_key(id));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::nullopt;
  auto order = order_from(**record);
  if (!order) co_return base::fail(order.error());
  co_return std::optional<Order>(std::move(*order));
}

platform::Commit put_order(Order order, base::Instant now) {
  order.updated = now;
  platform::Commit commit;
  commit.put(order_record(order), platform::Expect::at(order.version));
  return commit;
}

}  // namespace ow::orders
