// Hosts of URLs: one form for every way to write an address or a name. Test thread only.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fmt/format.h>

#include <span>

#include "notify/webhook_url.h"

namespace ow::notify {
namespace {

using namespace std::literals;

struct Case {
  std::string_view text;
  std::string_view normal;  // empty: refused
};

void expect_all(std::span<const Case> cases) {
  for (const auto& each : cases) {
    const auto host = parse_host(each.text);
    EXPECT_EQ(host ? to_text(*host) : "", each.normal) << each.text;
  }
}

bool is_name(std::string_view text) {
  const auto host = parse_host(text);
  return host && std::holds_alternative<std::string>(*host);
}

TEST(Host, AnIPv4AddressMayBeWrittenInEveryNotationThatClientsTake) {
  constexpr Case kCases[] = {
      {"127.0.0.1", "127.0.0.1"},
      {"127.1", "127.0.0.1"},
      {"127.0.1", "127.0.0.1"},
      {"127.65535", "127.0.255.255"},
      {"2130706433", "127.0.0.1"},
      {"0x7f000001", "127.0.0.1"},
      {"0X7F.0x0.0x0.0X1", "127.0.0.1"},
      {"0x7f.1", "127.0.0.1"},
      {"017700000001", "127.0.0.1"},
      {"0177.0.0.01", "127.0.0.1"},
      {"0177.1", "127.0.0.1"},
      {"0000000000177.0.0.1", "127.0.0.1"},
      {"0", "0.0.0.0"},
      {"0x", "0.0.0.0"},
      {"0x.0x.0", "0.0.0.0"},
      {"00", "0.0.0.0"},
      {"4294967295", "255.255.255.255"},
      {"0xffffffff", "255.255.255.255"},
      {"2852039166", "169.254.169.254"},
      {"0xA9FEA9FE", "169.254.169.254"},
      {"0251.0376.0251.0376", "169.254.169.254"},
      {"169.254.43518", "169.254.169.254"},
      {"8.8.2056", "8.8.8.8"},
      {"134744072", "8.8.8.8"},
      {"127.0.0.1.", "127.0.0.1"},
      {"127.1.", "127.0.0.1"},
      {"2130706433.", "127.0.0.1"},
      {"10.0x0.0.1", "10.0.0.1"},
      {"255.255.255.255", "255.255.255.255"},
      {"0x00000000000000000000000000007f.1", "127.0.0.1"},
  };
  expect_all(kCases);
}

TEST(Host, AHostThatEndsInANumberAndIsNoIPv4AddressIsRefused) {
  constexpr Case kCases[] = {
      {"256.0.0.1", ""},
      {"1.2.3.256", ""},
      {"1.2.65536", ""},
      {"1.16777216", ""},
      {"4294967296", ""},
      {"0x100000000", ""},
      {"040000000000", ""},
      {"1.2.3.4.5", ""},
      {"08.0.0.1", ""},
      {"1.2.3.09", ""},
      {"0x7g.1", ""},
      {"name.0x7f", ""},
      {"name.1", ""},
      {"1..2", ""},
      {"1.2.3.", "1.2.0.3"},
      {"127.0.0.1..", ""},
      {"-1", "-1"},
      {"+127.0.0.1", ""},
      {"1e3.1", ""},
      {"99999999999999999999999999", ""},
      {"18446744073709551617", ""},
      {"0xffffffffffffffff7f000001", ""},
      {".127.0.0.1", ""},
  };
  expect_all(kCases);
}

TEST(Host, AnIPv6AddressStandsInBracketsWithoutAZone) {
  constexpr Case kCases[] = {
      {"[::1]", "[::1]"},
      {"[0:0:0:0:0:0:0:1]", "[::1]"},
      {"[2001:DB8::A]", "[2001:db8::a]"},
      {"[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]"},
      {"[::ffff:7f00:1]", "[::ffff:127.0.0.1]"},
      {"[::]", "[::]"},
      {"[64:ff9b::10.0.0.1]", "[64:ff9b::a00:1]"},
      {"[fe80::1%25eth0]", ""},
      {"[fe80::1%eth0]", ""},
      {"[::1", ""},
      {"::1", ""},
      {"[]", ""},
      {"[127.0.0.1]", ""},
      {"[::127.1]", ""},
      {"[::0127.0.0.1]", ""},
      {"[1::2::3]", ""},
      {"[::1].", ""},
      {"[[::1]]", ""},
      {"[::12345]", ""},
      {"[1:2:3:4:5:6:7:8:9]", ""},
      {"[v1.fe80]", ""},
      {"[::1\0]"sv, ""},
      {"[%3a%3a1]", ""},
      {"[：：1]", ""},
  };
  expect_all(kCases);
}

TEST(Host, ANameIsBroughtToLowerCaseALabelsWithoutAFinalDot) {
  constexpr Case kCases[] = {
      {"Example.COM", "example.com"},
      {"example.com.", "example.com"},
      {"%65xample.com", "example.com"},
      {"ex%41mple.com", "example.com"},
      {"ｅｘａｍｐｌｅ．ｃｏｍ", "example.com"},
      {"ⓔxample.com", "example.com"},
      {"exam\u200Bple.com", "example.com"},
      {"exam\u00ADple.com", "example.com"},
      {"example。com", "example.com"},
      {"B\u00FCCHER.example", "xn--bcher-kva.example"},
      {"bu\u0308cher.example", "xn--bcher-kva.example"},
      {"b%C3%BCcher.example", "xn--bcher-kva.example"},
      {"XN--BCHER-KVA.example", "xn--bcher-kva.example"},
      {"fa\u00DF.example", "xn--fa-hia.example"},
      {"日本語.jp", "xn--wgv71a119e.jp"},
      {"LOCALHOST", "localhost"},
      {"ｌｏｃａｌｈｏｓｔ", "localhost"},
      {"a_b.example", "a_b.example"},
      {"r3---sn.example", "r3---sn.example"},
      {"1.example", "1.example"},
      {"0x7f.example", "0x7f.example"},
      {"1.2.3.4.example", "1.2.3.4.example"},
  };
  expect_all(kCases);
}

TEST(Host, AnAddressHiddenBehindOtherCharactersIsFound) {
  constexpr Case kCases[] = {
      {"１２７.０.０.１", "127.0.0.1"}, {"①②⑦.⓪.⓪.①", "127.0.0.1"},
      {"127。0。0。1", "127.0.0.1"},    {"127．0｡0．1", "127.0.0.1"},
      {"%31%32%37.0.0.1", "127.0.0.1"}, {"127%2E0%2e0.1", "127.0.0.1"},
      {"１２７%2e1", "127.0.0.1"},      {"%EF%BC%91%EF%BC%92%EF%BC%97.1", "127.0.0.1"},
      {"0\u00ADx7f.1", "127.0.0.1"},    {"127.0.0.\u200B1", "127.0.0.1"},
      {"０ｘ７ｆ.1", "127.0.0.1"},      {"𝟏𝟐𝟕.𝟎.𝟎.𝟏", "127.0.0.1"},
      {"¹²⁷.0.0.1", "127.0.0.1"},       {"127.0.0.1。", "127.0.0.1"},
  };
  expect_all(kCases);
}

TEST(Host, CharactersThatNoHostHasAreRefusedBeforeAndAfterMapping) {
  constexpr Case kCases[] = {
      {"", ""},
      {".", ""},
      {"..", ""},
      {"a..b", ""},
      {".a", ""},
      {"a b", ""},
      {"a%20b", ""},
      {"a%00b", ""},
      {"a\0b"sv, ""},
      {"a%0ab", ""},
      {"a%2fb", ""},
      {"a%40b", ""},
      {"a%3ab", ""},
      {"a%25b", ""},
      {"a%2541", ""},
      {"a%", ""},
      {"a%4", ""},
      {"a%zz", ""},
      {"a|b", ""},
      {"a^b", ""},
      {"a<b>", ""},
      {"a[b]", ""},
      {"a\\b", ""},
      {"a?b", ""},
      {"a#b", ""},
      {"a／b", ""},
      {"a＠b", ""},
      {"a：80", ""},
      {"℀.example", ""},
      {"a％2eb", ""},
      {"a\u3000b", ""},
      {"\xFF.example", ""},
      {"%FF.example", ""},
      {"%C0%AE", ""},
      {"xn--", ""},
      {"xn--a", ""},
      {"xn--127-", ""},
      {"\u00AD", ""},
      {"\u200B.", ""},
      {"a\x7F", ""},
      {"*.example", ""},
      {"a'b", ""},
      {"a\"b", ""},
      {"a=b", ""},
      {"a,b", ""},
      {"a;b", ""},
      {"a&b", ""},
      {"a~b", ""},
      {"a{b}", ""},
      {"$(a)", ""},
  };
  expect_all(kCases);
}

TEST(Host, ANameIsNotLongerThanDnsTakes) {
  const std::string label(63, 'a');
  EXPECT_TRUE(is_name(label));
  EXPECT_FALSE(is_name(label + "a"));
  const auto longest = label + "." + label + "." + label + "." + std::string(61, 'a');
  EXPECT_TRUE(is_name(longest));
  EXPECT_TRUE(is_name(longest + "."));
  EXPECT_FALSE(is_name(longest + "a"));
}

RC_GTEST_PROP(Host, AHostThatIsTakenReadsTheSameFromItsNormalForm, (const std::string& text)) {
  const auto host = parse_host(text);
  if (host) RC_ASSERT(parse_host(to_text(*host)) == *host);
}

RC_GTEST_PROP(Host, EveryNotationOfAnIPv4AddressIsThatAddress, (std::uint32_t value)) {
  const auto parts = fmt::format("{}.{}.{}.{}", value >> 24, value >> 16 & 0xFF, value >> 8 & 0xFF, value & 0xFF);
  const auto octal = fmt::format("0{:o}.0{:o}.{}", value >> 24, value >> 16 & 0xFF, value & 0xFFFF);
  const Host expected = IpAddress::v4(value);
  for (const auto& text : {parts, octal, fmt::format("{}", value), fmt::format("0x{:X}", value),
                           fmt::format("0{:o}", value), fmt::format("{}.{:#x}", value >> 24, value & 0xFFFFFF)}) {
    const auto host = parse_host(text);
    RC_ASSERT(host.has_value());
    RC_ASSERT(*host == expected);
  }
}

}  // namespace
}  // namespace ow::notify
