// What the handlers of /api/webhooks share: who may see an endpoint, pages, answers. Loop thread.
#pragma once

#include <string>

#include "http/router.h"
#include "notify/webhooks/chores.h"
#include "notify/webhooks/registry.h"
#include "notify/webhooks/sender.h"

namespace ow::notify::webhooks {

using Answer = base::Task<base::Result<http::Reply>>;

struct Desk {
  WebhookPorts ports;
  Registry& registry;
  Sender& sender;
  Chores& chores;
};

http::Reply page_reply(base::Json::Array items, const std::string& next_cursor);
http::Reply json_reply(int status, const base::Json& json);

/// The endpoint of the route, fresh from the store: the caller's own, or anyone's for an operator. Error not_found.
base::Task<base::Result<Endpoint>> endpoint_of(const Desk& desk, const http::RequestContext& context);

/// What an operator did to an endpoint is an event; what its own customer did is not.
void tell(const Desk& desk, const http::RequestContext& context, platform::Commit& commit, const std::string& type,
          const Endpoint& endpoint, base::Json details = base::Json::object());

// Endpoints (endpoint_routes.cpp).
Answer create_endpoint(const Desk& desk, const http::RequestContext& context);
Answer list_endpoints(const Desk& desk, const http::RequestContext& context);
Answer show_endpoint(const Desk& desk, const http::RequestContext& context);
Answer change_endpoint(const Desk& desk, const http::RequestContext& context);
Answer delete_endpoint(const Desk& desk, const http::RequestContext& context);
Answer rotate_secret(const Desk& desk, const http::RequestContext& context);
Answer pause_endpoint(const Desk& desk, const http::RequestContext& context);
Answer resume_endpoint(const Desk& desk, const http::RequestContext& context);
Answer ping_endpoint(const Desk& desk, const http::RequestContext& context);

// Deliveries (delivery_routes.cpp).
Answer list_deliveries(const Desk& desk, const http::RequestContext& context);
Answer show_delivery(const Desk& desk, const http::RequestContext& context);
Answer list_attempts(const Desk& desk, const http::RequestContext& context);
Answer resend_delivery(const Desk& desk, const http::RequestContext& context);
Answer recover_deliveries(const Desk& desk, const http::RequestContext& context);
Answer replay_events(const Desk& desk, const http::RequestContext& context);
Answer poll_events(const Desk& desk, const http::RequestContext& context);

http::Routes routes(Desk desk);

}  // namespace ow::notify::webhooks
