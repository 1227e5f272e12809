// JSON values: reading, writing, comparing. Test thread only.
#include "base/json.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/base/json_texts.h"

namespace ow::base {

void showValue(const Json& value, std::ostream& out) { out << to_text(value); }

namespace {

Json parsed(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value) << text;
  return value ? *std::move(value) : Json();
}

std::string refusal(std::string_view text) {
  const auto value = parse_json(text);
  EXPECT_FALSE(value) << text;
  return value ? "" : value.error().message;
}

RC_GTEST_PROP(JsonTest, what_is_written_reads_back_the_same, ()) {
  const Json value = *json_values(3);
  const std::string text = to_text(value);
  const auto again = parse_json(text);
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == value);
  RC_ASSERT(to_text(*again) == text);
}

RC_GTEST_PROP(JsonTest, pretty_text_means_the_same, ()) {
  const Json value = *json_values(3);
  const auto again = parse_json(to_pretty_text(value));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == value);
}

RC_GTEST_PROP(JsonTest, any_bytes_are_read_or_refused_without_harm, (const std::string& bytes)) {
  const auto value = parse_json(bytes);
  if (value) RC_ASSERT(parse_json(to_text(*value)) == *value);
}

TEST(JsonTest, numbers_keep_their_text) {
  EXPECT_EQ(to_text(parsed("[1.50,-0,1E+2,100000000000000000001,0.1e-9999]")),
            "[1.50,-0,1E+2,100000000000000000001,0.1e-9999]");
}

TEST(JsonTest, members_keep_their_order) {
  EXPECT_EQ(to_text(parsed(R"( { "b" : 1 , "a" : [ true , null , "x" ] } )")), R"({"b":1,"a":[true,null,"x"]})");
}

TEST(JsonTest, only_what_must_be_escaped_is_escaped) {
  const Json text(std::string("\"\\/\b\f\n\r\t\x01\x7f\xc3\xa9", 12));
  EXPECT_EQ(to_text(text), "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7f\xc3\xa9\"");
}

TEST(JsonTest, escapes_are_read_as_what_they_mean) {
  EXPECT_EQ(parsed(R"("a\u00e9\ud834\udd1e\u0000\/z")").as_string(), std::string("a\xc3\xa9\xf0\x9d\x84\x9e\0/z", 10));
}

TEST(JsonTest, a_refusal_names_the_byte) {
  EXPECT_EQ(refusal("[1,2,]"), "The text is not JSON (syntax error) at byte 5.");
  EXPECT_EQ(refusal("[1] 2"), "The text goes on after its JSON value at byte 4.");
  EXPECT_EQ(refusal("[1"), "The text is not JSON (incomplete JSON) at byte 2.");
}

TEST(JsonTest, a_member_named_twice_is_refused_by_name) {
  EXPECT_NE(refusal(R"({"a":1,"b":2,"a":1})").find(R"("a" appears twice)"), std::string::npos);
}

TEST(JsonTest, a_member_named_twice_among_many_is_refused) {
  std::string text = "{";
  for (int i = 0; i < 1000; ++i) text += "\"m" + std::to_string(i) + "\":0,";
  EXPECT_TRUE(parse_json(text + "\"n\":0}"));
  EXPECT_NE(refusal(text + "\"m500\":0}").find("\"m500\" appears twice"), std::string::npos);
}

TEST(JsonTest, the_last_of_two_members_is_kept_when_asked) {
  const auto value = parse_json(R"({"a":1,"b":2,"a":3})", {.repeated_members = RepeatedMembers::last_kept});
  ASSERT_TRUE(value);
  EXPECT_EQ(to_text(*value), R"({"b":2,"a":3})");
}

TEST(JsonTest, nesting_ends_at_the_limit) {
  EXPECT_TRUE(parse_json(std::string(64, '[') + std::string(64, ']')));
  EXPECT_NE(refusal(std::string(65, '[') + std::string(65, ']')).find("deeper than 64"), std::string::npos);
  EXPECT_FALSE(parse_json(std::string(100'000, '[')));
  EXPECT_FALSE(parse_json("[[1]]", {.depth_max = 1}));
}

TEST(JsonTest, lone_surrogates_and_broken_utf8_are_refused) {
  for (const char* text : {R"("\ud800")", R"("\udc00")", R"("\ud800\ud800")", "\"\xed\xa0\x80\"", "\"\xff\"",
                           "\"\xc0\xaf\"", "\xef\xbb\xbf[]"}) {
    EXPECT_FALSE(parse_json(text)) << text;
  }
}

TEST(JsonTest, equality_ignores_the_spelling_of_numbers_and_the_order_of_members) {
  EXPECT_EQ(parsed(R"({"a":1.0,"b":[1e2]})"), parsed(R"({"b":[100],"a":1})"));
  EXPECT_FALSE(parsed(R"({"a":1})") == parsed(R"({"a":2})"));
  EXPECT_FALSE(parsed(R"({"a":1})") == parsed(R"({"b":1})"));
  EXPECT_FALSE(parsed("[1,2]") == parsed("[2,1]"));
  EXPECT_FALSE(parsed("1") == parsed("\"1\""));
}

TEST(JsonTest, members_are_found_by_name_and_type) {
  const Json value = parsed(R"({"text":"x","count":1e2,"half":0.5,"yes":true})");
  EXPECT_EQ(value.string_at("text"), "x");
  EXPECT_EQ(value.integer_at("count"), 100);
  EXPECT_EQ(value.integer_at("half"), std::nullopt);
  EXPECT_EQ(value.bool_at("yes"), true);
  EXPECT_EQ(value.string_at("count"), std::nullopt);
  EXPECT_EQ(value.find("none"), nullptr);
  EXPECT_EQ(Json(1).find("text"), nullptr);
}

TEST(JsonTest, members_are_set_replaced_and_removed) {
  Json value;
  value.set("a", 1).set("b", "x").set("a", 2);
  EXPECT_EQ(to_text(value), R"({"a":2,"b":"x"})");
  value.remove("a");
  value.remove("none");
  EXPECT_EQ(to_text(value), R"({"b":"x"})");
}

TEST(JsonTest, pretty_text_is_indented_by_two) {
  EXPECT_EQ(to_pretty_text(parsed(R"({"a":[1,{}],"b":{"c":[]}})")),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": []\n  }\n}");
}

TEST(JsonDeathTest, asking_for_the_wrong_kind_is_a_broken_invariant) {
  EXPECT_DEATH(static_cast<void>(Json(1).as_string()), "the JSON value is a string");
}

}  // namespace
}  // namespace ow::base
