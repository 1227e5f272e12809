// See route_scopes.h.
#include "app/route_scopes.h"

#include <array>
#include <string_view>

#include "base/assert.h"
#include "http/scopes.h"

namespace ow::app {
namespace {

struct Area {
  std::string_view prefix;
  std::string_view reads;
  std::string_view writes;
};

// The first that fits counts.
constexpr std::array kAreas = {
    Area{"/metrics", "metrics:read", ""},
    Area{"/api/queue", "queues:read", "queues:operate"},  // queues and what is done to them
    Area{"/api/rules/test", "rules:read", "rules:read"},
    Area{"/api/rules", "rules:read", "rules:write"},
    Area{"/api/archives", "events:read", "events:replay"},
    Area{"/api/replays", "events:read", "events:replay"},
    Area{"/api/callbacks", "", "executions:callback"},
    Area{"/api/executions", "executions:read", "executions:operate"},
    Area{"/api/workflow", "executions:read", "executions:operate"},  // control, definitions
    Area{"/api/webhooks", "notifications:read", "notifications:write"},
    Area{"/api/topics", "notifications:read", "notifications:write"},
    Area{"/api/mail", "notifications:read", "notifications:write"},
    Area{"/api/receipts", "notifications:read", "notifications:write"},
};

std::string_view scope_of(const http::Route& route) {
  for (const auto& area : kAreas) {
    if (!route.pattern.starts_with(area.prefix)) continue;
    return route.method == "GET" ? area.reads : area.writes;
  }
  return {};
}

}  // namespace

void give_scopes(http::Routes& routes) {
  for (auto& route : routes) {
    const bool for_people = route.access == http::Access::admins || route.access == http::Access::open;
    if (route.scope.empty() && !for_people) route.scope = scope_of(route);
    OW_ASSERT(route.scope.empty() || http::is_scope(route.scope), "a route's scope is one of the list");
  }
}

}  // namespace ow::app
