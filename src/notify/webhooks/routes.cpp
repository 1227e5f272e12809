// The table of /api/webhooks. See desk.h.
#include <memory>

#include "http/schema_text.h"
#include "notify/webhooks/bounds.h"
#include "notify/webhooks/desk.h"
#include "notify/webhooks/endpoint_request.h"

namespace ow::notify::webhooks {
namespace {

using base::Json;
using http::Access;
using http::list_of;
using http::Parameter;
using http::RequestContext;
using http::typed;

using Handle = Answer (*)(const Desk& desk, const RequestContext& context);

Json rotation_schema() {
  auto overlap = Json::object({{"type", "integer"},
                               {"minimum", 0},
                               {"maximum", std::int64_t{std::chrono::seconds(kRotationOverlapMax).count()}},
                               {"description", "How long the secret before still signs, too; default a day"}});
  return Json::object({{"type", "object"},
                       {"additionalProperties", false},
                       {"properties", Json::object({{"overlapSeconds", std::move(overlap)}})}});
}

Json since_schema() {
  return Json::object(
      {{"type", "object"},
       {"additionalProperties", false},
       {"required", Json::array({"since"})},
       {"properties", Json::object({{"since", Json::object({{"type", "string"}, {"format", "date-time"}})},
                                    {"dryRun", Json::object({{"type", "boolean"}, {"description", "Only count"}})}})}});
}

Json count_schema() {
  return Json::object({{"type", "object"},
                       {"properties", Json::object({{"deliveries", typed("integer")},
                                                    {"complete", typed("boolean")},
                                                    {"dryRun", typed("boolean")}})}});
}

const Parameter kLimit{"limit", "Items a page, at most 50", typed("integer")};
const Parameter kCursor{"cursor", "nextCursor of the page before", typed("string")};

class Table {
 public:
  explicit Table(Desk desk) : desk_(std::make_shared<const Desk>(std::move(desk))) {}

  http::Route& add(std::string method, const std::string& below, std::string summary, Handle handle) {
    std::string scope = method == "GET" ? "notifications:read" : "notifications:write";
    http::Route route{std::move(method), "/api/webhooks" + below, Access::signed_in, std::move(summary),
                      [desk = desk_, handle](const RequestContext& context) { return handle(*desk, context); }};
    route.scope = std::move(scope);
    routes_.push_back(std::move(route));
    return routes_.back();
  }
  http::Routes take() { return std::move(routes_); }

 private:
  std::shared_ptr<const Desk> desk_;
  http::Routes routes_;
};

void add_endpoints(Table& table) {
  auto& made = table.add("POST", "", "Makes a webhook; its secret is shown here and never again", create_endpoint);
  made.body_schema = new_endpoint_schema();
  made.answers = {{201, endpoint_schema()}};
  auto& list = table.add("GET", "", "Webhooks, newest first: one's own; operators all", list_endpoints);
  list.query = {kLimit, kCursor};
  list.answers = {{200, list_of(endpoint_schema())}};
  table.add("GET", "/{id}", "One webhook with its health", show_endpoint).answers = {{200, endpoint_schema()}};
  auto& changed = table.add("PATCH", "/{id}", "Changes a webhook", change_endpoint);
  changed.body_schema = changed_endpoint_schema();
  changed.answers = {{200, endpoint_schema()}};
  table.add("DELETE", "/{id}", "Deletes a webhook and what waits for it", delete_endpoint).answers = {
      {200, typed("object")}};
  auto& rotated = table.add("POST", "/{id}/rotate-secret", "Gives a new secret; the one before signs on for a while",
                            rotate_secret);
  rotated.body_schema = rotation_schema();
  rotated.answers = {{200, typed("object")}};
  table.add("POST", "/{id}/pause", "Lets events wait", pause_endpoint).answers = {{200, endpoint_schema()}};
  table.add("POST", "/{id}/resume", "Delivers again after a pause or after it was disabled", resume_endpoint)
      .answers = {{200, endpoint_schema()}};
  table.add("POST", "/{id}/ping", "Sends a webhook.ping now and says what came of it", ping_endpoint).answers = {
      {200, typed("object")}};
}

void add_deliveries(Table& table) {
  auto& deliveries = table.add("GET", "/{id}/deliveries", "Deliveries of a webhook, newest first", list_deliveries);
  auto state = Json::object({{"type", "string"}, {"enum", Json::array({"waiting", "delivered", "failed"})}});
  deliveries.query = {kLimit, kCursor, {"state", "Only deliveries of this state", std::move(state)}};
  deliveries.answers = {{200, list_of(typed("object"))}};
  table.add("GET", "/{id}/deliveries/{event}", "One delivery with its body and attempts", show_delivery).answers = {
      {200, typed("object")}};
  auto& attempts = table.add("GET", "/{id}/attempts", "Attempts of a webhook, newest first", list_attempts);
  attempts.query = {kLimit,
                    kCursor,
                    {"event", "Only attempts to deliver this event", typed("string")},
                    {"status", "Only attempts answered so: a status, delivered or failed", typed("string")},
                    {"from", "Made at or after this time (RFC 3339)", typed("string")},
                    {"to", "Made before this time (RFC 3339)", typed("string")}};
  attempts.answers = {{200, list_of(typed("object"))}};
  table.add("POST", "/{id}/deliveries/{event}/resend", "Delivers an event once more", resend_delivery).answers = {
      {202, typed("object")}};
  auto& recover =
      table.add("POST", "/{id}/recover", "Delivers again what failed for good since a time", recover_deliveries);
  recover.body_schema = since_schema();
  recover.answers = {{202, count_schema()}, {200, count_schema()}};
  auto& replay =
      table.add("POST", "/{id}/replay", "Delivers events since a time that it was never sent", replay_events);
  replay.body_schema = since_schema();
  replay.answers = {{202, count_schema()}, {200, count_schema()}};
  auto& poll =
      table.add("GET", "/{id}/poll", "Events that the webhook receives, oldest first, to fill gaps", poll_events);
  poll.query = {kLimit, {"cursor", "nextCursor of the call before; none: from the webhook's making", typed("string")}};
  poll.answers = {{200, list_of(typed("object"))}};
}

}  // namespace

http::Routes routes(Desk desk) {
  Table table(std::move(desk));
  add_endpoints(table);
  add_deliveries(table);
  return table.take();
}

}  // namespace ow::notify::webhooks
