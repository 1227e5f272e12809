// The OpenAPI document of the composed program: every route with its method, parameters and access, and answers
// that are what the document says.
#include <gmock/gmock.h>

#include "app/binary.h"
#include "app/composed_world.h"
#include "http/body_schema.h"

namespace ow::tests {
namespace {

using base::Json;
using testing::ElementsAreArray;
using testing::IsEmpty;

struct Promised {
  std::string method;
  std::string pattern;
  std::string access;  // open, link (its signature is the right), signed_in, operators, loopback
  std::string query;   // names, separated by commas
};

// Routes of those who are told.
std::vector<Promised> notify_routes() {
  return {
      {"GET", "/api/orders/{id}/receipt", "signed_in", ""},
      {"GET", "/receipts/{order}/{part}", "link", "expires,signature"},
      {"GET", "/api/receipts", "operators", "series,limit,cursor"},
      {"GET", "/api/mails", "operators", "status,order,limit,cursor"},
      {"GET", "/api/mails/{id}", "operators", ""},
      {"POST", "/api/mails/{id}/resend", "operators", ""},
      {"GET", "/api/mail/suppressions", "operators", "address,limit,cursor"},
      {"POST", "/api/mail/suppressions", "operators", ""},
      {"DELETE", "/api/mail/suppressions/{id}", "operators", ""},
      {"GET", "/api/mail/templates", "operators", ""},
      {"GET", "/api/mail/templates/{name}", "operators", "version"},
      {"POST", "/api/mail/templates/{name}/versions", "operators", ""},
      {"POST", "/api/mail/templates/{name}/preview", "operators", ""},
      {"POST", "/api/mail/templates/{name}/activate", "operators", ""},
      {"POST", "/api/mail/templates/{name}/roll-back", "operators", ""},
      {"GET", "/api/topics", "operators", "limit,cursor"},
      {"POST", "/api/topics", "operators", ""},
      {"GET", "/api/topics/{name}", "operators", ""},
      {"DELETE", "/api/topics/{name}", "operators", ""},
      {"POST", "/api/topics/{name}/subscriptions", "operators", ""},
      {"DELETE", "/api/topics/{name}/subscriptions/{id}", "operators", ""},
      {"POST", "/api/topics/{name}/publish", "operators", ""},
      {"POST", "/api/webhooks", "signed_in", ""},
      {"GET", "/api/webhooks", "signed_in", "limit,cursor"},
      {"GET", "/api/webhooks/{id}", "signed_in", ""},
      {"PATCH", "/api/webhooks/{id}", "signed_in", ""},
      {"DELETE", "/api/webhooks/{id}", "signed_in", ""},
      {"POST", "/api/webhooks/{id}/rotate-secret", "signed_in", ""},
      {"POST", "/api/webhooks/{id}/pause", "signed_in", ""},
      {"POST", "/api/webhooks/{id}/resume", "signed_in", ""},
      {"POST", "/api/webhooks/{id}/ping", "signed_in", ""},
      {"GET", "/api/webhooks/{id}/deliveries", "signed_in", "limit,cursor,state"},
      {"GET", "/api/webhooks/{id}/deliveries/{event}", "signed_in", ""},
      {"GET", "/api/webhooks/{id}/attempts", "signed_in", "limit,cursor,event,status,from,to"},
      {"POST", "/api/webhooks/{id}/deliveries/{event}/resend", "signed_in", ""},
      {"POST", "/api/webhooks/{id}/recover", "signed_in", ""},
      {"POST", "/api/webhooks/{id}/replay", "signed_in", ""},
      {"GET", "/api/webhooks/{id}/poll", "signed_in", "limit,cursor"},
  };
}

// Queues, replays, rules.
std::vector<Promised> operator_routes() {
  return {
      {"GET", "/api/queues", "operators", ""},
      {"GET", "/api/queues/{name}", "operators", ""},
      {"GET", "/api/queues/{name}/messages", "operators",
       "group,text,error,minReceives,maxReceives,olderThanSeconds,youngerThanSeconds,id,limit,cursor"},
      {"GET", "/api/queues/{name}/messages/{id}", "operators", ""},
      {"POST", "/api/queues/{name}/messages/{id}/delete", "operators", ""},
      {"POST", "/api/queues/{name}/redrive", "operators", ""},
      {"POST", "/api/queues/{name}/purge", "operators", ""},
      {"POST", "/api/queues/{name}/pause", "operators", ""},
      {"POST", "/api/queues/{name}/resume", "operators", ""},
      {"GET", "/api/queue-operations", "operators", "limit,cursor"},
      {"GET", "/api/queue-operations/{id}", "operators", ""},
      {"GET", "/api/queue-operations/{id}/results", "operators", "cursor"},
      {"POST", "/api/queue-operations/{id}/stop", "operators", ""},
      {"GET", "/api/replays", "operators", "limit,cursor"},
      {"POST", "/api/replays", "operators", ""},
      {"GET", "/api/replays/{id}", "operators", ""},
      {"POST", "/api/replays/{id}/cancel", "operators", ""},
      {"GET", "/api/rules", "operators", "limit,cursor"},
      {"POST", "/api/rules", "operators", ""},
      {"POST", "/api/rules/test", "operators", ""},
      {"GET", "/api/rules/{id}", "operators", ""},
      {"PUT", "/api/rules/{id}", "operators", ""},
      {"DELETE", "/api/rules/{id}", "operators", ""},
      {"POST", "/api/rules/{id}/enable", "operators", ""},
      {"POST", "/api/rules/{id}/disable", "operators", ""},
      {"POST", "/api/rules/{id}/test", "operators", ""},
  };
}

// All others of the contract.
std::vector<Promised> shop_routes() {
  return {
      {"GET", "/.well-known/jwks.json", "open", ""},
      {"GET", "/.well-known/openid-configuration", "open", ""},
      {"GET", "/api/api-keys", "operators", "limit,cursor"},
      {"POST", "/api/api-keys", "operators", ""},
      {"GET", "/api/api-keys/{id}", "operators", ""},
      {"POST", "/api/api-keys/{id}/revoke", "operators", ""},
      {"POST", "/api/api-keys/{id}/rotate", "operators", ""},
      {"GET", "/api/event-sources", "operators", "cursor"},
      {"POST", "/api/event-sources", "operators", ""},
      {"DELETE", "/api/event-sources/{id}", "operators", ""},
      {"POST", "/api/event-sources/{id}/rotate", "operators", ""},
      {"POST", "/webhooks/ingest", "open", ""},
      {"GET", "/api/events", "signed_in", "limit,after,before"},
      {"GET", "/api/events/stream", "signed_in", "after,type,subject,pattern"},
      {"GET", "/api/obligations", "operators", "limit,cursor,status"},
      {"GET", "/api/obligations/totals", "operators", "days"},
      {"POST", "/api/obligations/{id}/retry", "operators", ""},
      {"POST", "/api/obligations/{id}/waive", "operators", ""},
      {"GET", "/api/orders", "signed_in", "limit,cursor,status,from,to,customer"},
      {"POST", "/api/orders", "signed_in", ""},
      {"GET", "/api/orders/{id}", "signed_in", ""},
      {"POST", "/api/orders/{id}/cancel", "signed_in", ""},
      {"POST", "/api/orders/{id}/refund", "operators", ""},
      {"GET", "/api/products", "open", "limit,cursor"},
      {"POST", "/api/products", "operators", ""},
      {"GET", "/api/products/{id}", "open", ""},
      {"PATCH", "/api/products/{id}", "operators", ""},
      {"POST", "/api/callbacks/success", "operators", ""},
      {"POST", "/api/callbacks/failure", "operators", ""},
      {"POST", "/api/callbacks/heartbeat", "operators", ""},
      {"GET", "/api/executions", "operators", "limit,cursor,status,definition,error,stuckSeconds"},
      {"POST", "/api/executions", "operators", ""},
      {"POST", "/api/executions/bulk", "operators", ""},
      {"GET", "/api/executions/{id}", "operators", ""},
      {"GET", "/api/executions/{id}/history", "operators", "from,limit"},
      {"POST", "/api/executions/{id}/stop", "operators", ""},
      {"POST", "/api/executions/{id}/pause", "operators", ""},
      {"POST", "/api/executions/{id}/resume", "operators", ""},
      {"POST", "/api/executions/{id}/redrive", "operators", ""},
      {"GET", "/api/workflow-control", "operators", ""},
      {"POST", "/api/workflow-control/pause", "operators", ""},
      {"POST", "/api/workflow-control/resume", "operators", ""},
      {"GET", "/api/workflows", "operators", ""},
      {"GET", "/api/workflows/{id}", "operators", ""},
      {"GET", "/api/workflows/{id}/text", "operators", "version"},
      {"POST", "/api/workflows/{id}/versions", "operators", ""},
      {"POST", "/api/workflows/{id}/route", "operators", ""},
      {"POST", "/api/workflows/{id}/roll-back", "operators", ""},
      {"POST", "/api/workflows/{id}/pause", "operators", ""},
      {"POST", "/api/workflows/{id}/resume", "operators", ""},
      {"POST", "/api/auth/sign-in", "open", ""},
      {"GET", "/health", "open", ""},
      {"GET", "/metrics", "loopback", ""},
      {"GET", "/openapi.json", "open", ""},
  };
}

// Routes of the issuer and of persons.
std::vector<Promised> people_routes() {
  return {
      {"POST", "/api/auth/sign-up", "open", ""},
      {"POST", "/api/auth/refresh", "open", ""},
      {"POST", "/api/auth/sign-out", "open", ""},
      {"POST", "/api/auth/change-password", "signed_in", ""},
      {"GET", "/api/persons/{id}", "signed_in", ""},
      {"PUT", "/api/persons/{id}", "signed_in", ""},
      {"GET", "/api/persons/{id}/export", "signed_in", ""},
      {"POST", "/api/persons/{id}/erase", "signed_in", ""},
      {"GET", "/api/signing-keys", "operators", ""},
      {"POST", "/api/signing-keys/rotate", "operators", ""},
      {"GET", "/api/users", "operators", "cursor"},
      {"POST", "/api/users", "operators", ""},
      {"POST", "/api/users/{id}/disable", "operators", ""},
      {"POST", "/api/users/{id}/enable", "operators", ""},
      {"POST", "/api/users/{id}/roles", "operators", ""},
      {"POST", "/api/users/{id}/sign-out", "operators", ""},
  };
}

// Snapshots, restores, exports, and the gate before background work.
std::vector<Promised> backup_routes() {
  return {
      {"GET", "/api/snapshots", "operators", ""},
      {"POST", "/api/snapshots", "operators", ""},
      {"GET", "/api/snapshots/{id}", "operators", ""},
      {"POST", "/api/snapshots/{id}/verify", "operators", ""},
      {"GET", "/api/restores", "operators", "limit,cursor"},
      {"GET", "/api/restores/{id}", "operators", "limit,cursor"},
      {"GET", "/api/export", "operators", "cursor,limit,personal"},
      {"GET", "/api/background", "operators", ""},
      {"POST", "/api/background/pause", "operators", ""},
      {"POST", "/api/background/resume", "operators", ""},
  };
}

const std::vector<Promised>& promised() {
  static const std::vector<Promised> routes = [] {
    auto all = shop_routes();
    for (auto more : {notify_routes(), operator_routes(), people_routes(), backup_routes()})
      all.insert(all.end(), more.begin(), more.end());
    return all;
  }();
  return routes;
}

// An object whose members a schema does not list may have any; BodySchema alone would let it have none.
Json read_as_json_schema(Json schema) {
  if (!schema.is_object()) return schema;
  if (auto* properties = schema.find("properties")) {
    for (auto& [name, member] : properties->as_object()) member = read_as_json_schema(member);
  } else if (schema.string_at("type") == "object") {
    schema.set("additionalProperties", true);
  }
  if (auto* items = schema.find("items")) *items = read_as_json_schema(*items);
  return schema;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// "/a/{x}/b/{y}" -> "x,y"
std::string names_in(const std::string& pattern) {
  std::string names;
  for (auto open = pattern.find('{'); open != std::string::npos; open = pattern.find('{', open + 1)) {
    names += (names.empty() ? "" : ",") + pattern.substr(open + 1, pattern.find('}', open) - open - 1);
  }
  return names;
}

/// The pattern as a path whose parameters name nothing.
std::string filled(std::string path) {
  for (auto open = path.find('{'); open != std::string::npos; open = path.find('{'))
    path.replace(open, path.find('}', open) - open + 1, "none");
  return path;
}

std::string parameter_names(const Json& operation, std::string_view place) {
  std::string names;
  for (const auto& one : operation.find("parameters")->as_array()) {
    if (one.string_at("in") == place) names += (names.empty() ? "" : ",") + text_of(one, "name");
  }
  return names;
}

class OpenApiTest : public testing::Test {
 protected:
  const Json& operation(const std::string& method, const std::string& pattern) const {
    static const Json none = Json::object();
    const auto* path = document.find("paths")->find(pattern);
    const auto* found = path == nullptr ? nullptr : path->find(lower(method));
    if (found == nullptr) ADD_FAILURE() << method << " " << pattern << " is not in the document";
    return found == nullptr ? none : *found;
  }

  /// Compares an answer with the schema of its status; where that lists members, others are at fault.
  void expect_documented(const std::string& method, const std::string& pattern, const http::Response& answer) {
    SCOPED_TRACE(method + " " + pattern + " " + std::to_string(answer.status) + " " + answer.body);
    const auto& documented = *operation(method, pattern).find("responses");
    const auto* response = documented.find(std::to_string(answer.status));
    ASSERT_NE(response, nullptr) << "an answer that is not documented";
    const auto* schema = response->find("content")->find("application/json")->find("schema");
    std::vector<std::string> violations;
    http::BodySchema(read_as_json_schema(*schema)).check(*base::parse_json(answer.body), "", violations);
    EXPECT_THAT(violations, IsEmpty());
  }

  ComposedWorld shop;
  Json document = shop.get("/openapi.json", "");
};

TEST_F(OpenApiTest, lists_the_routes_of_the_contract_and_no_other) {
  std::vector<std::string> listed;
  for (const auto& [pattern, methods] : document.find("paths")->as_object()) {
    for (const auto& [method, operation] : methods.as_object()) listed.push_back(method + " " + pattern);
  }
  std::vector<std::string> expected;
  for (const auto& one : promised()) expected.push_back(lower(one.method) + " " + one.pattern);
  std::ranges::sort(listed);
  std::ranges::sort(expected);
  EXPECT_THAT(listed, ElementsAreArray(expected));
}

TEST_F(OpenApiTest, names_path_and_query_parameters_and_the_idempotency_key) {
  for (const auto& one : promised()) {
    const auto& found = operation(one.method, one.pattern);
    EXPECT_EQ(parameter_names(found, "query"), one.query) << one.pattern;
    EXPECT_EQ(parameter_names(found, "path"), names_in(one.pattern));
    const bool secret = one.pattern == "/api/api-keys" || one.pattern == "/api/event-sources" ||
                        one.pattern.ends_with("}/rotate") || one.pattern == "/api/users" ||
                        one.pattern == "/api/auth/change-password";
    const bool keyed = one.method != "GET" && one.access != "open" && !secret;
    EXPECT_EQ(parameter_names(found, "header"), keyed ? "Idempotency-Key" : "") << one.pattern;
  }
}

TEST_F(OpenApiTest, says_what_access_the_routes_really_need) {
  for (const auto& one : promised()) {
    SCOPED_TRACE(one.method + " " + one.pattern);
    const auto path = filled(one.pattern);
    const http::Headers from_afar = {{"x-forwarded-for", "192.0.2.1"}};
    const bool open = one.access == "open" || one.access == "link";
    const auto stranger = shop.call(one.method, path, "", "", from_afar).status;
    EXPECT_EQ(stranger == 401, !open);
    const auto& security = operation(one.method, one.pattern).find("security")->as_array();
    EXPECT_EQ(security.empty() || security.front() == Json::object(), open || one.access == "loopback");
    const auto shopper = shop.call(one.method, path, "demo-shopper", "", from_afar).status;
    EXPECT_EQ(shopper == 403, one.access == "operators" || one.access == "loopback" || one.access == "link") << shopper;
  }
}

TEST_F(OpenApiTest, the_answers_of_a_tour_are_as_documented) {
  const auto order = shop.place();
  shop.settle(order);
  const auto tour = [&](const std::string& method, const std::string& pattern, const std::string& path,
                        const std::string& body = "", const std::string& user = "demo-operator") {
    expect_documented(method, pattern, shop.call(method, path, user, body));
  };
  tour("GET", "/health", "/health");
  tour("GET", "/.well-known/jwks.json", "/.well-known/jwks.json");
  tour("GET", "/.well-known/openid-configuration", "/.well-known/openid-configuration");
  tour("POST", "/api/auth/sign-in", "/api/auth/sign-in",
       R"({"username":"demo-shopper","password":"shopper-demo-password"})", "");
  tour("GET", "/api/products", "/api/products?limit=2");
  tour("GET", "/api/products", "/api/products?limit=2", "", "");
  tour("GET", "/api/products/{id}", "/api/products/mug");
  tour("POST", "/api/products", "/api/products",
       R"({"productId":"new","name":"New","price":1.50,"currency":"EUR","stockDelta":3})");
  tour("PATCH", "/api/products/{id}", "/api/products/new", R"({"stockDelta":1})");
  tour("POST", "/api/orders", "/api/orders", mug_order(2), "demo-shopper");
  tour("GET", "/api/orders", "/api/orders");
  tour("GET", "/api/orders/{id}", "/api/orders/" + order);
  tour("GET", "/api/events", "/api/events?limit=3");
  tour("GET", "/api/queues", "/api/queues");
  tour("GET", "/api/queues/{name}", "/api/queues/workflow-transitions");
  tour("GET", "/api/queues/{name}/messages", "/api/queues/workflow-transitions/messages");
  tour("POST", "/api/queues/{name}/redrive", "/api/queues/workflow-transitions/redrive", R"({"all":true})");
  tour("POST", "/api/queues/{name}/pause", "/api/queues/workflow-transitions/pause", "{}");
  tour("POST", "/api/queues/{name}/resume", "/api/queues/workflow-transitions/resume", "{}");
  tour("GET", "/api/queue-operations", "/api/queue-operations");
  tour("GET", "/api/obligations", "/api/obligations");
  tour("POST", "/api/orders/{id}/refund", "/api/orders/" + order + "/refund", "{}");
  tour("POST", "/api/orders/{id}/cancel", "/api/orders/" + shop.place("tok_slow") + "/cancel");
  shop.world.scheduler.run_for(std::chrono::seconds(5));
  tour("GET", "/api/orders/{id}", "/api/orders/" + order);
}

}  // namespace
}  // namespace ow::tests
