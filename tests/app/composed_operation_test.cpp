// The composed program in operation: health on a full disk, the promised metrics, and how each test payment
// ends, in simulated time.
#include <gmock/gmock.h>

#include "app/binary.h"
#include "app/composed_world.h"

namespace ow::tests {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

TEST(HealthOfTheProgram, says_507_while_the_disk_is_full_and_200_afterwards) {
  ComposedWorld shop;
  EXPECT_EQ(shop.call("GET", "/health").status, 200);
  shop.machine.disk.set_full(true);
  const auto answer = shop.call("GET", "/health");
  EXPECT_THAT(answer.status, AnyOf(503, 507)) << answer.body;
  EXPECT_EQ(shop.call("POST", "/api/orders", "demo-shopper", mug_order()).status, 507);
  shop.machine.disk.set_full(false);
  EXPECT_EQ(shop.call("GET", "/health").status, 200);
  EXPECT_EQ(text_of(shop.settle(shop.place()), "status"), "completed");
}

TEST(MetricsOfTheProgram, hold_what_operators_are_promised) {
  ComposedWorld shop;
  shop.settle(shop.place());
  const auto text = shop.call("GET", "/metrics").body;
  for (const auto* line : {R"(ow_http_requests_total{route="POST /api/orders",status="201"} 1)",
                           R"(ow_http_request_seconds_bucket{route="POST /api/orders",le=)",
                           R"(ow_queue_depth{queue="workflow-transitions",state="ready"} 0)",
                           R"(ow_queue_oldest_age_seconds{queue="workflow-transitions"})",
                           R"(ow_messages_handled_total{queue="workflow-transitions"})", "ow_commits_total ",
                           "ow_commit_batch_size_bucket{le=", "ow_commit_sync_seconds_bucket{le=",
                           "ow_commit_keys_total ", "ow_cache_misses_total ",
                           R"(ow_sign_ins_total{result="succeeded"} )", "# TYPE ow_http_request_seconds histogram"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(PaymentsOfTheProgram, end_orders_as_their_tokens_say) {
  ComposedWorld shop;
  const std::vector<std::vector<std::string>> cases = {
      {"", "completed", "null"},
      {"tok_approve", "completed", "null"},
      {"tok_slow", "completed", "null"},
      {"tok_lost_success", "completed", "null"},
      {"tok_late_success", "completed", "null"},
      {"tok_decline", "failed", "payment_declined"},
      {"tok_insufficient", "failed", "payment_declined"},
      {"tok_error500", "failed", "payment_unavailable"},
      {"tok_lost_failure", "failed", "payment_unavailable"},
  };
  for (const auto& one : cases) {
    const auto order = shop.settle(shop.place(one[0]));
    EXPECT_EQ(text_of(order, "status"), one[1]) << one[0];
    EXPECT_EQ(text_of(order, "reason"), one[2]) << one[0];
  }
  EXPECT_EQ(shop.bank.ledger("charge").size(), 5U);
  const auto mug = shop.get("/api/products/mug");
  EXPECT_EQ(mug.integer_at("sold"), 5);
  EXPECT_EQ(mug.integer_at("held"), 0);
}

}  // namespace
}  // namespace ow::tests
