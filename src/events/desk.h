// Where requests about rules are taken: the handlers behind the routes. Each reads, decides and returns its answer
// with the Commit that makes it true. Loop thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "events/events.h"

namespace ow::events {

using Answer = base::Task<base::Result<http::Reply>>;

Answer list_rules(Desk desk, const http::RequestContext& context);
Answer show_rule(Desk desk, const http::RequestContext& context);
Answer create_rule(Desk desk, const http::RequestContext& context);
Answer replace_rule(Desk desk, const http::RequestContext& context);
Answer enable_rule(Desk desk, const http::RequestContext& context);
Answer disable_rule(Desk desk, const http::RequestContext& context);
Answer delete_rule(Desk desk, const http::RequestContext& context);
Answer test_pattern(Desk desk, const http::RequestContext& context);
Answer test_rule(Desk desk, const http::RequestContext& context);

Answer list_replays(Desk desk, const http::RequestContext& context);
Answer show_replay(Desk desk, const http::RequestContext& context);
Answer start_replay(Desk desk, const http::RequestContext& context);
Answer cancel_replay(Desk desk, const http::RequestContext& context);

/// Schemas for OpenAPI and for bodies.
base::Json rule_schema();
base::Json rule_body_schema();
base::Json replay_schema();
base::Json replay_body_schema();
base::Json free_object();

}  // namespace ow::events
