// The pattern language against the public suite of the library behind EventBridge.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "rules/pattern.h"
#include "rules/rule_index.h"

namespace ow::rules {
namespace {

using base::Json;

std::optional<Json> load_vectors() {
  const char* given = std::getenv("OW_VECTORS");
  const std::string root = given != nullptr ? given : OW_SOURCE_DIR "/../shared/vectors";
  const std::ifstream file(root + "/event-patterns-event-ruler.json");
  if (!file) return std::nullopt;
  std::stringstream text;
  text << file.rdbuf();
  auto json = base::parse_json(text.str(), {.depth_max = 128});
  return json ? std::optional(std::move(*json)) : std::nullopt;
}

/// Empty when the pattern answers as recorded.
std::string difference(const Json& test_case) {
  const auto pattern = Pattern::compile(*test_case.find("pattern"));
  if (!pattern) return "refused: " + pattern.error().message;
  const bool matched = pattern->match(*test_case.find("event"));
  RuleIndex index;
  index.add(*pattern);
  if (matched == index.match(*test_case.find("event")).empty())
    return "the index answers otherwise: " + to_text(test_case);
  if (matched == test_case.bool_at("match")) return {};
  return (matched ? "matched: " : "did not match: ") + to_text(test_case);
}

TEST(RecordedPatterns, InOneIndexEachMatchesTheSameEventsAsAlone) {
  const auto vectors = load_vectors();
  if (!vectors) GTEST_SKIP() << "SKIPPED: event-patterns-event-ruler.json not found; set OW_VECTORS";
  RuleIndex index;
  std::vector<Pattern> patterns;
  for (const auto& test_case : vectors->find("cases")->as_array()) {
    patterns.push_back(*Pattern::compile(*test_case.find("pattern")));
    index.add(patterns.back());
  }
  for (const auto& test_case : vectors->find("cases")->as_array()) {
    const auto& event = *test_case.find("event");
    std::vector<RuleIndex::Slot> alone;
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      if (patterns[i].match(event)) alone.push_back(static_cast<RuleIndex::Slot>(i));
    }
    auto together = index.match(event);
    std::sort(together.begin(), together.end());
    EXPECT_EQ(together, alone) << to_text(event);
  }
}

TEST(RecordedPatterns, OfTierCoreGiveTheRecordedAnswer) {
  const auto vectors = load_vectors();
  if (!vectors) GTEST_SKIP() << "SKIPPED: event-patterns-event-ruler.json not found; set OW_VECTORS";
  int core = 0;
  int others = 0;
  int others_passed = 0;
  for (const auto& test_case : vectors->find("cases")->as_array()) {
    const auto why = difference(test_case);
    if (test_case.string_at("tier") == "core") {
      ++core;
      EXPECT_EQ(why, "") << *test_case.string_at("id");
    } else {
      ++others;
      others_passed += why.empty() ? 1 : 0;
      if (!why.empty()) std::cout << *test_case.string_at("id") << " " << why << "\n";
    }
  }
  EXPECT_GT(core, 0);
  std::cout << "core: " << core << " patterns; other tiers: " << others_passed << " of " << others << "\n";
}

}  // namespace
}  // namespace ow::rules
