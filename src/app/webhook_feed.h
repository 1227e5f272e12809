// How an event is shown to receivers of webhooks: the same CloudEvent that its owner reads over the API, and whose
// event it is. Loop thread.
#pragma once

#include "notify/webhooks/ports.h"
#include "platform/store.h"

namespace ow::app {

/// An order's event shows the order as it was after the change and belongs to the order's customer; any other event
/// is shown as stored and belongs to nobody, so only operators receive it. What an order's event shows was fixed when
/// the order was accepted and when the event was committed, so it is the same at every call.
notify::webhooks::Publish webhook_feed(platform::Store& store);

}  // namespace ow::app
