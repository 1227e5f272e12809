// The matcher of one pattern and the index over many against the oracle, on events and patterns made to collide: few
// names, few values, arrays in arrays, absences, numbers in many spellings, texts that open and close alike.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "rules/oracle.h"
#include "rules/rule_index.h"

namespace ow::rules {
namespace {

using base::Json;
using base::JsonNumber;

rc::Gen<std::string> texts() {
  return rc::gen::element<std::string>("", "a", "A", "ab", "aB", "ba", "aba", "abab", "b*", "\xc3\xa9", "10.0.0.1",
                                       "10.0.1.1", "192.168.0.1", "10.0.0.01", "1", "null");
}

rc::Gen<Json> numbers() {
  return rc::gen::map(
      rc::gen::element<std::string>("0", "-0", "0.0", "1", "1.0", "10e-1", "1.5", "-1", "300", "3e2", "3.0e+2", "0.1",
                                    "0.10000000000000000001", "4999999999.999999", "5e9", "-5e9", "1e400",
                                    "123456789012345678901234567890", "123456789012345678901234567891"),
      [](const std::string& text) { return Json(JsonNumber{text}); });
}

rc::Gen<Json> scalars() {
  return rc::gen::oneOf(rc::gen::map(texts(), [](const std::string& text) { return Json(text); }), numbers(),
                        rc::gen::element<Json>(Json(true), Json(false), Json()));
}

const std::vector<std::string> kNames = {"a", "b", "c", "a-b"};

Json value_at(int depth) {
  const auto kind = *rc::gen::inRange(0, depth <= 0 ? 3 : 9);
  if (kind <= 2) return *scalars();
  if (kind <= 5) {
    auto array = Json::array();
    for (auto count = *rc::gen::inRange(0, 4); count > 0; --count) array.push_back(value_at(depth - 1));
    return array;
  }
  auto object = Json::object();
  for (const auto& name : kNames) {
    if (*rc::gen::inRange(0, 2) == 0) object.set(name, value_at(depth - 1));
  }
  return object;
}

Json event() {
  auto object = Json::object();
  for (const auto& name : kNames) {
    if (*rc::gen::inRange(0, 4) != 0) object.set(name, value_at(3));
  }
  return object;
}

Json one(const char* name, Json value) { return Json::object({{name, std::move(value)}}); }

Json text_operator() {
  const auto* name = *rc::gen::element("prefix", "suffix", "equals-ignore-case", "wildcard");
  if (std::string_view(name) == "wildcard")
    return one(name, *rc::gen::element<std::string>("*", "a*", "*a", "a*b", "*b*", "*ab*a", "b\\*", "a*b*a", "x*"));
  const auto text = *rc::gen::element<std::string>("a", "A", "ab", "b", "ba", "1", "10.");
  if (std::string_view(name) != "equals-ignore-case" && *rc::gen::arbitrary<bool>())
    return one(name, one("equals-ignore-case", text));
  return one(name, text);
}

Json numeric() {
  const auto low = *rc::gen::element<std::string>("-5e9", "-1", "0", "0.1", "1");
  const auto high = *rc::gen::element<std::string>("1.0000001", "3e2", "301", "5e9");
  auto range = Json::array();
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      range = Json::array({*rc::gen::element("=", "<", "<=", ">", ">="), JsonNumber{low}});
      break;
    default:
      range =
          Json::array({*rc::gen::element(">", ">="), JsonNumber{low}, *rc::gen::element("<", "<="), JsonNumber{high}});
  }
  return one("numeric", range);
}

Json anything_but() {
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return one("anything-but", *texts());
    case 1:
      return one("anything-but", Json::array({*texts(), *texts()}));
    case 2:
      return one("anything-but", Json::array({*numbers(), *numbers()}));
    default:
      return one("anything-but", text_operator());
  }
}

Json test() {
  switch (*rc::gen::inRange(0, 8)) {
    case 0:
    case 1:
      return *scalars();
    case 2:
      return text_operator();
    case 3:
      return numeric();
    case 4:
      return anything_but();
    case 5:
      return one("exists", *rc::gen::arbitrary<bool>());
    case 6:
      return one("exists", false);
    default:
      return one("cidr", *rc::gen::element<std::string>("10.0.0.0/24", "10.0.0.0/8", "0.0.0.0/0", "192.168.0.1/32",
                                                        "10.0.1.0/23"));
  }
}

Json leaf() {
  auto tests = Json::array();
  for (auto count = *rc::gen::inRange(1, 6); count > 0; --count) tests.push_back(test());
  return tests;
}

Json pattern_at(int depth) {
  auto object = Json::object();
  while (object.as_object().empty()) {
    for (const auto& name : kNames) {
      const auto kind = *rc::gen::inRange(0, 9);
      if (kind == 0) object.set(name, leaf());
      if (kind == 1 && depth > 0) object.set(name, pattern_at(depth - 1));
    }
  }
  return object;
}

/// With alternatives over a name that nothing else uses: what overrides what is no affair of matching.
Json pattern() {
  auto object = pattern_at(2);
  if (*rc::gen::inRange(0, 3) != 0) return object;
  const auto name = *rc::gen::elementOf(kNames);
  object.remove(name);
  auto alternatives = Json::array();
  for (int i = 0; i < 2; ++i) {
    alternatives.push_back(one(name.c_str(), *rc::gen::arbitrary<bool>() ? leaf() : pattern_at(1)));
  }
  object.set("$or", std::move(alternatives));
  return object;
}

RC_GTEST_PROP(PatternMatching, AgreesWithTheDocumentation, ()) {
  const auto json = pattern();
  const auto compiled = Pattern::compile(json);
  if (!compiled) RC_FAIL("refused: " + compiled.error().message + " in " + to_text(json));
  for (int i = 0; i < 8; ++i) {
    const auto happened = event();
    const bool expected = tests::documented_match(json, happened);
    RC_TAG(expected ? "match" : "no match");
    if (compiled->match(happened) != expected)
      RC_FAIL(to_text(json) + "\n" + to_text(happened) + (expected ? " matches" : " does not match"));
  }
}

RC_GTEST_PROP(PatternMatching, OfManyInOneIndexAgreesWithEachAlone, ()) {
  RuleIndex index;
  std::map<RuleIndex::Slot, std::pair<Json, Pattern>> patterns;
  const auto check = [&](const Json& happened) {
    auto matched = index.match(happened);
    std::sort(matched.begin(), matched.end());
    std::vector<RuleIndex::Slot> expected;
    for (const auto& [slot, known] : patterns) {
      if (known.second.match(happened)) expected.push_back(slot);
    }
    if (matched != expected) {
      std::string all;
      for (const auto& [slot, known] : patterns) all += std::to_string(slot) + " " + to_text(known.first) + "\n";
      RC_FAIL(all + to_text(happened) + " matches " + rc::toString(matched) + " and not " + rc::toString(expected));
    }
  };
  const auto count = *rc::gen::element(1, 5, 20, 40, 150);
  for (int i = 0; i < count; ++i) {
    const auto json = pattern();
    const auto compiled = *Pattern::compile(json);
    patterns.emplace(index.add(compiled), std::pair(json, compiled));
    if (*rc::gen::inRange(0, 5) == 0) {
      const auto gone = std::next(patterns.begin(), *rc::gen::inRange<long>(0, static_cast<long>(patterns.size())));
      index.remove(gone->first);
      patterns.erase(gone);
    }
    if (i % 10 == 0) check(event());
  }
  RC_ASSERT(index.size() == patterns.size());
  for (int i = 0; i < 10; ++i) check(event());
}

TEST(RuleIndex, JudgesTestsOfOneArrayItemByItem) {
  RuleIndex index;
  const auto slot = [&](const char* pattern) { return index.add(*Pattern::compile_text(pattern)); };
  const auto lines = slot(R"({"lines":{"sku":["a"],"count":[{"numeric":[">",2]}]},"tags":["x"]})");
  const auto both = slot(R"({"$or":[{"lines":["a"]},{"c":[1]}],"lines":{"sku":["a"]}})");
  const auto matched = [&](const char* event) {
    auto slots = index.match(*base::parse_json(event));
    std::ranges::sort(slots);
    return slots;
  };
  using Slots = std::vector<RuleIndex::Slot>;
  EXPECT_EQ(matched(R"({"lines":[{"sku":"a","count":1},{"sku":"b","count":3}],"tags":["x","y"]})"), Slots());
  EXPECT_EQ(matched(R"({"lines":[{"sku":"b","count":1},{"sku":"a","count":3}],"tags":["y","x"]})"), Slots{lines});
  EXPECT_EQ(matched(R"({"lines":["a",{"sku":"a"}]})"), Slots()) << "an item is a text or an object";
  EXPECT_EQ(matched(R"({"lines":["a",{"sku":"a"}],"c":1})"), Slots{both});
}

/// Of more rules than wait at one state, so that the test on the sku leads to the others.
TEST(RuleIndex, KeepsItemsApartThatLeadToOneState) {
  RuleIndex index;
  std::vector<RuleIndex::Slot> slots;
  for (int count = 1; count <= 10; ++count) {
    slots.push_back(
        index.add(*Pattern::compile(Json::object({{"lines", Json::object({{"sku", Json::array({"a"})},
                                                                          {"count", Json::array({count})},
                                                                          {"gift", Json::array({true})}})}}))));
  }
  const auto matched = [&](const char* event) { return index.match(*base::parse_json(event)); };
  using Slots = std::vector<RuleIndex::Slot>;
  EXPECT_EQ(matched(R"({"lines":[{"sku":"a","count":3,"gift":true},{"sku":"b","count":4,"gift":true}]})"),
            Slots{slots[2]});
  EXPECT_EQ(matched(R"({"lines":[{"sku":"a","count":3},{"sku":"a","count":4,"gift":true}]})"), Slots{slots[3]});
  EXPECT_EQ(matched(R"({"lines":[{"sku":"a","count":3},{"sku":"b","count":3,"gift":true}]})"), Slots());
  EXPECT_EQ(matched(R"({"lines":{"sku":"a","count":[5,7],"gift":true}})").size(), 2U)
      << "an array of scalars is one item";
}

TEST(RuleIndex, SweepsOutWhatWasRemovedAndKeepsTheRest) {
  RuleIndex index;
  const auto pattern_of = [](int i) { return *Pattern::compile(Json::object({{"id", Json::array({Json(i)})}})); };
  std::vector<RuleIndex::Slot> slots;
  for (int i = 0; i < 1000; ++i) slots.push_back(index.add(pattern_of(i)));
  for (int i = 0; i < 1000; ++i) {
    if (i % 7 != 0) index.remove(slots[static_cast<std::size_t>(i)]);
  }
  for (int i = 0; i < 1000; ++i) {
    const auto matched = index.match(Json::object({{"id", i}}));
    ASSERT_EQ(matched, i % 7 == 0 ? std::vector{slots[static_cast<std::size_t>(i)]} : std::vector<RuleIndex::Slot>())
        << i;
  }
}

}  // namespace
}  // namespace ow::rules
