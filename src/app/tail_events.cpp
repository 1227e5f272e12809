// See tail_events.h.
#include "app/tail_events.h"

#include "orders/orders.h"

namespace ow::app {
namespace {

base::Task<base::Result<std::vector<events::TailEvent>>> rendered(platform::Store& store,
                                                                  std::vector<platform::Event> found) {
  auto owned = co_await orders::owned_events(store, found);
  if (!owned) co_return base::fail(owned.error());
  std::vector<events::TailEvent> shown;
  shown.reserve(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    shown.push_back({std::move(found[i]), (*owned)[i].owner, base::to_text((*owned)[i].cloud_event)});
  }
  co_return shown;
}

}  // namespace

events::RenderEvents tail_events(platform::Store& store) {
  return [&store](std::vector<platform::Event> found) { return rendered(store, std::move(found)); };
}

}  // namespace ow::app
