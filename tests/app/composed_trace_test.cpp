// W3C Trace Context through the whole program: the recorded cases of its validation harness are sent with an
// order, and the context is read from what reached the payment gateway and from the order's events. Trace state
// ends at the edge, where tests/http reads it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "app/binary.h"
#include "app/composed_world.h"

namespace ow::tests {
namespace {

using base::Json;

std::optional<Json> vectors() {
  const char* set = std::getenv("OW_VECTORS");
  const std::string folder = set != nullptr ? set : OW_SOURCE_DIR "/../shared/vectors";
  auto json = base::parse_json(read_file(folder + "/w3c-trace-context.json"));
  return json ? std::optional(std::move(*json)) : std::nullopt;
}

// As the server hands them over: names in lower case.
http::Headers headers_of(const Json& test_case) {
  http::Headers headers;
  for (const auto& line : test_case.find("headers")->as_array()) {
    auto name = line.as_array()[0].as_string();
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    headers.emplace_back(name, line.as_array()[1].as_string());
  }
  return headers;
}

void expect_context(const Json& expect, const std::string& traceparent) {
  ASSERT_EQ(traceparent.size(), 55U) << traceparent;
  const auto trace = traceparent.substr(3, 32);
  if (const auto kept = expect.string_at("trace_id")) EXPECT_EQ(trace, *kept);
  if (const auto other = expect.string_at("parent_id_not")) EXPECT_NE(traceparent.substr(36, 16), *other);
  const auto* others = expect.find("trace_id_not");
  if (others == nullptr) return;
  for (const auto& other : others->as_array()) EXPECT_NE(trace, other.as_string());
}

TEST(TraceContextOfAnOrder, follows_the_validation_harness_to_the_gateway_and_into_the_events) {
  const auto cases = vectors();
  if (!cases) GTEST_SKIP() << "SKIPPED: w3c-trace-context.json not found; set OW_VECTORS";
  ComposedWorld shop;
  std::map<std::string, const Json*> sent;  // by order
  for (const auto& one : cases->find("cases")->as_array()) sent[shop.place("", headers_of(one))] = &one;
  EXPECT_EQ(sent.size(), 79U);
  for (const auto& [order, one] : sent) EXPECT_EQ(text_of(shop.settle(order), "status"), "completed");
  std::set<std::string> charged;
  for (const auto& entry : shop.bank.ledger("charge")) {
    const auto order = text_of(entry, "orderId");
    ASSERT_TRUE(sent.contains(order));
    const Json& test_case = *sent[order];
    SCOPED_TRACE(text_of(test_case, "id") + " " + text_of(test_case, "test"));
    const auto at_gateway = text_of(entry, "traceparent");
    expect_context(*test_case.find("expect"), at_gateway);
    const auto shown = shop.get("/api/orders/" + order);
    for (const auto& event : shown.find("events")->as_array()) {
      expect_context(*test_case.find("expect"), text_of(event, "traceparent"));
      EXPECT_EQ(text_of(event, "traceparent").substr(0, 35), at_gateway.substr(0, 35)) << "one trace an order";
    }
    charged.insert(order);
  }
  EXPECT_EQ(charged.size(), 79U);
}

}  // namespace
}  // namespace ow::tests
