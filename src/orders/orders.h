// The orders feature: routes, the sagas' tasks and their definitions (place_order.asl.json,
// refund_order.asl.json, return_lost_charge.asl.json). Loop thread.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "http/router.h"
#include "identity/persons.h"
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
inline constexpr std::string_view kRefundOrder = "refund_order";
inline constexpr std::string_view kReturnLostCharge = "return_lost_charge";

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

/// The texts of the .asl.json files, compiled in.
std::string_view place_order_definition();
std::string_view refund_order_definition();
std::string_view return_lost_charge_definition();

/// Registers the definitions. Error malformed when one of them is not valid for the tasks registered.
base::Result<void> define_workflows(workflow::Workflows& workflows);

/// An event as clients see it, and who of the shoppers may.
struct OwnedEvent {
  base::UserId owner;  // empty: operators only
  base::Json cloud_event;
};
/// For each event, in order.
base::Task<base::Result<std::vector<OwnedEvent>>> owned_events(platform::Store& store,
                                                               std::vector<platform::Event> events);

struct CustomerOrders {
  std::vector<base::OrderId> orders;
  std::string next_cursor;  // empty: no more
};
base::Task<base::Result<CustomerOrders>> orders_of(platform::Store& store, base::UserId customer, std::string cursor);

/// The contacts that a person's orders have, for the person's export and erasure. `store` must outlive it.
identity::PersonalData personal_data(platform::Store& store);

/// Orders, events of orders, obligations (products: inventory/routes.h). `workflows` must outlive the routes.
http::Routes routes(OrderPorts ports, workflow::Workflows& workflows);

}  // namespace ow::orders
