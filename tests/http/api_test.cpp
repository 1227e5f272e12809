// A request's way through the edge: ids, bounds, query and body, rate, overload, metrics, logs.
#include "http/api.h"

#include <gtest/gtest.h>

#include "base/bounds.h"
#include "http/edge_world.h"

namespace ow::http {
namespace {

using namespace std::chrono_literals;
using base::Json;

class ApiEdge : public ::testing::Test {
 protected:
  ApiEdge() {
    world
        .route("GET", "/echo/{name}", Access::open,
               [](const RequestContext& context) {
                 Json seen = Json::object({{"name", context.params.at("name")}});
                 for (const auto& [name, value] : context.query) seen.set(name, value);
                 return Reply{Response::json(200, seen)};
               })
        .query = {{"limit", "", *base::parse_json(R"({"type": "integer", "minimum": 1, "maximum": 50})")},
                  {"status", "", {}}};
    world
        .route("POST", "/things", Access::open,
               [](const RequestContext& context) { return Reply{Response::json(201, context.body)}; })
        .body_schema = *base::parse_json(R"({"type": "object", "required": ["size"], "properties": {
             "size": {"type": "integer", "minimum": 1}, "deep": {"additionalProperties": true}}})");
    world
        .route("POST", "/optional", Access::open,
               [](const RequestContext& context) { return Reply{Response::json(200, context.body)}; })
        .body_schema = *base::parse_json(R"({"type": "object", "properties": {"size": {"type": "integer"}}})");
    world.route("POST", "/ignored", Access::open,
                [](const RequestContext& context) { return Reply{Response::json(200, context.body)}; });
  }
  std::string error_of(const Ask& ask, int status) {
    const Response response = world.send(ask);
    EXPECT_EQ(response.status, status) << response.body;
    return body_of(response).text_at("error");
  }
  std::vector<std::string> violations_of(const Ask& ask) {
    const Json body = body_of(world.send(ask));
    std::vector<std::string> sentences;
    if (const Json* list = body.find("violations")) {
      for (const Json& one : list->as_array()) sentences.push_back(one.as_string());
    }
    return sentences;
  }
  EdgeWorld world;
};

using Sentences = std::vector<std::string>;

TEST_F(ApiEdge, GivesTheHandlerParametersAndQuery) {
  EXPECT_EQ(world.send(Ask("GET", "/echo/a%2Fb?limit=7&status=%C3%A4")).body,
            "{\"name\":\"a/b\",\"limit\":\"7\",\"status\":\"\xc3\xa4\"}");
}

TEST_F(ApiEdge, NamesQueryParametersAtFault) {
  EXPECT_EQ(violations_of(Ask("GET", "/echo/a?color=red")), Sentences{"color is not a known query parameter"});
  EXPECT_EQ(violations_of(Ask("GET", "/echo/a?limit=1&limit=1")), Sentences{"limit must not be repeated"});
  EXPECT_EQ(violations_of(Ask("GET", "/echo/a?limit=51")), Sentences{"limit must be an integer <= 50"});
  EXPECT_EQ(error_of(Ask("GET", "/echo/a?limit=%zz"), 400), "invalid_target");
}

TEST_F(ApiEdge, NamesEachAnswerByARequestIdOfItsOwn) {
  const Response first = world.send(Ask("GET", "/echo/a"));
  const Response second = world.send(Ask("GET", "/nowhere"));
  EXPECT_TRUE(header(first, "X-Request-Id"));
  EXPECT_NE(header(first, "X-Request-Id"), header(second, "X-Request-Id"));
  EXPECT_EQ(body_of(second).string_at("requestId"), header(second, "X-Request-Id"));
}

TEST_F(ApiEdge, TellsAnUnknownPathFromAnUnknownMethod) {
  EXPECT_EQ(error_of(Ask("GET", "/echo"), 404), "route_not_found");
  EXPECT_EQ(error_of(Ask("GET", "/echo/a/"), 404), "route_not_found");
  EXPECT_EQ(error_of(Ask("GET", "/echo/../things"), 400), "invalid_target");
  const Response response = world.send(Ask("DELETE", "/things"));
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(header(response, "Allow"), "OPTIONS, POST");
}

TEST_F(ApiEdge, RunsGetForHead) { EXPECT_EQ(world.send(Ask("HEAD", "/echo/a")).status, 200); }

TEST_F(ApiEdge, ReadsABodyThatFits) {
  EXPECT_EQ(world.send(Ask("POST", "/things").json(R"({ "size": 1.0 })")).body, "{\"size\":1.0}");
  EXPECT_EQ(world.send(Ask("POST", "/things").with("content-type", "Application/JSON ; charset=utf-8")).status, 400);
}

TEST_F(ApiEdge, RefusesBodiesByName) {
  EXPECT_EQ(violations_of(Ask("POST", "/things").json(R"({"size": 0, "colour": 1})")),
            (Sentences{"size must be an integer >= 1", "colour is not a known member"}));
  EXPECT_EQ(error_of(Ask("POST", "/things").json("{"), 400), "invalid_json");
  EXPECT_EQ(error_of(Ask("POST", "/things").json(R"({"size":1,"size":1})"), 400), "invalid_json");
  EXPECT_EQ(error_of(Ask("POST", "/things"), 400), "body_missing");
}

TEST_F(ApiEdge, BoundsTheBody) {
  const std::string pad(base::bounds::kBodyBytesMax - 10, ' ');
  EXPECT_EQ(world.send(Ask("POST", "/things").json("{\"size\":1}" + pad)).status, 201);
  EXPECT_EQ(error_of(Ask("POST", "/things").json("{\"size\":1} " + pad), 413), "body_too_large");
  const auto nested = [](std::size_t depth) {
    return "{\"size\":1,\"deep\":{\"x\":" + std::string(depth - 2, '[') + std::string(depth - 2, ']') + "}}";
  };
  EXPECT_EQ(world.send(Ask("POST", "/things").json(nested(base::bounds::kJsonDepthMax))).status, 201);
  EXPECT_EQ(error_of(Ask("POST", "/things").json(nested(base::bounds::kJsonDepthMax + 1)), 400), "invalid_json");
}

TEST_F(ApiEdge, TakesNoBodyForAnEmptyObjectWhereThatFits) {
  EXPECT_EQ(world.send(Ask("POST", "/optional")).body, "{}");
  EXPECT_EQ(world.send(Ask("POST", "/optional").json("null")).status, 400);
  EXPECT_EQ(world.send(Ask("POST", "/ignored").json("not json")).body, "null");
}

TEST_F(ApiEdge, RefusesOtherMediaTypesOfBodies) {
  Ask ask("POST", "/things");
  ask.with("content-type", "text/plain").request.body = "{\"size\":1}";
  EXPECT_EQ(error_of(ask, 415), "unsupported_media_type");
  Ask untyped("POST", "/things");
  untyped.request.body = "{\"size\":1}";
  EXPECT_EQ(world.send(untyped).status, 201);
}

TEST_F(ApiEdge, LimitsEachCallerAndAddressApart) {
  world.options.rate_limit = 3;
  world.route("GET", "/mine", Access::signed_in, [](const RequestContext&) { return Reply{}; });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.send(Ask("GET", "/mine").as("alice")).status, 200);
  const Response refused = world.send(Ask("GET", "/mine").as("alice"));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(header(refused, "Retry-After"), "1");
  EXPECT_EQ(world.send(Ask("GET", "/mine").as("bob")).status, 200);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(world.send(Ask("GET", "/nowhere").from("10.0.0.1")).status, 404);
  EXPECT_EQ(world.send(Ask("GET", "/mine").from("10.0.0.1")).status, 429);
  EXPECT_EQ(world.send(Ask("GET", "/echo/a").from("10.0.0.2")).status, 200);
  world.clock.at += 1s;
  EXPECT_EQ(world.send(Ask("GET", "/mine").as("alice")).status, 200);
  EXPECT_EQ(world.telemetry.counted.at("ow_http_refused_total rate_limit"), 2U);
}

TEST_F(ApiEdge, RefusesEarlyPastTheBoundOfRequestsUnderWay) {
  world.store.holding = true;
  int runs = 0;
  world.route("POST", "/write", Access::signed_in, [&runs](const RequestContext&) {
    ++runs;
    Reply reply{Response::json(201, 1)};
    reply.commit.put({.key = {"p", std::to_string(runs)}, .kind = "x", .value = "{}"});
    return reply;
  });
  world.options.rate_limit = std::nullopt;
  std::vector<std::unique_ptr<Running<Response>>> under_way;
  for (std::size_t i = 0; i < base::bounds::kRequestsInFlightMax; ++i) {
    under_way.push_back(world.start(Ask("POST", "/write").as("alice")));
  }
  const Response refused = world.send(Ask("POST", "/write").as("alice"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(header(refused, "Retry-After"), "1");
  EXPECT_EQ(runs, static_cast<int>(base::bounds::kRequestsInFlightMax));
  world.store.settle(0);
  under_way.push_back(world.start(Ask("POST", "/write").as("alice")));
  EXPECT_FALSE(under_way.back()->answer);
  while (world.store.waiting() > 0) world.store.settle(0);
  for (const auto& one : under_way) EXPECT_EQ(one->answer->status, 201);
}

TEST_F(ApiEdge, AnswersAHandlersExceptionWith500AndLogsIt) {
  world.route("GET", "/throws", Access::open,
              [](const RequestContext&) -> base::Result<Reply> { throw std::runtime_error("secret place"); });
  const Response response = world.send(Ask("GET", "/throws"));
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  ASSERT_FALSE(world.telemetry.lines.empty());
  EXPECT_EQ(world.telemetry.lines[0].event, "request_failed");
}

TEST_F(ApiEdge, CountsByRouteAndStatus) {
  world.send(Ask("GET", "/echo/a"));
  world.send(Ask("GET", "/echo/b"));
  world.send(Ask("GET", "/echo/b?x=1"));
  world.send(Ask("GET", "/nowhere"));
  EXPECT_EQ(world.telemetry.counted.at("ow_http_requests_total GET /echo/{name} 200"), 2U);
  EXPECT_EQ(world.telemetry.counted.at("ow_http_requests_total GET /echo/{name} 400"), 1U);
  EXPECT_EQ(world.telemetry.counted.at("ow_http_requests_total unmatched 404"), 1U);
  EXPECT_EQ(world.telemetry.observed.at("ow_http_request_seconds GET /echo/{name}"), 3U);
}

TEST_F(ApiEdge, LogsRequestsUpToABoundPerSecondAndClassOfStatus) {
  world.options.log_lines_per_second = 2;
  for (int i = 0; i < 5; ++i) world.send(Ask("GET", "/echo/a"));
  world.send(Ask("GET", "/nowhere"));
  ASSERT_EQ(world.telemetry.lines.size(), 3U);
  const auto& fields = world.telemetry.lines[2].fields;
  const auto value = [&](std::string_view name) {
    for (const auto& [known, text] : fields) {
      if (known == name) return text;
    }
    return std::string();
  };
  EXPECT_EQ(value("status"), "404");
  EXPECT_EQ(value("reason"), "route_not_found");
  EXPECT_EQ(value("trace_id").size(), 32U);
  EXPECT_TRUE(value("request_id").starts_with("req_"));
  EXPECT_EQ(world.telemetry.counted.at("ow_http_log_lines_dropped_total"), 3U);
}

}  // namespace
}  // namespace ow::http
