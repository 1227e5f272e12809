// Routing of events to queues.
#include "rules/rule_book.h"

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

std::vector<std::string> rules_for(const RuleBook& set, const platform::EventDraft& draft) {
  std::vector<std::string> names;
  for (const auto& target : set.match(draft)) names.push_back(target.rule + ">" + target.queue);
  return names;
}

using Names = std::vector<std::string>;

TEST(RuleBook, RoutesByDetailTypeInOrderOfRuleName) {
  const auto set = RuleBook::make({{"second", R"({"detail-type":["order.created"]})", "q2"},
                                   {"first", R"({"detail-type":["order.created","order.failed"]})", "q1"}});
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(rules_for(**set, event("order.created")), (Names{"first>q1", "second>q2"}));
  EXPECT_EQ(rules_for(**set, event("order.failed")), (Names{"first>q1"}));
  EXPECT_EQ(rules_for(**set, event("order.completed")), Names{});
}

TEST(RuleBook, RoutesByPrefixOfTypeAndBySource) {
  const auto set = RuleBook::make({{"orders", R"({"detail-type":[{"prefix":"order."}]})", "q"},
                                   {"others", R"({"source":[{"anything-but":"orderwright/orders"}]})", "q"}});
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(rules_for(**set, event("order.created")), (Names{"orders>q"}));
}

TEST(RuleBook, RoutesByDetailAndSubject) {
  const auto set =
      RuleBook::make({{"large", R"({"detail-type":["order.created"],"detail":{"total":[{"numeric":[">",100]}]}})", "q"},
                      {"mine", R"({"resources":["ord_1"]})", "q"}});
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(rules_for(**set, event("order.created", R"({"total":100.01})")), (Names{"large>q", "mine>q"}));
  EXPECT_EQ(rules_for(**set, event("order.created", R"({"total":99})")), (Names{"mine>q"}));
}

TEST(RuleBook, MatchesARuleOnceThoughItNamesATypeTwice) {
  const auto set = RuleBook::make({{"twice", R"({"detail-type":["a","a"]})", "q"}});
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(rules_for(**set, event("a")), (Names{"twice>q"}));
}

TEST(RuleBook, ReadsTheEventBridgeForm) {
  EXPECT_EQ(to_text(event_form(event("order.created", R"({"a":1})"))),
            R"({"source":"orderwright/orders","detail-type":"order.created","time":"2026-01-01T00:00:00.000Z",)"
            R"("resources":["ord_1"],"detail":{"a":1}})");
}

TEST(RuleBook, RefusesABadPatternByTheRulesName) {
  const auto set = RuleBook::make({{"broken", R"({"detail":{}})", "q"}});
  ASSERT_FALSE(set.has_value());
  EXPECT_EQ(set.error().message, "Rule 'broken': detail: an object must not be empty");
}

TEST(RuleBook, RefusesANameUsedTwice) {
  const auto set = RuleBook::make({{"a", R"({"source":["x"]})", "q"}, {"a", R"({"source":["y"]})", "q"}});
  ASSERT_FALSE(set.has_value());
  EXPECT_EQ(set.error().code, base::ErrorCode::conflict);
}

// ---- Rules that come and go ----

platform::Record record_of(const std::string& text) {
  return {.key = {std::string(kRulePartition), std::string(base::parse_json(text)->string_at("name").value_or(""))},
          .kind = std::string(kRuleKind),
          .value = text};
}

base::Result<void> change(RuleBook& book, const std::string& text) {
  const auto record = record_of(text);
  return book.changed(record.key.sort, &record);
}

constexpr auto kBig =
    R"({"name":"big","pattern":{"detail":{"total":[{"numeric":[">",100]}]}},"targets":[{"queue":"q"}]})";

TEST(RuleBook, RoutesByARuleFromItsRecordOnAndNoLongerOnceItIsErased) {
  auto book = RuleBook::make({});
  EXPECT_EQ(rules_for(**book, event("a", R"({"total":101})")), Names{});
  ASSERT_TRUE(change(**book, kBig).has_value());
  EXPECT_EQ(rules_for(**book, event("a", R"({"total":101})")), (Names{"big>q"}));
  EXPECT_EQ(rules_for(**book, event("a", R"({"total":100})")), Names{});
  ASSERT_TRUE((*book)->changed("big", nullptr).has_value());
  EXPECT_EQ(rules_for(**book, event("a", R"({"total":101})")), Names{});
}

TEST(RuleBook, DoesNotRouteByADisabledRule) {
  auto book = RuleBook::make({});
  ASSERT_TRUE(change(**book, kBig).has_value());
  ASSERT_TRUE(change(**book, R"({"name":"big","enabled":false,"pattern":{"source":["x"]},"targets":[{"queue":"q"}]})")
                  .has_value());
  EXPECT_EQ(rules_for(**book, event("a", R"({"total":101})")), Names{});
}

TEST(RuleBook, KeepsTheOldRuleWhenTheNewRecordIsNone) {
  auto book = RuleBook::make({});
  ASSERT_TRUE(change(**book, kBig).has_value());
  const auto refused = change(**book, R"({"name":"big","pattern":{"a":[]},"targets":[{"queue":"q"}]})");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message,
            "The event rule big cannot be read: The rule is not valid. pattern: a: an array must not be empty");
  EXPECT_EQ(rules_for(**book, event("a", R"({"total":101})")), (Names{"big>q"}));
}

TEST(RuleBook, SendsToEachTargetInItsOwnForm) {
  auto book = RuleBook::make({});
  ASSERT_TRUE(change(**book, R"({"name":"two","pattern":{"source":[{"exists":true}]},
    "targets":[{"queue":"q1"},{"queue":"q2","inputPath":"$.detail.total"}],"deadLetterQueue":"lost"})")
                  .has_value());
  const auto targets = (*book)->match(event("a"));
  ASSERT_EQ(targets.size(), 2U);
  EXPECT_EQ(targets[0].shape, nullptr);
  EXPECT_EQ(targets[1].place, "1");
  EXPECT_EQ(targets[1].dead_letter_queue, "lost");
  platform::Event stored{.id = base::EventId("evt_1"),
                         .subject = "ord_1",
                         .number = 1,
                         .type = "a",
                         .source = "s",
                         .data = R"({"total":3.50})",
                         .time = {},
                         .traceparent = {},
                         .cursor = {}};
  EXPECT_EQ(targets[1].shape->body(stored, {}).value(), "3.50");
  stored.data = "{}";
  EXPECT_EQ(targets[1].shape->body(stored, {}).error().message,
            "The event has nothing at the input path $.detail.total.");
}

}  // namespace
}  // namespace ow::rules
