// Errors as problem details (RFC 9457).
#include "http/problem.h"

#include <gtest/gtest.h>

#include "http/edge_world.h"

namespace ow::http {
namespace {

using base::Error;
using base::ErrorCode;

TEST(Problem, CarriesTheStandardMembersAndOurs) {
  const Response response = problem({ErrorCode::conflict, "out_of_stock", "There is none left."}, "req_1");
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(body_of(response), base::Json::object({{"type", "/errors/out_of_stock"},
                                                   {"title", "Out of stock"},
                                                   {"status", 409},
                                                   {"detail", "There is none left."},
                                                   {"error", "out_of_stock"},
                                                   {"message", "There is none left."},
                                                   {"requestId", "req_1"}}));
}

TEST(Problem, ListsViolationsWhereMembersAreAtFault) {
  Error error{ErrorCode::malformed, "invalid_body", "No."};
  error.violations = {"total is required", "a\"b is not a known member"};
  EXPECT_EQ(*body_of(problem(error, "req_1")).find("violations"),
            base::Json::array({"total is required", "a\"b is not a known member"}));
}

TEST(Problem, HidesWhatAnInternalErrorSaysOfTheInside) {
  const Response response = problem({ErrorCode::internal, "rocks", "/var/lib/secret/000012.sst is damaged"}, "req_1");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  EXPECT_EQ(body_of(response).string_at("error"), "internal_error");
}

TEST(Problem, AlwaysSaysWhenToComeBackAfter429And503) {
  EXPECT_EQ(header(problem({ErrorCode::rate_limited, "slow", "Slow."}, "r"), "Retry-After"), "1");
  EXPECT_EQ(header(problem({ErrorCode::unavailable, "busy", "Busy.", {}, 7}, "r"), "Retry-After"), "7");
  EXPECT_EQ(header(problem({ErrorCode::unavailable, "busy", "Busy.", {}, 0}, "r"), "Retry-After"), "1");
  EXPECT_EQ(header(problem({ErrorCode::not_found, "gone", "Gone."}, "r"), "Retry-After"), std::nullopt);
}

TEST(Problem, MapsEachCodeToItsStatus) {
  const std::vector<std::pair<ErrorCode, int>> expected{
      {ErrorCode::malformed, 400}, {ErrorCode::unauthenticated, 401}, {ErrorCode::forbidden, 403},
      {ErrorCode::not_found, 404}, {ErrorCode::conflict, 409},        {ErrorCode::gone, 410},
      {ErrorCode::too_large, 413}, {ErrorCode::unprocessable, 422},   {ErrorCode::rate_limited, 429},
      {ErrorCode::internal, 500},  {ErrorCode::unsupported, 501},     {ErrorCode::unavailable, 503},
      {ErrorCode::timed_out, 504}, {ErrorCode::storage_full, 507}};
  for (const auto& [code, status] : expected) EXPECT_EQ(status_of(code), status);
}

}  // namespace
}  // namespace ow::http
