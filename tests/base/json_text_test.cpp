// Texts written member by member are what to_text() makes of the same tree.
#include "base/json_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace ow::tests {
namespace {

using base::Json;
using base::JsonText;

TEST(JsonTextTest, nests_and_separates) {
  JsonText out(0);
  out.begin_object().member("a", std::int64_t{1}).name("b").begin_array();
  out.begin_array().end_array().begin_object().end_object().value(true).value("x").end_array();
  out.name("c").begin_object().member("d", false).end_object().member("e", std::string("y")).end_object();
  EXPECT_EQ(out.take(), R"({"a":1,"b":[[],{},true,"x"],"c":{"d":false},"e":"y"})");
}

TEST(JsonTextTest, writes_the_ends_of_the_integers) {
  using Limits = std::numeric_limits<std::int64_t>;
  EXPECT_EQ(JsonText(0).begin_array().value(Limits::min()).value(Limits::max()).end_array().take(),
            "[-9223372036854775808,9223372036854775807]");
}

RC_GTEST_PROP(JsonTextTest, is_what_the_tree_becomes, (const std::vector<std::pair<std::string, std::int64_t>>& rows)) {
  Json::Array items;
  JsonText out(16);
  out.begin_object().name("rows").begin_array();
  for (const auto& [text, number] : rows) {
    items.push_back(Json::object({{text, number}, {"\"\\\n", text}}));
    out.begin_object().member(text, number).member("\"\\\n", text).end_object();
  }
  out.end_array().end_object();
  RC_ASSERT(out.take() == to_text(Json::object({{"rows", std::move(items)}})));
}

}  // namespace
}  // namespace ow::tests
