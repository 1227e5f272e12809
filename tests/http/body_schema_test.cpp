// Bodies against the JSON Schema subset: what is at fault is named.
#include "http/body_schema.h"

#include <gtest/gtest.h>

#include "base/bounds.h"

namespace ow::http {
namespace {

using base::Json;

Json parsed(std::string_view text) {
  auto json = base::parse_json(text);
  EXPECT_TRUE(json) << text;
  return json.value_or(Json());
}

const BodySchema& order_schema() {
  static const BodySchema kSchema(parsed(R"({
    "type": "object",
    "required": ["items", "total"],
    "properties": {
      "items": {"type": "array", "minItems": 1, "maxItems": 50, "items": {
        "type": "object",
        "required": ["productId", "quantity"],
        "properties": {
          "productId": {"type": "string", "minLength": 1},
          "name": {"type": "string", "maxLength": 5},
          "quantity": {"type": "integer", "minimum": 1, "maximum": 10000}
        }}},
      "total": {"type": "number", "minimum": 0.01, "maximum": 999999.99},
      "currency": {"enum": ["EUR", "USD"]},
      "note": {"type": ["string", "null"]},
      "tags": {"type": "object", "additionalProperties": {"type": "string"}},
      "free": {"type": "object", "additionalProperties": true}
    }})"));
  return kSchema;
}

using Sentences = std::vector<std::string>;

Sentences violations(std::string_view body) {
  Sentences out;
  order_schema().check(parsed(body), {}, out);
  return out;
}

TEST(BodySchema, AcceptsWhatFits) {
  EXPECT_EQ(violations(R"({"items": [{"productId": "p", "quantity": 1}], "total": 19.90})"), Sentences{});
  EXPECT_EQ(violations(R"({"items": [{"productId": "p", "quantity": 1e2, "name": "äöüßé"}], "total": 0.01,
                           "note": null, "tags": {"a": "b"}, "free": {"x": [1]}, "currency": "USD"})"),
            Sentences{});
}

TEST(BodySchema, NamesTheFieldAndWhatItMustBe) {
  const auto with_quantity = [](std::string_view quantity) {
    return violations(R"({"total": 1, "items": [{"productId": "p", "quantity": 1}, {"productId": "p", "quantity": )" +
                      std::string(quantity) + "}]}");
  };
  for (const std::string_view wrong : {"0", "-3", "\"two\"", "0.5", "null", "[]", "-1e300"}) {
    EXPECT_EQ(with_quantity(wrong), Sentences{"items[1].quantity must be an integer >= 1"}) << wrong;
  }
  EXPECT_EQ(with_quantity("1.5"), Sentences{"items[1].quantity must be an integer >= 1"});
  for (const std::string_view wrong : {"10001", "1e300", "99999999999999999999999999"}) {
    EXPECT_EQ(with_quantity(wrong), Sentences{"items[1].quantity must be an integer <= 10000"}) << wrong;
  }
}

TEST(BodySchema, ComparesNumbersExactly) {
  EXPECT_EQ(violations(R"({"items": [{"productId": "p", "quantity": 1}], "total": 0.00999999999999999999999})"),
            Sentences{"total must be a number >= 0.01"});
  EXPECT_EQ(violations(R"({"items": [{"productId": "p", "quantity": 1}], "total": 999999.990000000000000001})"),
            Sentences{"total must be a number <= 999999.99"});
}

TEST(BodySchema, NamesUnknownMembersAtAnyDepth) {
  EXPECT_EQ(violations(R"({"items": [{"productId": "p", "quantity": 1, "colour": "red"}], "total": 1, "extra": {}})"),
            (Sentences{"items[0].colour is not a known member", "extra is not a known member"}));
}

TEST(BodySchema, NamesMissingMembersAtAnyDepth) {
  EXPECT_EQ(violations(R"({"items": [{}]})"),
            (Sentences{"items[0].productId is required", "items[0].quantity is required", "total is required"}));
}

TEST(BodySchema, NamesWrongTypes) {
  EXPECT_EQ(violations(R"([])"), Sentences{"the body must be an object"});
  EXPECT_EQ(violations(R"({"items": {}, "total": true, "note": 5, "tags": {"a": 1}})"),
            (Sentences{"items must be an array", "total must be a number >= 0.01", "note must be a string or null",
                       "tags.a must be a string"}));
}

TEST(BodySchema, CountsItemsAndCharacters) {
  EXPECT_EQ(violations(R"({"items": [], "total": 1})"), Sentences{"items must hold at least 1 item"});
  std::string many = R"({"total": 1, "items": [)";
  for (int i = 0; i < 51; ++i) many += std::string(i ? "," : "") + R"({"productId": "p", "quantity": 1})";
  EXPECT_EQ(violations(many + "]}"), Sentences{"items must hold at most 50 items"});
  EXPECT_EQ(violations(R"({"total": 1, "items": [{"productId": "", "name": "äöüßéa", "quantity": 1}]})"),
            (Sentences{"items[0].productId must be a string of at least 1 character",
                       "items[0].name must be a string of at most 5 characters"}));
}

TEST(BodySchema, ListsTheAllowedValues) {
  EXPECT_EQ(violations(R"({"items": [{"productId": "p", "quantity": 1}], "total": 1, "currency": "GBP"})"),
            Sentences{R"(currency must be one of "EUR", "USD")"});
}

TEST(BodySchema, StopsAtTheBoundOfViolations) {
  std::string body = R"({"total": 1)";
  for (int i = 0; i < 1000; ++i) body += ",\"x" + std::to_string(i) + "\": 1";
  EXPECT_EQ(violations(body + "}").size(), base::bounds::kViolationsMax);
}

TEST(BodySchema, ReadsTextAsTheTypeThatIsNamed) {
  const BodySchema limit(parsed(R"({"type": "integer", "minimum": 1, "maximum": 50})"));
  const auto check = [&](std::string_view text) {
    Sentences out;
    limit.check_text(text, "limit", out);
    return out;
  };
  EXPECT_EQ(check("50"), Sentences{});
  EXPECT_EQ(check("51"), Sentences{"limit must be an integer <= 50"});
  for (const std::string_view wrong : {"0", "", "ten", " 1", "01", "+1", "0x1"}) {
    EXPECT_EQ(check(wrong), Sentences{"limit must be an integer >= 1"}) << wrong;
  }
}

TEST(BodySchemaDeath, AKeywordThatIsNotCheckedIsABrokenInvariant) {
  EXPECT_DEATH(BodySchema(parsed(R"({"oneOf": []})")), "no keyword oneOf");
}

}  // namespace
}  // namespace ow::http
