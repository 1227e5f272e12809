// What followers of the event log see, put together from the rooms that know. Loop thread.
#pragma once

#include "events/tail.h"
#include "platform/store.h"

namespace ow::app {

/// `store` must outlive the function.
events::RenderEvents tail_events(platform::Store& store);

}  // namespace ow::app
