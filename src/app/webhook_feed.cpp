// See webhook_feed.h.
#include "app/webhook_feed.h"

#include "orders/orders.h"

namespace ow::app {
namespace {

using notify::webhooks::Published;

base::Task<base::Result<Published>> publish(platform::Store& store, platform::Event event) {
  std::vector<platform::Event> one;
  one.push_back(std::move(event));
  auto owned = co_await orders::owned_events(store, std::move(one));
  if (!owned) co_return base::fail(std::move(owned.error()));
  auto& [owner, cloud_event] = owned->front();
  co_return Published{owner.empty() ? std::nullopt : std::optional(std::move(owner)), std::move(cloud_event)};
}

}  // namespace

notify::webhooks::Publish webhook_feed(platform::Store& store) {
  return [&store](platform::Event event) { return publish(store, std::move(event)); };
}

}  // namespace ow::app
