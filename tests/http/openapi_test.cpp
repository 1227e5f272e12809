// The OpenAPI document equals the route table.
#include "http/openapi.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "http/edge_world.h"

namespace ow::http {
namespace {

using base::Json;

Json object_schema() {
  return *base::parse_json(R"({"type": "object", "required": ["reason"],
    "properties": {"reason": {"type": "string"}, "lines": {"type": "array", "items":
      {"type": "object", "properties": {"quantity": {"type": "integer"}}}}}})");
}

Routes some_routes() {
  Routes routes(4);
  routes[0] = {.method = "GET", .pattern = "/api/orders", .access = Access::signed_in, .summary = "List", .handle = {}};
  routes[0].query = {{"limit", "How many", *base::parse_json(R"({"type": "integer", "maximum": 50})")},
                     {"after", "", {}, true}};
  routes[0].answers = {{200, Json::object({{"type", "object"}})}};
  routes[1] = {.method = "POST",
               .pattern = "/api/orders/{id}/lines/{line}",
               .access = Access::operators,
               .summary = "Refund",
               .handle = {}};
  routes[1].body_schema = object_schema();
  routes[1].answers = {{202, {}}};
  routes[2] = {.method = "POST", .pattern = "/sign-in", .access = Access::open, .summary = "", .handle = {}};
  routes[3] = {
      .method = "GET", .pattern = "/metrics", .access = Access::loopback_or_operators, .summary = "", .handle = {}};
  return routes;
}

const Json& operation(const Json& document, std::string_view pattern, std::string_view method) {
  static const Json kNone;
  const Json* path = document.find("paths")->find(pattern);
  const Json* found = path ? path->find(method) : nullptr;
  if (!found) ADD_FAILURE() << method << ' ' << pattern << " is missing";
  return found ? *found : kNone;
}

std::vector<std::string> parameters_in(const Json& operation, std::string_view place) {
  std::vector<std::string> names;
  for (const Json& parameter : operation.find("parameters")->as_array()) {
    EXPECT_NE(parameter.find("schema"), nullptr);
    if (parameter.string_at("in") == place) names.emplace_back(*parameter.string_at("name"));
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(OpenApi, HoldsEveryRouteOfTheApiOnceAndNoOther) {
  EdgeWorld world;
  world.routes = some_routes();
  const Json document = *base::parse_json(world.api().openapi());
  Routes expected = some_routes();
  expected.push_back(
      {.method = "GET", .pattern = "/openapi.json", .access = Access::open, .summary = "", .handle = {}});
  std::size_t operations = 0;
  for (const auto& [pattern, methods] : document.find("paths")->as_object()) operations += methods.as_object().size();
  EXPECT_EQ(operations, expected.size());
  for (const Route& route : expected) {
    std::string method = route.method;
    for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const Json& one = operation(document, route.pattern, method);
    Names queried;
    for (const Parameter& parameter : route.query) queried.push_back(parameter.name);
    EXPECT_EQ(parameters_in(one, "query"), queried);
  }
}

TEST(OpenApi, IsServedByTheApiItself) {
  EdgeWorld world;
  const Response response = world.send(Ask("GET", "/openapi.json"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, world.api().openapi());
  EXPECT_EQ(body_of(response).string_at("openapi"), "3.1.0");
}

TEST(OpenApi, NamesPathParametersAndTheIdempotencyKeyOfSignedInWrites) {
  const Json document = openapi_document(some_routes(), {"1", "http://x"});
  const Json& refund = operation(document, "/api/orders/{id}/lines/{line}", "post");
  EXPECT_EQ(parameters_in(refund, "path"), (Names{"id", "line"}));
  EXPECT_EQ(parameters_in(refund, "header"), Names{"Idempotency-Key"});
  EXPECT_EQ(parameters_in(operation(document, "/sign-in", "post"), "header"), Names{});
  EXPECT_EQ(parameters_in(operation(document, "/api/orders", "get"), "header"), Names{});
}

TEST(OpenApi, SaysThatUnknownMembersAreRefusedAtAnyDepth) {
  const Json document = openapi_document(some_routes(), {"1", "http://x"});
  const Json& body = *operation(document, "/api/orders/{id}/lines/{line}", "post").find("requestBody");
  EXPECT_EQ(body.bool_at("required"), true);
  const Json& schema = *body.find("content")->find("application/json")->find("schema");
  EXPECT_EQ(schema.bool_at("additionalProperties"), false);
  EXPECT_EQ(schema.find("properties")->find("lines")->find("items")->bool_at("additionalProperties"), false);
}

TEST(OpenApi, SaysWhoMayCall) {
  const Json document = openapi_document(some_routes(), {"1", "http://x"});
  const Json bearer = Json::object({{"bearer", Json::array()}});
  const auto security = [&](std::string_view pattern, std::string_view method) {
    return *operation(document, pattern, method).find("security");
  };
  EXPECT_EQ(security("/sign-in", "post"), Json::array());
  EXPECT_EQ(security("/api/orders", "get"), Json::array({bearer}));
  EXPECT_EQ(security("/metrics", "get"), Json::array({Json::object(), bearer}));
  EXPECT_EQ(document.find("components")->find("securitySchemes")->find("bearer")->string_at("scheme"), "bearer");
}

TEST(OpenApi, AnswersWithTheSchemasOfTheRouteAndProblemDetails) {
  const Json document = openapi_document(some_routes(), {"1", "http://x"});
  const Json& answers = *operation(document, "/api/orders", "get").find("responses");
  EXPECT_EQ(answers.find("200")->string_at("description"), "OK");
  EXPECT_EQ(answers.find("default")->string_at("$ref"), "#/components/responses/Problem");
  const Json& required = *document.find("components")->find("schemas")->find("Problem")->find("required");
  EXPECT_NE(std::find(required.as_array().begin(), required.as_array().end(), Json("requestId")),
            required.as_array().end());
}

TEST(OpenApi, GivesEachOperationAnIdOfItsOwn) {
  const Json document = openapi_document(some_routes(), {"1", "http://x"});
  EXPECT_EQ(operation(document, "/api/orders/{id}/lines/{line}", "post").string_at("operationId"),
            "post_api_orders_id_lines_line");
  EXPECT_EQ(operation(document, "/api/orders", "get").string_at("operationId"), "get_api_orders");
}

}  // namespace
}  // namespace ow::http
