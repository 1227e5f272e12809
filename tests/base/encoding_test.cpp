// Encodings and digests, against the examples of their standards. Test thread only.
#include "base/encoding.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/base/json_texts.h"

namespace ow::base {
namespace {

TEST(EncodingTest, digests_agree_with_fips_180_and_rfc_4231) {
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(EncodingTest, digests_are_found_by_name) {
  EXPECT_EQ(to_hex(*digest("MD5", "abc")), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(to_hex(*digest("SHA-1", "abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(to_hex(*digest("SHA-256", "abc")), to_hex(sha256("abc")));
  EXPECT_EQ(digest("SHA-384", "")->size(), 48U);
  EXPECT_EQ(digest("SHA-512", "")->size(), 64U);
  EXPECT_EQ(digest("sha-1", "abc"), std::nullopt);
}

TEST(EncodingTest, base64_agrees_with_rfc_4648) {
  const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
  EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
}

TEST(EncodingTest, loose_base64_is_refused) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Z===", "====", "Zh==", "Zm9=", "Zm9v\n", "Zm 9", "-_8=", "Z=g="}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
  for (const char* text : {"Zg==", "Zh", "Z", "+/8", "Zm9v\n", "Zm9v "}) {
    EXPECT_EQ(from_base64url(text), std::nullopt) << text;
  }
}

RC_GTEST_PROP(EncodingTest, base64_reads_back, (const std::string& bytes)) {
  RC_ASSERT(from_base64(to_base64(bytes)) == bytes);
  RC_ASSERT(from_base64url(to_base64url(bytes)) == bytes);
}

RC_GTEST_PROP(EncodingTest, a_text_decodes_only_when_it_is_the_encoding, (const std::string& text)) {
  if (const auto bytes = from_base64url(text)) RC_ASSERT(to_base64url(*bytes) == text);
  if (const auto bytes = from_base64(text)) RC_ASSERT(to_base64(*bytes) == text);
}

TEST(EncodingTest, equality_in_constant_time_is_equality) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("abc", "ab"));
}

TEST(EncodingTest, utf8_is_told_from_what_only_looks_like_it) {
  for (const char* text :
       {"", "plain ascii text", "\xc3\xa9", "\xe2\x82\xac", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  for (const char* text : {"\x80", "\xc3", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\xaf",
                           "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "abcdefgh\xc3", "abcdefghijkl\xe2\x82"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

RC_GTEST_PROP(EncodingTest, any_unicode_text_is_utf8, ()) { RC_ASSERT(is_utf8(*utf8_texts())); }

TEST(EncodingTest, all_but_unreserved_characters_are_percent_encoded) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("ord_1.charge/ä?"), "ord_1.charge%2F%C3%A4%3F");
  EXPECT_EQ(percent_encode(std::string_view("\0\xFF", 2)), "%00%FF");
}

}  // namespace
}  // namespace ow::base
