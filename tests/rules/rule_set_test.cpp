// Routing of events to queues.
#include "rules/rule_set.h"

#include <gtest/gtest.h>

namespace ow::rules {
namespace {

platform::EventDraft event(std::string type, std::string data = "{}") {
  return {.subject = "ord_1",
          .type = std::move(type),
          .source = "orderwright/orders",
          .data = std::move(data),
          .time = {1'767'225'600'000'000}};
}

std::vector<std::string> rules_for(const RuleSet& set, const platform::EventDraft& draft) {
  std::vector<std::string> names;
  for (const auto& target : set.match(draft)) names.push_back(target.rule + ">" + target.queue);
  return names;
}

using Names = std::vector<std::string>;

TEST(RuleSet, RoutesByDetailTypeInOrderOfRuleName) {
  const auto set = RuleSet::make({{"second", R"({"detail-type":["order.created"]})", "q2"},
                                  {"first", R"({"detail-type":["order.created","order.failed"]})", "q1"}});
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(rules_for(*set, event("order.created")), (Names{"first>q1", "second>q2"}));
  EXPECT_EQ(rules_for(*set, event("order.failed")), (Names{"first>q1"}));
  EXPECT_EQ(rules_for(*set, event("order.completed")), Names{});
}

TEST(RuleSet, RoutesByPrefixOfTypeAndBySource) {
  const auto set = RuleSet::make({{"orders", R"({"detail-type":[{"prefix":"order."}]})", "q"},
                                  {"others", R"({"source":[{"anything-but":"orderwright/orders"}]})", "q"}});
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(rules_for(*set, event("order.created")), (Names{"orders>q"}));
}

TEST(RuleSet, RoutesByDetailAndSubject) {
  const auto set = RuleSet::make({{"large", R"({"detail-type":["order.created"],"detail":{"total":[{"numeric":[">",100]}]}})", "q"},
                                  {"mine", R"({"resources":["ord_1"]})", "q"}});
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(rules_for(*set, event("order.created", R"({"total":100.01})")), (Names{"large>q", "mine>q"}));
  EXPECT_EQ(rules_for(*set, event("order.created", R"({"total":99})")), (Names{"mine>q"}));
}

TEST(RuleSet, MatchesARuleOnceThoughItNamesATypeTwice) {
  const auto set = RuleSet::make({{"twice", R"({"detail-type":["a","a"]})", "q"}});
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(rules_for(*set, event("a")), (Names{"twice>q"}));
}

TEST(RuleSet, ReadsTheEventBridgeForm) {
  EXPECT_EQ(to_text(event_form(event("order.created", R"({"a":1})"))),
            R"({"source":"orderwright/orders","detail-type":"order.created","time":"2026-01-01T00:00:00.000Z",)"
            R"("resources":["ord_1"],"detail":{"a":1}})");
}

TEST(RuleSet, RefusesABadPatternByTheRulesName) {
  const auto set = RuleSet::make({{"broken", R"({"detail":{}})", "q"}});
  ASSERT_FALSE(set.has_value());
  EXPECT_EQ(set.error().message, "Rule 'broken': detail: an object must not be empty");
}

TEST(RuleSet, RefusesANameUsedTwice) {
  const auto set = RuleSet::make({{"a", R"({"source":["x"]})", "q"}, {"a", R"({"source":["y"]})", "q"}});
  ASSERT_FALSE(set.has_value());
  EXPECT_EQ(set.error().code, base::ErrorCode::conflict);
}

}  // namespace
}  // namespace ow::rules
