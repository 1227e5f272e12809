// The examples of docs/rules.md do what the page says.
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <sstream>

#include "rules/input_shape.h"
#include "rules/rule_book.h"

namespace ow::rules {
namespace {

using base::Json;

struct Example {
  std::string kind;  // what follows ```json
  Json json;
};

std::vector<Example> examples() {
  std::ifstream page(OW_SOURCE_DIR "/docs/rules.md");
  std::vector<Example> found;
  std::optional<std::string> text;
  std::string kind;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```json ")) {
      kind = line.substr(8);
      text = "";
    } else if (line == "```" && text) {
      auto json = base::parse_json(*text);
      EXPECT_TRUE(json.has_value()) << *text;
      found.push_back({kind, json.value_or(Json())});
      text.reset();
    } else if (text) {
      *text += line + "\n";
    }
  }
  return found;
}

platform::Event as_stored(const Json& form) {
  platform::Event event;
  event.subject = form.find("resources")->as_array().at(0).as_string();
  event.type = *form.string_at("detail-type");
  event.source = *form.string_at("source");
  event.data = to_text(*form.find("detail"));
  return event;
}

TEST(DocumentationOfRules, ExamplesDoWhatThePageSays) {
  std::optional<Json> event;
  std::optional<Rule> rule;
  int checked = 0;
  for (const auto& [kind, json] : examples()) {
    SCOPED_TRACE(to_text(json));
    if (kind == "event") event = json;
    ASSERT_TRUE(event.has_value());
    if (kind == "matches" || kind == "does-not-match") {
      const auto pattern = Pattern::compile(json);
      ASSERT_TRUE(pattern.has_value()) << pattern.error().message;
      EXPECT_EQ(pattern->match(*event), kind == "matches");
    } else if (kind == "rule") {
      auto parsed = parse_rule(json);
      ASSERT_TRUE(parsed.has_value());
      EXPECT_TRUE(Pattern::compile(parsed->pattern)->match(*event));
      rule = std::move(*parsed);
    } else if (kind.starts_with("message ")) {
      ASSERT_TRUE(rule.has_value());
      const auto shape = make_shape(rule->targets.at(std::stoul(kind.substr(8))), rule->name);
      EXPECT_EQ(base::parse_json((*shape)->body(as_stored(*event), {}).value()), json);
    }
    ++checked;
  }
  EXPECT_GE(checked, 7);
}

}  // namespace
}  // namespace ow::rules
