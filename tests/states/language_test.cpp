// Paths, expressions, templates and choice rules, by table.
#include <gtest/gtest.h>

#include "states/choice.h"
#include "states/expression.h"
#include "states/template.h"

namespace ow::states {
namespace {

using base::Json;

const Json kInput = *base::parse_json(
    R"({"a":{"b":[10,20,30]},"books":[{"t":"x","p":5},{"t":"y","p":15,"f":true}],"s":"text","z":null})");

std::string read(std::string_view text) {
  const auto expression = Expression::parse(text);
  if (!expression) return "refused: " + expression.error().message;
  std::uint64_t random = 1;
  const auto value = expression->evaluate({.input = &kInput, .context = &kInput, .random = &random});
  return value ? to_text(*value) : value.error().error;
}

struct Case {
  const char* text;
  const char* expected;
};

class Expressions : public testing::TestWithParam<Case> {};

TEST_P(Expressions, Evaluate) { EXPECT_EQ(read(GetParam().text), GetParam().expected) << GetParam().text; }

INSTANTIATE_TEST_SUITE_P(Paths, Expressions,
                         testing::Values(Case{"$.a.b[1]", "20"}, Case{"$['a'][\"b\"][-1]", "30"},
                                         Case{"$.a.b[0,2]", "[10,30]"}, Case{"$.a.b[-2:]", "[20,30]"},
                                         Case{"$.a.b[0:2]", "[10,20]"}, Case{"$..t", R"(["x","y"])"},
                                         Case{"$.books[?(@.p > 10)].t", R"(["y"])"}, Case{"$.books[?(@.f)].p", "[15]"},
                                         Case{"$.books[?(!(@.f) && @.t == 'x' || @.p >= 100)].p", "[5]"},
                                         Case{"$.*.b", "[[10,20,30]]"}, Case{"$['s','z']", R"(["text",null])"},
                                         Case{"$$.s", R"("text")"}, Case{"$.none", "States.Runtime"},
                                         Case{"$.none[*]", "[]"}, Case{"$.a.b[3]", "States.Runtime"}));

INSTANTIATE_TEST_SUITE_P(
    Intrinsics, Expressions,
    testing::Values(Case{"States.Format('{} \\{\\} {}', $.s, 1.50)", R"("text {} 1.50")"},
                    Case{"States.Array(1, 'it\\'s', null, true)", R"([1,"it's",null,true])"},
                    Case{"States.ArrayUnique(States.Array(1, 1.0, 2))", "[1,2]"},
                    Case{"States.ArrayRange(3, 1, -1)", "[3,2,1]"},
                    Case{"States.Base64Decode('!')", "States.IntrinsicFailure"},
                    Case{"States.JsonMerge($.a, $.books[1], false)", R"({"b":[10,20,30],"t":"y","p":15,"f":true})"},
                    Case{"States.JsonMerge($.a, $.a, true)", "States.IntrinsicFailure"},
                    Case{"States.MathRandom(3, 4)", "3"}, Case{"States.ArrayLength('x')", "States.IntrinsicFailure"},
                    Case{"States.Format('{}')", "States.IntrinsicFailure"}));

class Refused : public testing::TestWithParam<const char*> {};

TEST_P(Refused, Expression) { EXPECT_TRUE(read(GetParam()).starts_with("refused")) << GetParam(); }

INSTANTIATE_TEST_SUITE_P(Texts, Refused,
                         testing::Values("", "a", "$.", "$..", "$[", "$['a", "$[1", "$[?(@.a]", "$.a b", "$$23", "$1",
                                         "States.Nothing()", "States.UUID(1)", "States.Array(1", "States.Array(1,)",
                                         "States.Array(1) ", "States.Format('a)", "$[?(@.a ==)]"));

TEST(Expressions, BoundsHowDeepATextMayNest) {
  std::string deep = "$[?";
  for (int level = 0; level < 10'000; ++level) deep += "(";
  EXPECT_FALSE(Expression::parse(deep).has_value());
  std::string calls;
  for (int level = 0; level < 10'000; ++level) calls += "States.Array(";
  EXPECT_FALSE(Expression::parse(calls).has_value());
}

TEST(Paths, WriteMakesMembersOnTheWay) {
  const auto path = *Path::parse("$.a.c.d");
  EXPECT_EQ(to_text(*path.write(*base::parse_json(R"({"a":{"b":1}})"), Json(2))), R"({"a":{"b":1,"c":{"d":2}}})");
  EXPECT_EQ(path.write(Json::object({{"a", 1}}), Json(2)).error().error, "States.ResultPathMatchFailure");
}

TEST(Templates, FillNestedMembersAndItems) {
  const auto parsed =
      Template::parse(*base::parse_json(R"({"k":1,"n":{"v.$":"$.s"},"l":[{"w.$":"$.a.b[0]"},"c"]})"), "P");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(to_text(*parsed->evaluate({.input = &kInput})), R"({"k":1,"n":{"v":"text"},"l":[{"w":10},"c"]})");
}

bool chosen(std::string_view rule_text) {
  std::vector<std::string> problems;
  const auto rule = parse_choice_rule(*base::parse_json(rule_text), "R", false, problems);
  EXPECT_TRUE(problems.empty()) << problems.front();
  const auto answer = holds(rule, {.input = &kInput});
  return answer && *answer;
}

TEST(ChoiceRules, MatchTextsWithWildcards) {
  EXPECT_TRUE(chosen(R"({"Variable":"$.s","StringMatches":"t*t"})"));
  EXPECT_TRUE(chosen(R"({"Variable":"$.s","StringMatches":"*"})"));
  EXPECT_FALSE(chosen(R"({"Variable":"$.s","StringMatches":"t\\*t"})"));
}

TEST(ChoiceRules, JoinAndNegate) {
  EXPECT_TRUE(chosen(R"({"And":[{"Variable":"$.z","IsNull":true},{"Not":{"Variable":"$.s","IsNumeric":true}}]})"));
  EXPECT_FALSE(chosen(R"({"Or":[{"Variable":"$.s","StringEquals":"no"},{"Variable":"$.none","IsPresent":true}]})"));
}

TEST(ChoiceRules, CompareWithPaths) {
  EXPECT_TRUE(chosen(R"({"Variable":"$.books[0].p","NumericLessThanPath":"$.books[1].p"})"));
}

}  // namespace
}  // namespace ow::states
