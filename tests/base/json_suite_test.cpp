// The public JSON parsing suite (nst/JSONTestSuite), outside the repository. Test thread only.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json.h"

namespace ow::base {
namespace {

struct Case {
  std::string name;
  std::string expect;  // accept, reject, either; empty for texts without verdict
  std::string text;
};

void append_cases(std::vector<Case>& cases, const Json& list) {
  for (const auto& item : list.as_array()) {
    auto text = from_base64(item.string_at("base64").value_or("?"));
    EXPECT_TRUE(text);
    cases.push_back({std::string(*item.string_at("name")), std::string(item.string_at("expect").value_or("")),
                     std::move(text).value_or("")});
  }
}

class JsonSuiteTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* given = std::getenv("OW_VECTORS");
    const std::string folder = given != nullptr ? given : OW_SOURCE_DIR "/../shared/vectors";
    const std::ifstream file(folder + "/json-parsing-suite.json");
    if (!file) GTEST_SKIP() << "SKIPPED: " << folder << "/json-parsing-suite.json not found; set OW_VECTORS";
    std::stringstream text;
    text << file.rdbuf();
    const auto suite = parse_json(text.str());
    ASSERT_TRUE(suite);
    append_cases(cases_, *suite->find("parsing"));
    append_cases(cases_, *suite->find("transform"));
    ASSERT_GE(cases_.size(), 340U);
  }

  static Result<Json> read(const Case& item) {
    return parse_json(item.text, {.repeated_members = RepeatedMembers::last_kept});
  }

  std::vector<Case> cases_;
};

TEST_F(JsonSuiteTest, verdicts_agree) {
  for (const auto& item : cases_) {
    if (item.expect == "accept") EXPECT_TRUE(read(item)) << item.name;
    if (item.expect == "reject") EXPECT_FALSE(read(item)) << item.name;
  }
}

TEST_F(JsonSuiteTest, what_is_accepted_is_stored_as_it_was_read) {
  for (const auto& item : cases_) {
    const auto value = read(item);
    if (!value) continue;
    const auto again = parse_json(to_text(*value));
    ASSERT_TRUE(again) << item.name;
    EXPECT_EQ(*again, *value) << item.name;
    EXPECT_EQ(to_text(*again), to_text(*value)) << item.name;
  }
}

TEST_F(JsonSuiteTest, only_repeated_members_are_refused_beyond_the_verdicts) {
  for (const auto& item : cases_) {
    const auto value = parse_json(item.text);
    if (value || item.expect != "accept") continue;
    EXPECT_NE(value.error().message.find("appears twice"), std::string::npos) << item.name;
  }
}

}  // namespace
}  // namespace ow::base
