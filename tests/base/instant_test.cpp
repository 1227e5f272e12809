// Points in time as text. Test thread only.
#include "base/instant.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ow::base {
namespace {

std::optional<std::int64_t> us(std::string_view text) {
  const auto at = parse_rfc3339(text);
  return at ? std::optional(at->us) : std::nullopt;
}

TEST(InstantTest, prints_utc_with_milliseconds) {
  EXPECT_EQ(to_rfc3339({0}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339({1'795'241'728'123'999}), "2026-11-21T06:15:28.123Z");
  EXPECT_EQ(to_rfc3339({-1}), "1969-12-31T23:59:59.999Z");
}

TEST(InstantTest, reads_offsets_and_fractions) {
  EXPECT_EQ(us("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(us("1970-01-01t01:30:00.5+01:30"), 500'000);
  EXPECT_EQ(us("1969-12-31T23:00:00.0000019-01:00"), 1);
  EXPECT_EQ(us("2024-02-29T00:00:00z"), 1'709'164'800'000'000);
  EXPECT_EQ(us("1970-01-01T00:00:00-00:00"), 0);
}

TEST(InstantTest, a_leap_second_exists_only_at_the_end_of_a_day) {
  EXPECT_EQ(us("1990-12-31T23:59:60Z"), us("1991-01-01T00:00:00Z"));
  EXPECT_EQ(us("1990-12-31T15:59:60-08:00"), us("1991-01-01T00:00:00Z"));
  EXPECT_EQ(us("1990-12-31T22:59:60Z"), std::nullopt);
}

TEST(InstantTest, refuses_what_rfc_3339_does_not_allow) {
  for (const char* text :
       {"", "2026-11-21", "2026-11-21 06:15:28Z", "2026-11-21T06:15:28", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-11-31T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T06:60:00Z",
        "2026-11-21T06:15:61Z", "2026-11-21T06:15:28.Z", "2026-11-21T06:15:28+0100", "2026-11-21T06:15:28+24:00",
        "2026-11-21T06:15:28Zx", "26-11-21T06:15:28Z", "2026-1-21T06:15:28Z", "2026-11-21T06:15:28.1.2Z"}) {
    EXPECT_EQ(us(text), std::nullopt) << text;
  }
}

RC_GTEST_PROP(InstantTest, what_is_printed_reads_back_to_the_millisecond, ()) {
  const auto at = *rc::gen::inRange<std::int64_t>(-62'167'219'200'000, 253'402'300'800'000) * 1000 +
                  *rc::gen::inRange<std::int64_t>(0, 1000);
  const auto ms = at >= 0 || at % 1000 == 0 ? at / 1000 : at / 1000 - 1;
  RC_ASSERT(parse_rfc3339(to_rfc3339({at})) == Instant{ms * 1000});
}

RC_GTEST_PROP(InstantTest, any_text_is_read_or_refused, (const std::string& text)) {
  static_cast<void>(parse_rfc3339(text));
}

}  // namespace
}  // namespace ow::base
