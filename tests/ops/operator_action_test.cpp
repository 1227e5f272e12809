// The one shape of an operator's action. Test thread only.
#include "ops/operator_action.h"

#include <gtest/gtest.h>

namespace ow::tests {
namespace {

using base::Json;

http::RequestContext request_of(const std::string& user) {
  http::RequestContext context;
  context.request_id = "req_1";
  context.trace = {
      .trace_id = std::string(32, 'a'), .parent_id = std::string(16, 'b'), .flags = "01", .tracestate = {}};
  context.principal = http::Principal{base::UserId(user), {"operator"}};
  return context;
}

Json reason(const std::string& text) { return Json::object({{"reason", text}}); }

TEST(OperatorActionTest, its_event_says_who_when_why_and_what_else) {
  const auto who = ops::operator_of(request_of("oscar"));
  const auto event =
      ops::operator_event(who, {7}, {"operator.queue-purged", "mail", "stale", Json::object({{"messages", 3}})});
  EXPECT_EQ(event.type, "operator.queue-purged");
  EXPECT_EQ(event.subject, "mail");
  EXPECT_EQ(event.time.us, 7);
  EXPECT_EQ(event.traceparent, request_of("oscar").trace.traceparent());
  EXPECT_EQ(event.data, R"({"by":"oscar","why":"stale","requestId":"req_1","messages":3})");
}

TEST(OperatorActionTest, a_reason_that_is_missing_or_too_long_is_refused_by_name) {
  const auto missing = ops::required_reason(Json::object());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, base::ErrorCode::unprocessable);
  EXPECT_EQ(missing.error().violations.at(0), "reason must have 1 to 500 bytes");
  EXPECT_FALSE(ops::required_reason(reason(std::string(501, 'x'))));
  EXPECT_FALSE(ops::optional_reason(reason(std::string(501, 'x'))));
  EXPECT_EQ(ops::required_reason(reason(std::string(500, 'x'))).value().size(), 500U);
  EXPECT_EQ(ops::optional_reason(Json::object()).value(), "");
}

TEST(OperatorActionDeathTest, details_cannot_pass_for_somebody_else) {
  const auto who = ops::operator_of(request_of("oscar"));
  const auto forge = [&] {
    static_cast<void>(ops::operator_event(who, {}, {"operator.a-b", "x", "", Json::object({{"by", "eve"}})}));
  };
  EXPECT_DEATH(forge(), "who and why");
}

}  // namespace
}  // namespace ow::tests
