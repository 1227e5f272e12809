// Which addresses the guard calls public: the edges of every special block. Test thread only.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fmt/format.h>

#include "addresses.h"
#include "notify/address_guard.h"

namespace ow::notify {
namespace {

/// A refused range with its neighbours; a neighbour that is in another refused range is left empty.
struct Range {
  const char* before;
  const char* first;
  const char* last;
  const char* after;
};

constexpr Range kV4[] = {
    {"", "0.0.0.0", "0.255.255.255", "1.0.0.0"},
    {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
    {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
    {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
    {"168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"},
    {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
    {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
    {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
    {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
    {"192.31.195.255", "192.31.196.0", "192.31.196.255", "192.31.197.0"},
    {"192.52.192.255", "192.52.193.0", "192.52.193.255", "192.52.194.0"},
    {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
    {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
    {"192.175.47.255", "192.175.48.0", "192.175.48.255", "192.175.49.0"},
    {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
    {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
    {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
    {"223.255.255.255", "224.0.0.0", "239.255.255.255", ""},
    {"", "240.0.0.0", "255.255.255.255", ""},
};

constexpr Range kV6[] = {
    {"", "::", "64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff", ""},
    {"", "::1", "::1", ""},
    {"", "::0.0.0.0", "::255.255.255.255", ""},
    {"", "::ffff:0.0.0.0", "::ffff:255.255.255.255", ""},
    {"", "::ffff:0:0.0.0.0", "::ffff:0:255.255.255.255", ""},
    {"", "64:ff9b:0:0:0:1::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::"},
    {"", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", ""},
    {"", "100::", "100::ffff:ffff:ffff:ffff", ""},
    {"", "100:0:0:1::", "100::1:ffff:ffff:ffff:ffff", ""},
    {"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"},
    {"", "2001::1", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", ""},
    {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
    {"2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"},
    {"2620:4f:7fff:ffff:ffff:ffff:ffff:ffff", "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff",
     "2620:4f:8001::"},
    {"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
    {"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "5eff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
    {"", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
    {"", "5f01::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
    {"", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
    {"", "fe00::", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
    {"", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
    {"", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
    {"", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""},
};

bool is_public(const IpAddress& asked) { return AddressGuard().judge(asked).has_value(); }

void expect_edges(const Range& range) {
  EXPECT_FALSE(is_public(address(range.first))) << range.first;
  EXPECT_FALSE(is_public(address(range.last))) << range.last;
  for (const std::string_view neighbour : {range.before, range.after}) {
    if (!neighbour.empty()) EXPECT_TRUE(is_public(address(neighbour))) << neighbour;
  }
}

TEST(AddressBlocks, EverySpecialIPv4BlockIsRefusedFromItsFirstToItsLastAddressAndNoFurther) {
  for (const auto& range : kV4) expect_edges(range);
}

TEST(AddressBlocks, EverySpecialIPv6BlockIsRefusedFromItsFirstToItsLastAddressAndNoFurther) {
  for (const auto& range : kV6) expect_edges(range);
}

TEST(AddressBlocks, ASpecialBlockIsRefusedAsAWholeAlsoWhereTheRegistryCallsAnAddressReachable) {
  for (const auto* text : {"192.0.0.9", "192.0.0.10", "192.31.196.1", "2001:1::1", "2001:3::1", "2001:4:112::1",
                           "2001:20::1", "2001:30::1", "2620:4f:8000::1"}) {
    EXPECT_FALSE(is_public(address(text))) << text;
  }
}

TEST(AddressBlocks, MetadataServicesOfCloudsAreRefused) {
  for (const auto* text : {"169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16",
                           "fd00:ec2::254", "fd20:ce::254", "fe80::a9fe:a9fe"}) {
    EXPECT_FALSE(is_public(address(text))) << text;
  }
}

TEST(AddressBlocks, PublicAddressesAreAllowed) {
  for (const auto* text : {"1.1.1.1", "8.8.8.8", "93.184.216.34", "223.255.255.255", "2606:4700:4700::1111",
                           "2a00:1450:4001:80f::200e", "2001:4860:4860::8888", "2400:cb00::1"}) {
    EXPECT_TRUE(is_public(address(text))) << text;
  }
}

TEST(AddressBlocks, ATranslatedAddressIsAsPublicAsTheIPv4AddressInsideIt) {
  EXPECT_TRUE(is_public(address("64:ff9b::8.8.8.8")));
  for (const auto& range : kV4) {
    for (const std::string form : {"64:ff9b::", "2a00:1450::5efe:", "2a00:1450::200:5efe:"}) {
      EXPECT_FALSE(is_public(address(form + range.first))) << form << range.first;
      EXPECT_FALSE(is_public(address(form + range.last))) << form << range.last;
      if (*range.after != '\0') EXPECT_TRUE(is_public(address(form + range.after))) << form << range.after;
    }
  }
}

TEST(AddressBlocks, MappedCompatibleTeredoAnd6to4AddressesAreRefusedWhateverTheyHold) {
  for (const auto* text : {"::ffff:8.8.8.8", "::ffff:127.0.0.1", "::8.8.8.8", "::127.0.0.1", "::ffff:0:8.8.8.8",
                           "2002:808:808::1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2"}) {
    EXPECT_FALSE(is_public(address(text))) << text;
  }
}

TEST(AddressBlocks, ARefusalNamesTheAddressAndTheBlock) {
  const auto plain = AddressGuard().judge(address("10.1.2.3"));
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error().reason, "address_refused");
  EXPECT_EQ(plain.error().message, "A webhook goes to public addresses only: 10.1.2.3 is in 10.0.0.0/8 (private use).");
  const auto inner = AddressGuard().judge(address("64:ff9b::7f00:1"));
  ASSERT_FALSE(inner);
  EXPECT_EQ(inner.error().message,
            "A webhook goes to public addresses only: 64:ff9b::7f00:1 holds an IPv4 address, and 127.0.0.1 is in "
            "127.0.0.0/8 (loopback).");
}

RC_GTEST_PROP(AddressBlocks, AnIPv6AddressOutsideOfGlobalUnicastIsRefused, ()) {
  IpAddress any{IpAddress::Family::v6,
                *rc::gen::container<std::array<std::uint8_t, 16>>(rc::gen::arbitrary<std::uint8_t>())};
  if ((any.bytes[0] & 0xE0) == 0x20) any.bytes[0] ^= 0x40;
  RC_ASSERT(!is_public(any));
}

RC_GTEST_PROP(AddressBlocks, AnAddressReadsBackFromItsText, (const std::array<std::uint8_t, 16>& bytes, bool v6)) {
  IpAddress any{v6 ? IpAddress::Family::v6 : IpAddress::Family::v4, bytes};
  if (!v6) std::fill(any.bytes.begin() + 4, any.bytes.end(), std::uint8_t{0});
  RC_ASSERT(parse_address(to_text(any)) == any);
}

TEST(Network, ReadsPrefixesAndSingleAddresses) {
  EXPECT_EQ(network("10.0.0.0/8").text(), "10.0.0.0/8");
  EXPECT_EQ(network("127.0.0.1").text(), "127.0.0.1/32");
  EXPECT_EQ(network("::1").text(), "::1/128");
  EXPECT_TRUE(network("0.0.0.0/0").contains(address("255.255.255.255")));
  EXPECT_FALSE(network("0.0.0.0/0").contains(address("::1")));
  EXPECT_FALSE(network("::/0").contains(address("0.0.0.0")));
}

TEST(Network, RefusesWhatIsNone) {
  for (const auto* text : {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8x",
                           "10.0.0.1/8", "::/129", "fc00::1/7", "10.0.0/8", "[::1]/128", "name/8", "10.0.0.0/8/8"}) {
    EXPECT_FALSE(Network::parse(text)) << text;
  }
}

}  // namespace
}  // namespace ow::notify
