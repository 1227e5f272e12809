// W3C Trace Context: the recorded cases of its validation harness, driven through the Api.
#include <gtest/gtest.h>

#include "harness/trace_vectors.h"
#include "http/edge_world.h"

namespace ow::http {
namespace {

using base::Json;

/// The context that a handler sends on after a request with these headers.
TraceContext context_after(EdgeWorld& world, TraceContext& seen, const Headers& headers) {
  Ask ask("GET", "/trace");
  for (const auto& [name, value] : headers) ask.with(name, value);
  EXPECT_EQ(world.send(ask).status, 200);
  return seen;
}

class TraceContextOfTheEdge : public ::testing::Test {
 protected:
  TraceContextOfTheEdge() {
    world.route("GET", "/trace", Access::open, [this](const RequestContext& context) {
      seen = context.trace;
      return Reply{Response::json(200, 1)};
    });
  }
  EdgeWorld world;
  TraceContext seen;
};

TEST_F(TraceContextOfTheEdge, FollowsTheValidationHarness) {
  const auto cases = tests::trace_vectors();
  if (!cases) GTEST_SKIP() << "SKIPPED: w3c-trace-context.json not found; set OW_VECTORS";
  std::size_t count = 0;
  for (const Json& test_case : cases->find("cases")->as_array()) {
    SCOPED_TRACE(std::string(*test_case.string_at("id")) + ' ' + std::string(*test_case.string_at("test")));
    const TraceContext context = context_after(world, seen, tests::trace_headers_of(test_case));
    tests::expect_trace(*test_case.find("expect"), context.traceparent(), context.tracestate);
    ++count;
  }
  EXPECT_EQ(count, 79U);
}

TEST_F(TraceContextOfTheEdge, KeepsOnlyTheSampledFlag) {
  const auto flags_after = [&](const std::string& flags) {
    return context_after(world, seen,
                         {{"traceparent", "00-12345678901234567890123456789012-1234567890123456-" + flags}})
        .flags;
  };
  EXPECT_EQ(flags_after("00"), "00");
  EXPECT_EQ(flags_after("01"), "01");
  EXPECT_EQ(flags_after("ff"), "01");
  EXPECT_EQ(flags_after("fe"), "00");
}

TEST_F(TraceContextOfTheEdge, MakesNewIdsForEachRequest) {
  const TraceContext first = context_after(world, seen, {});
  const TraceContext second = context_after(world, seen, {});
  EXPECT_NE(first.trace_id, second.trace_id);
  EXPECT_NE(first.parent_id, second.parent_id);
}

}  // namespace
}  // namespace ow::http
