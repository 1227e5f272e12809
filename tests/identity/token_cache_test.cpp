// The cache of verified tokens: bounded, until the expiry, dropped as a whole.
#include <gtest/gtest.h>

#include <string>

#include "identity/token_cache.h"

namespace ow::identity {
namespace {

constexpr base::Instant kNow{1'000'000};
constexpr base::Instant kLater{2'000'000};

TokenCache::Digest digest(int number) { return base::sha256(std::to_string(number)); }
http::Principal principal(const std::string& id) { return {base::UserId(id), {"shopper"}}; }

TEST(TokenCache, RemembersWhoATokenSpeaksFor) {
  TokenCache cache;
  EXPECT_EQ(cache.find(digest(1), kNow), nullptr);
  cache.put(digest(1), principal("usr_1"), kLater);
  ASSERT_NE(cache.find(digest(1), kNow), nullptr);
  EXPECT_EQ(cache.find(digest(1), kNow)->user.text, "usr_1");
  EXPECT_EQ(cache.find(digest(2), kNow), nullptr);
}

TEST(TokenCache, ForgetsAtTheExpiry) {
  TokenCache cache;
  cache.put(digest(1), principal("usr_1"), kLater);
  EXPECT_NE(cache.find(digest(1), {kLater.us - 1}), nullptr);
  EXPECT_EQ(cache.find(digest(1), kLater), nullptr);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(TokenCache, IsBoundedAndDropsTheLeastRecentlyUsed) {
  TokenCache cache(3);
  for (int number = 0; number < 3; ++number) cache.put(digest(number), principal("usr"), kLater);
  EXPECT_NE(cache.find(digest(0), kNow), nullptr);
  cache.put(digest(3), principal("usr"), kLater);
  EXPECT_EQ(cache.size(), 3U);
  EXPECT_EQ(cache.find(digest(1), kNow), nullptr);
  EXPECT_NE(cache.find(digest(0), kNow), nullptr);
}

TEST(TokenCache, HoldsAtMostItsBoundUnderManyTokens) {
  TokenCache cache;
  for (int number = 0; number < 12'000; ++number) cache.put(digest(number), principal("usr"), kLater);
  EXPECT_EQ(cache.size(), base::bounds::kVerifiedTokensMax);
}

TEST(TokenCache, PuttingATokenAgainReplacesIt) {
  TokenCache cache(2);
  cache.put(digest(1), principal("usr_1"), kLater);
  cache.put(digest(1), principal("usr_2"), kLater);
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_EQ(cache.find(digest(1), kNow)->user.text, "usr_2");
}

TEST(TokenCache, IsEmptyAfterAKeyChanged) {
  TokenCache cache;
  cache.put(digest(1), principal("usr_1"), kLater);
  cache.clear();
  EXPECT_EQ(cache.find(digest(1), kNow), nullptr);
}

}  // namespace
}  // namespace ow::identity
