// What definitions are refused for, and with which words.
#include "states/definition.h"

#include <gtest/gtest.h>

namespace ow::states {
namespace {

std::vector<std::string> violations(const std::string& states, const std::string& more = "") {
  const auto parsed = Definition::parse(R"({"StartAt":"A",)" + more + R"("States":{)" + states + "}}");
  return parsed ? std::vector<std::string>() : parsed.error().violations;
}

using Violations = std::vector<std::string>;

TEST(Definition, NamesPlaceAndRule) {
  EXPECT_EQ(
      violations(R"("A":{"Type":"Task","Resource":"r","End":true,"Retry":[{"ErrorEquals":["x"],"MaxAttempts":-1}]})"),
      Violations{"States.A.Retry[0].MaxAttempts must be an integer from 0 to 99999999"});
  EXPECT_EQ(violations(R"("A":{"Type":"Pass","Next":"B"})"),
            Violations{"States.A goes to 'B', which is no state beside it"});
  EXPECT_EQ(violations(R"("A":{"Type":"Succeed"},"B":{"Type":"Succeed"})"),
            Violations{"States.B is not reachable from StartAt"});
  EXPECT_EQ(violations(R"("A":{"Type":"Choice","Choices":[{"Variable":"$.a","Next":"A"}]})"),
            Violations{"States.A.Choices[0] must have exactly one operator"});
}

TEST(Definition, NamesEveryProblemOfANestedMachine) {
  const auto found = violations(
      R"("A":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"X","States":{"X":{"Type":"Pass"}}},{"StartAt":"Y"}]})");
  EXPECT_EQ(found, (Violations{"States.A.Branches[0].States.X must have either Next or \"End\": true",
                               "States.A.Branches[1].States must be a non-empty object"}));
}

TEST(Definition, RefusesMembersOfOtherStates) {
  EXPECT_EQ(violations(R"("A":{"Type":"Succeed","Retry":[]})"), Violations{"States.A.Retry is not allowed here"});
}

TEST(Definition, RefusesAResultPathThatIsNoReference) {
  EXPECT_EQ(violations(R"("A":{"Type":"Pass","ResultPath":"$.a[*]","End":true})"),
            Violations{"States.A.ResultPath must be a reference path into the input"});
  EXPECT_EQ(violations(R"("A":{"Type":"Pass","ResultPath":"$$.a","End":true})").size(), 1U);
}

TEST(Definition, RefusesStatesAllBesideOthersOrBeforeThem) {
  EXPECT_EQ(violations(R"("A":{"Type":"Task","Resource":"r","End":true,"Retry":[
              {"ErrorEquals":["States.ALL"]},{"ErrorEquals":["x"]}]})"),
            Violations{"States.A.Retry must have States.ALL in its last entry only"});
  EXPECT_EQ(violations(R"("A":{"Type":"Task","Resource":"r","End":true,"Retry":[{"ErrorEquals":["States.ALL","x"]}]})"),
            Violations{"States.A.Retry[0].ErrorEquals must hold States.ALL alone"});
}

TEST(Definition, RefusesJsonataAndOtherVersions) {
  EXPECT_EQ(violations(R"("A":{"Type":"Succeed"})", R"("QueryLanguage":"JSONata",)"),
            Violations{"QueryLanguage must be JSONPath"});
  EXPECT_EQ(violations(R"("A":{"Type":"Succeed"})", R"("Version":"2.0",)"), Violations{"Version must be \"1.0\""});
}

TEST(Definition, RefusesWhatIsNotJson) {
  const auto parsed = Definition::parse("{");
  ASSERT_FALSE(parsed.has_value());
  EXPECT_TRUE(parsed.error().message.starts_with("The definition is not JSON")) << parsed.error().message;
  EXPECT_FALSE(Definition::parse("[]").has_value());
}

TEST(Definition, SurvivesTextsOfAnyShape) {
  for (const auto* text :
       {R"({"StartAt":1,"States":[]})", R"({"StartAt":"A","States":{"A":[]}})",
        R"({"StartAt":"A","States":{"A":{"Type":"Map","Iterator":[],"End":true}}})",
        R"({"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[[]]}}})",
        R"({"StartAt":"A","States":{"A":{"Type":"Task","Resource":"r","Catch":[1],"Retry":{},"End":1}}})"}) {
    const auto parsed = Definition::parse(text);
    ASSERT_FALSE(parsed.has_value());
    EXPECT_FALSE(parsed.error().violations.empty());
  }
}

}  // namespace
}  // namespace ow::states
