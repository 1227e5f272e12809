// The body of a request that makes or changes an endpoint. Loop thread.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "notify/webhooks/endpoint.h"

namespace ow::notify::webhooks {

/// Lays the members that are there over the endpoint. Error unprocessable with a violation for each member at fault.
/// Where the URL leads is not looked at.
base::Result<void> take_members(const base::Json& body, Endpoint& endpoint);

/// JSON Schemas of the bodies.
base::Json new_endpoint_schema();
base::Json changed_endpoint_schema();
/// Of an endpoint in answers.
base::Json endpoint_schema();

}  // namespace ow::notify::webhooks
