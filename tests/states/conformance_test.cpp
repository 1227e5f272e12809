// The interpreter against executions recorded on the real service and definitions judged by a public linter.
#include <gtest/gtest.h>

#include <iostream>

#include "states/offline_run.h"
#include "states/vectors.h"

namespace ow::states {
namespace {

using base::Json;

Json member(const Json& json, std::string_view name) {
  const auto* found = json.find(name);
  return found == nullptr ? Json() : *found;
}

/// Empty when the case gives what was recorded, else what differs.
std::string difference(const Json& test_case) {
  auto definition = Definition::parse(to_text(member(test_case, "definition")));
  if (!definition) return "refused: " + definition.error().message;
  const auto mocks = member(test_case, "mocks");
  if (auto checked = check_mocks(**definition, mocks); !checked) return checked.error().message;
  const auto answer = run_offline(**definition, member(test_case, "input"), mocks);
  const auto& expected = *test_case.find("expect");
  for (const auto* name : {"status", "output", "error"}) {
    if (!(member(answer, name) == member(expected, name))) return std::string(name) + ": " + to_text(answer);
  }
  const auto visited = member(test_case, "visited");
  if (!visited.is_null() && !(member(answer, "visited") == visited)) return "visited: " + to_text(answer);
  return {};
}

struct Tally {
  int passed = 0;
  int total = 0;
  std::string failures;
};

Tally run_tier(const Json& vectors, std::string_view tier) {
  Tally tally;
  for (const auto& test_case : vectors.find("cases")->as_array()) {
    if (test_case.string_at("tier") != tier) continue;
    ++tally.total;
    auto why = difference(test_case);
    if (why.empty()) {
      ++tally.passed;
    } else {
      tally.failures += std::string(*test_case.string_at("id")) + " " + why + "\n";
    }
  }
  std::cout << tier << ": " << tally.passed << " of " << tally.total << " recorded executions\n";
  return tally;
}

class RecordedExecutions : public testing::TestWithParam<const char*> {};

TEST_P(RecordedExecutions, GiveTheRecordedStatusOutputErrorAndPath) {
  const auto vectors = states_test::load_vectors("asl-recorded-executions.json");
  if (!vectors) GTEST_SKIP() << "SKIPPED: asl-recorded-executions.json not found; set OW_VECTORS";
  const auto tally = run_tier(*vectors, GetParam());
  EXPECT_GT(tally.total, 0);
  EXPECT_EQ(tally.passed, tally.total) << tally.failures;
}

INSTANTIATE_TEST_SUITE_P(Tiers, RecordedExecutions, testing::Values("core", "variables", "service-quirk"));

TEST(RecordedExecutionsOutOfScope, AreReported) {
  const auto vectors = states_test::load_vectors("asl-recorded-executions.json");
  if (!vectors) GTEST_SKIP() << "SKIPPED: asl-recorded-executions.json not found; set OW_VECTORS";
  for (const auto* tier : {"distributed-map", "aws-integration"}) std::cout << run_tier(*vectors, tier).failures;
}

TEST(RecordedDefinitions, GetTheLintersVerdict) {
  const auto vectors = states_test::load_vectors("asl-validation-statelint.json");
  if (!vectors) GTEST_SKIP() << "SKIPPED: asl-validation-statelint.json not found; set OW_VECTORS";
  int total = 0;
  for (const auto& test_case : vectors->find("cases")->as_array()) {
    const auto definition = Definition::parse(*test_case.string_at("definition_text"));
    EXPECT_EQ(definition.has_value(), test_case.bool_at("valid"))
        << *test_case.string_at("id") << " " << (definition ? "accepted" : definition.error().message);
    ++total;
  }
  std::cout << "statelint: " << total << " verdicts\n";
}

}  // namespace
}  // namespace ow::states
