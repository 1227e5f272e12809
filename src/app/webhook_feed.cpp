// See webhook_feed.h.
#include "app/webhook_feed.h"

#include "orders/order.h"
#include "orders/order_events.h"
#include "platform/id_source.h"

namespace ow::app {
namespace {

using notify::webhooks::Published;

base::Task<base::Result<Published>> publish(platform::Store& store, platform::Event event) {
  if (!platform::is_id(event.subject, "ord")) co_return Published{std::nullopt, orders::cloud_event(event, nullptr)};
  auto order = co_await orders::find_order(store, base::OrderId(event.subject));
  if (!order) co_return base::fail(std::move(order.error()));
  if (!*order) co_return Published{std::nullopt, orders::cloud_event(event, nullptr)};
  co_return Published{(*order)->customer, orders::cloud_event(event, &**order)};
}

}  // namespace

notify::webhooks::Publish webhook_feed(platform::Store& store) {
  return [&store](platform::Event event) { return publish(store, std::move(event)); };
}

}  // namespace ow::app
