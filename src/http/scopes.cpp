// See scopes.h.
#include "http/scopes.h"

#include <algorithm>
#include <array>

namespace ow::http {

namespace {

constexpr std::array kScopes = {
    Scope{"events:ingest", "hand in events of the key's sources"},
    Scope{"events:read", "list and follow events, archives and replays"},
    Scope{"events:replay", "archive and replay events"},
    Scope{"executions:callback", "answer task tokens: success, failure, heartbeat"},
    Scope{"executions:operate", "stop, pause, resume and redrive executions, change definitions"},
    Scope{"executions:read", "list and show executions and definitions"},
    Scope{"metrics:read", "read /metrics"},
    Scope{"notifications:read", "list and show webhook endpoints, deliveries, topics, mail and receipts"},
    Scope{"notifications:write", "change webhook endpoints and topics, send again"},
    Scope{"obligations:operate", "retry and waive obligations"},
    Scope{"obligations:read", "list obligations"},
    Scope{"orders:read", "list and show all orders"},
    Scope{"orders:refund", "refund orders"},
    Scope{"orders:write", "place and cancel orders"},
    Scope{"products:read", "list and show products with their stock"},
    Scope{"products:write", "create and change products and stock"},
    Scope{"queues:operate", "pause, redrive, edit and purge queues"},
    Scope{"queues:read", "list queues and look into them"},
    Scope{"rules:read", "list and test rules"},
    Scope{"rules:write", "create, change and delete rules"},
};

}  // namespace

std::span<const Scope> all_scopes() { return kScopes; }

bool is_scope(std::string_view name) {
  return std::any_of(kScopes.begin(), kScopes.end(), [&](const Scope& scope) { return scope.name == name; });
}

}  // namespace ow::http
