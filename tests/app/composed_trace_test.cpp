// W3C Trace Context through the whole program: the recorded cases of its validation harness are sent with an
// order, and the context is read from what reached the payment gateway and from the order's events.
#include <gtest/gtest.h>

#include <set>

#include "app/binary.h"
#include "app/composed_world.h"
#include "harness/trace_vectors.h"

namespace ow::tests {
namespace {

using base::Json;

TEST(TraceContextOfAnOrder, follows_the_validation_harness_to_the_gateway_and_into_the_events) {
  const auto cases = trace_vectors();
  if (!cases) GTEST_SKIP() << "SKIPPED: w3c-trace-context.json not found; set OW_VECTORS";
  ComposedWorld shop;
  std::map<std::string, const Json*> sent;  // by order
  for (const auto& one : cases->find("cases")->as_array()) sent[shop.place("", trace_headers_of(one))] = &one;
  EXPECT_EQ(sent.size(), 79U);
  for (const auto& [order, one] : sent) EXPECT_EQ(text_of(shop.settle(order), "status"), "completed");
  std::set<std::string> charged;
  for (const auto& entry : shop.bank.ledger("charge")) {
    const auto order = text_of(entry, "orderId");
    ASSERT_TRUE(sent.contains(order));
    const Json& test_case = *sent[order];
    SCOPED_TRACE(text_of(test_case, "id") + " " + text_of(test_case, "test"));
    const auto at_gateway = text_of(entry, "traceparent");
    const auto& expect = *test_case.find("expect");
    const auto state = text_of(entry, "tracestate");
    expect_trace(expect, at_gateway, state);
    const auto shown = shop.get("/api/orders/" + order);
    for (const auto& event : shown.find("events")->as_array()) {
      expect_trace(expect, text_of(event, "traceparent"), state);
      EXPECT_EQ(text_of(event, "traceparent").substr(0, 35), at_gateway.substr(0, 35)) << "one trace an order";
    }
    charged.insert(order);
  }
  EXPECT_EQ(charged.size(), 79U);
}

}  // namespace
}  // namespace ow::tests
