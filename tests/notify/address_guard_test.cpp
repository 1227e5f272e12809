// The guard's verdict on a URL and what its name resolves to. Test thread only.
#include <gtest/gtest.h>

#include "addresses.h"
#include "notify/address_guard.h"

namespace ow::notify {
namespace {

/// "allow", or the reason's slug.
std::string verdict(const AddressGuard& guard, std::string_view text, const std::vector<IpAddress>& resolved = {}) {
  const auto url = parse_webhook_url(text);
  if (!url) return url.error().reason;
  const auto addresses = guard.check(*url, resolved);
  return addresses ? "allow" : addresses.error().reason;
}

TEST(AddressGuard, JudgesAnAddressInTheUrl) {
  const AddressGuard guard;
  EXPECT_EQ(verdict(guard, "https://8.8.8.8/"), "allow");
  EXPECT_EQ(verdict(guard, "https://[2606:4700:4700::1111]/"), "allow");
  for (const auto* text : {"https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f.1/",
                           "https://0177.0.0.1/", "https://１２７.0.0.1/", "https://127.0.0.1./", "https://[::1]/",
                           "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::a9fe:a9fe]/", "https://0/",
                           "https://169.254.169.254/latest/meta-data/", "https://[fd00:ec2::254]/"}) {
    EXPECT_EQ(verdict(guard, text), "address_refused") << text;
  }
}

TEST(AddressGuard, AnAddressInTheUrlIsJudgedItselfWhateverItIsSaidToResolveTo) {
  EXPECT_EQ(verdict(AddressGuard(), "https://127.0.0.1/", {address("8.8.8.8")}), "address_refused");
}

TEST(AddressGuard, ANameIsJudgedByAllItsAddresses) {
  const AddressGuard guard;
  const auto good = address("93.184.216.34");
  const auto good_v6 = address("2606:2800:220:1::1");
  EXPECT_EQ(verdict(guard, "https://example.com/", {good, good_v6}), "allow");
  EXPECT_EQ(verdict(guard, "https://example.com/", {good, good_v6, address("10.0.0.1")}), "address_refused");
  EXPECT_EQ(verdict(guard, "https://example.com/", {address("::1"), good}), "address_refused");
  EXPECT_EQ(verdict(guard, "https://localhost/", {address("127.0.0.1")}), "address_refused");
}

TEST(AddressGuard, ANameThatResolvesToNothingIsRefused) {
  for (const auto* text : {"https://example.com/", "https://localhost/", "https://printer.local/"}) {
    EXPECT_EQ(verdict(AddressGuard(), text), "name_not_resolved") << text;
  }
}

TEST(AddressGuard, AnswersTheAddressesThatMayBeConnectedTo) {
  const auto url = parse_webhook_url("https://example.com/");
  const std::vector<IpAddress> resolved = {address("8.8.8.8"), address("2606:4700:4700::1111")};
  EXPECT_EQ(AddressGuard().check(*url, resolved).value(), resolved);
  const auto literal = parse_webhook_url("https://0x08080808/");
  EXPECT_EQ(AddressGuard().check(*literal, {}).value(), std::vector{address("8.8.8.8")});
}

TEST(AddressGuard, HttpIsForAllowedAddressesAlone) {
  EXPECT_EQ(verdict(AddressGuard(), "http://8.8.8.8/"), "https_required");
  EXPECT_EQ(verdict(AddressGuard(), "http://127.0.0.1/"), "address_refused");
  const AddressGuard guard({network("127.0.0.0/8")});
  EXPECT_EQ(verdict(guard, "http://127.0.0.1:9000/"), "allow");
  EXPECT_EQ(verdict(guard, "http://8.8.8.8/"), "https_required");
  EXPECT_EQ(verdict(guard, "http://mixed.example/", {address("127.0.0.1"), address("8.8.8.8")}), "https_required");
}

TEST(AddressGuard, TheAllowListOpensExactlyItsAddresses) {
  const AddressGuard guard({network("10.1.0.0/16"), network("::1")});
  EXPECT_EQ(verdict(guard, "https://10.1.255.255/"), "allow");
  EXPECT_EQ(verdict(guard, "https://[::1]/"), "allow");
  EXPECT_EQ(verdict(guard, "https://8.8.8.8/"), "allow");
  EXPECT_EQ(verdict(guard, "https://10.2.0.0/"), "address_refused");
  EXPECT_EQ(verdict(guard, "https://10.0.255.255/"), "address_refused");
  EXPECT_EQ(verdict(guard, "https://[::ffff:10.1.0.1]/"), "address_refused");
  EXPECT_EQ(verdict(guard, "https://a.example/", {address("10.1.0.1"), address("10.2.0.1")}), "address_refused");
}

}  // namespace
}  // namespace ow::notify
