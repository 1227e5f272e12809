// Wildcards, against a matcher that tries everything.
#include "base/wildcard.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ow::base {
namespace {

/// What the words say: a star is any run, tried one by one.
bool tried(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*') {
    for (std::size_t run = 0; run <= text.size(); ++run) {
      if (tried(pattern.substr(1), text.substr(run))) return true;
    }
    return false;
  }
  const std::size_t escape = pattern.front() == '\\' && pattern.size() > 1 ? 1 : 0;
  return !text.empty() && pattern[escape] == text.front() && tried(pattern.substr(escape + 1), text.substr(1));
}

RC_GTEST_PROP(Wildcard, MatchesWhatTryingEverythingMatches, ()) {
  const auto pattern = *rc::gen::container<std::string>(rc::gen::element('a', 'b', '*', '*', '\\'));
  const auto text = *rc::gen::container<std::string>(rc::gen::element('a', 'b', 'a', '*', '\\'));
  const auto some = pattern.substr(0, 12);
  RC_ASSERT(matches_wildcard(some, text) == tried(some, text));
}

TEST(Wildcard, CoversTheWholeText) {
  EXPECT_TRUE(matches_wildcard("a*c", "abc"));
  EXPECT_FALSE(matches_wildcard("a*c", "abcd"));
  EXPECT_FALSE(matches_wildcard("a*a", "a"));
  EXPECT_TRUE(matches_wildcard("*", ""));
  EXPECT_FALSE(matches_wildcard("", "a"));
  EXPECT_TRUE(matches_wildcard(R"(a\*\\*)", R"(a*\b)"));
}

TEST(Wildcard, IsLinearWhereGoingBackIsQuadratic) {
  // 64 x 200,000 steps of a matcher that goes back would still be fast; 100,000 x 200,000 would never end.
  const std::string text(200'000, 'a');
  EXPECT_FALSE(matches_wildcard("*" + std::string(100'000, 'a') + "b*", text));
  EXPECT_TRUE(matches_wildcard("*" + std::string(100'000, 'a') + "*", text));
}

}  // namespace
}  // namespace ow::base
