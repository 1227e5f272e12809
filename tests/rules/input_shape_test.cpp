// What targets get of an event: Input, InputPath, InputTransformer.
#include "rules/input_shape.h"

#include <gtest/gtest.h>

namespace ow::rules {
namespace {

using base::Json;

platform::Event event() {
  platform::Event event;
  event.id = base::EventId("evt_7");
  event.subject = "ord_1";
  event.number = 1;
  event.type = "order.created";
  event.source = "orderwright/orders";
  event.data = R"({"total":12.50,"note":"a \"b\" <c>","lines":[{"sku":"mug","quantity":2}],"extra":null})";
  event.time = {1'767'225'600'000'000};
  return event;
}

Target transformer(const std::string& paths, const std::string& text) {
  Target target{.queue = "q"};
  target.input_transformer = Json::object({{"inputPathsMap", *base::parse_json(paths)}, {"inputTemplate", text}});
  return target;
}

std::string body(const Target& target) {
  const auto shape = make_shape(target, "the-rule");
  if (!shape) return "refused: " + shape.error().message;
  const auto text = (*shape)->body(event(), {});
  return text ? *text : "failed: " + text.error().message;
}

TEST(InputShape, IsNoneForATargetThatTakesTheEventAsItIs) {
  EXPECT_EQ(make_shape({.queue = "q"}, "r").value(), nullptr);
}

TEST(InputShape, AConstantIsSentWhateverTheEvent) {
  Target target{.queue = "q"};
  target.input = *base::parse_json(R"({"do":"it"})");
  EXPECT_EQ(body(target), R"({"do":"it"})");
}

TEST(InputShape, APathTakesAPartOfTheEvent) {
  Target target{.queue = "q"};
  target.input_path = "$.detail.lines[0]['sku']";
  EXPECT_EQ(body(target), R"("mug")");
  target.input_path = "$";
  EXPECT_EQ(body(target).substr(0, 30), R"({"id":"evt_7","source":"orderw)");
  target.input_path = "$.detail.lines[1]";
  EXPECT_EQ(body(target), "failed: The event has nothing at the input path $.detail.lines[1].");
}

TEST(InputShape, ATemplateOutsideOfQuotesTakesValuesAsJson) {
  EXPECT_EQ(body(transformer(R"({"sum":"$.detail.total","note":"$.detail.note","lines":"$.detail.lines"})",
                             R"({"sum": <sum>, "note": <note>, "lines": <lines>})")),
            R"({"sum":12.50,"note":"a \"b\" <c>","lines":[{"sku":"mug","quantity":2}]})");
}

TEST(InputShape, ATemplateWithinQuotesTakesValuesAsText) {
  EXPECT_EQ(body(transformer(R"({"id":"$.resources[0]","note":"$.detail.note","line":"$.detail.lines[0]"})",
                             R"("Order <id>: <note> <line>")")),
            R"("Order ord_1: a \"b\" <c> {\"sku\":\"mug\",\"quantity\":2}")");
}

TEST(InputShape, AnAbsentValueIsNullOrNothing) {
  EXPECT_EQ(body(transformer(R"({"no":"$.detail.no"})", R"({"json": <no>, "text": "<no>!"})")),
            R"({"json":null,"text":"!"})");
}

TEST(InputShape, KnowsTheVariablesOfEventBridge) {
  EXPECT_EQ(body(transformer("{}", R"({"rule": "<aws.events.rule-name>", "at": <aws.events.event.ingestion-time>})")),
            R"({"rule":"the-rule","at":"2026-01-01T00:00:00.000Z"})");
  EXPECT_EQ(
      body(transformer("{}", "<aws.events.event>")),
      R"({"id":"evt_7","source":"orderwright/orders","detail-type":"order.created","time":"2026-01-01T00:00:00.000Z","resources":["ord_1"]})");
}

TEST(InputShape, AnEscapedBracketIsItself) {
  EXPECT_EQ(body(transformer(R"({"id":"$.id"})", R"("\<id\> is <id>")")), R"("<id> is evt_7")");
}

TEST(InputShape, RefusalsNameTheMemberAtFault) {
  EXPECT_EQ(body(transformer("{}", "<total>")),
            "refused: inputTransformer.inputTemplate: <total> is not in inputPathsMap");
  EXPECT_EQ(body(transformer("{}", "<total")),
            "refused: inputTransformer.inputTemplate: a < is not closed (write \\< for itself)");
  EXPECT_EQ(body(transformer(R"({"a":"detail"})", "1")),
            "refused: inputTransformer.inputPathsMap.a must be a path such as $.detail.total");
  EXPECT_EQ(body(transformer(R"({"aws.x":"$.detail"})", "1")),
            "refused: inputTransformer.inputPathsMap.aws.x: names in aws. are taken");
  EXPECT_TRUE(body(transformer("{}", "Order placed")).starts_with("refused: inputTransformer.inputTemplate: "));
  Target two{.queue = "q"};
  two.input = Json(1);
  two.input_path = "$";
  EXPECT_EQ(body(two), "refused: input: at most one of input, inputPath and inputTransformer may be given");
  for (const auto* path :
       {"", "detail", "$detail", "$.", "$..a", "$.a[", "$.a[*]", "$.a[x]", "$.*", "$['a'", "$[]", "$.a[-1]"}) {
    Target target{.queue = "q"};
    target.input_path = path;
    EXPECT_EQ(body(target), "refused: inputPath must be a path such as $.detail") << path;
  }
}

}  // namespace
}  // namespace ow::rules
