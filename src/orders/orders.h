// The orders feature: routes, the saga's tasks and its definition (place_order.asl.json). Loop thread.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "http/router.h"
#include "platform/clock.h"
#include "platform/event_log.h"
#include "platform/executor.h"
#include "platform/id_source.h"
#include "platform/payment_gateway.h"
#include "platform/store.h"
#include "platform/telemetry.h"
#include "workflow/workflows.h"

namespace ow::orders {

inline constexpr std::string_view kPlaceOrder = "place_order";

struct OrderPorts {
  platform::Store& store;
  platform::EventLog& event_log;
  platform::PaymentGateway& gateway;
  const platform::Clock& clock;
  platform::IdSource& ids;
  platform::Telemetry& telemetry;
};

/// The saga's tasks by resource name; handlers hold copies of the ports' references.
workflow::TaskRegistry tasks(OrderPorts ports);

/// The text of place_order.asl.json, compiled in.
std::string_view place_order_definition();

/// Products, orders, events of orders, obligations. `workflows` must outlive the routes.
http::Routes routes(OrderPorts ports, workflow::Workflows& workflows);

}  // namespace ow::orders
