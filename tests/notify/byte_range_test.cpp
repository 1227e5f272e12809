// Ranges and conditions as RFC 9110 wants them.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "notify/receipts/byte_range.h"

namespace ow::notify {
namespace {

constexpr auto kTag = "\"abc\"";

Selection ask(http::Headers headers, std::uint64_t size = 10, const std::string& method = "GET") {
  http::Request request{.method = method, .target = "/", .headers = std::move(headers), .body = "", .peer = ""};
  return select(request, kTag, size);
}

void expect(const Selection& got, int status, std::uint64_t from, std::uint64_t length) {
  EXPECT_EQ(got.status, status);
  EXPECT_EQ(got.from, from);
  EXPECT_EQ(got.length, length);
}

TEST(ByteRangeTest, a_range_selects_its_bytes) {
  expect(ask({}), 200, 0, 10);
  expect(ask({{"range", "bytes=0-0"}}), 206, 0, 1);
  expect(ask({{"range", "bytes=2-5"}}), 206, 2, 4);
  expect(ask({{"range", "bytes=7-"}}), 206, 7, 3);
  expect(ask({{"range", "bytes=7-99"}}), 206, 7, 3);
  expect(ask({{"range", "bytes=-3"}}), 206, 7, 3);
  expect(ask({{"range", "bytes=-99"}}), 206, 0, 10);
  expect(ask({{"range", "bytes=0-99999999999999999999"}}), 206, 0, 10);
}

TEST(ByteRangeTest, a_range_outside_is_not_satisfiable) {
  expect(ask({{"range", "bytes=10-"}}), 416, 0, 0);
  expect(ask({{"range", "bytes=-0"}}), 416, 0, 0);
  expect(ask({{"range", "bytes=0-"}}, 0), 416, 0, 0);
  expect(ask({{"range", "bytes=99999999999999999999-"}}), 416, 0, 0);
}

TEST(ByteRangeTest, what_is_no_single_range_of_bytes_is_answered_whole) {
  for (const std::string header : {"", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=1-2,4-5",
                                   "lines=1-2", "bytes=1-2x", "bytes=+1-2"})
    expect(ask({{"range", header}}), 200, 0, 10);
  expect(ask({{"range", "bytes=2-5"}}, 10, "HEAD"), 200, 0, 10);
}

TEST(ByteRangeTest, conditions_come_before_the_range) {
  expect(ask({{"range", "bytes=2-5"}, {"if-range", kTag}}), 206, 2, 4);
  expect(ask({{"range", "bytes=2-5"}, {"if-range", "\"other\""}}), 200, 0, 10);
  expect(ask({{"range", "bytes=2-5"}, {"if-range", "W/\"abc\""}}), 200, 0, 10);
  expect(ask({{"range", "bytes=2-5"}, {"if-range", "Sat, 21 Nov 2026 06:15:28 GMT"}}), 200, 0, 10);
  expect(ask({{"if-none-match", "\"x\", W/\"abc\""}}), 304, 0, 0);
  expect(ask({{"if-none-match", "*"}}), 304, 0, 0);
  expect(ask({{"if-none-match", "\"x\""}}), 200, 0, 10);
  expect(ask({{"if-match", "\"x\""}, {"range", "bytes=0-1"}}), 412, 0, 0);
  expect(ask({{"if-match", "W/\"abc\""}}), 412, 0, 0);
  expect(ask({{"if-match", kTag}, {"range", "bytes=0-1"}}), 206, 0, 2);
}

TEST(ByteRangeTest, the_answer_says_which_bytes_of_how_many) {
  const auto part = answer_selection({206, 2, 3}, "0123456789", kTag);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(part.headers.back(), (std::pair<std::string, std::string>("Content-Range", "bytes 2-4/10")));
  const auto none = answer_selection({416, 0, 0}, "0123456789", kTag);
  EXPECT_EQ(none.headers.back().second, "bytes */10");
  EXPECT_EQ(none.body, "");
}

TEST(ByteRangeTest, any_header_selects_bytes_that_are_there) {
  rc::check([] {
    static const std::vector<std::string> kPieces = {"bytes=", "-", "0", "7", "12", ",", " ", "x"};
    std::string header = *rc::gen::arbitrary<bool>() ? "bytes=" : "";
    for (const auto i : *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, kPieces.size())))
      header += kPieces[i];
    const auto size = *rc::gen::inRange<std::uint64_t>(0, 20);
    const auto got = ask({{"range", header}}, size);
    RC_ASSERT(got.from + got.length <= size);
    RC_ASSERT(got.status != 206 || got.length > 0);
  });
}

}  // namespace
}  // namespace ow::notify
