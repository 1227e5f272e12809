// See address_guard.h.
#include "notify/address_guard.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/assert.h"

namespace ow::notify {
namespace {

struct Block {
  std::string_view network;
  std::string_view use;
};

constexpr Block kSpecialV4[] = {
    {"0.0.0.0/8", "this network"},
    {"10.0.0.0/8", "private use"},
    {"100.64.0.0/10", "shared address space of providers"},
    {"127.0.0.0/8", "loopback"},
    {"168.63.129.16/32", "a cloud's host agent"},  // outside of the registry; reachable inside Azure alone
    {"169.254.0.0/16", "link local, cloud metadata"},
    {"172.16.0.0/12", "private use"},
    {"192.0.0.0/24", "IETF protocol assignments"},
    {"192.0.2.0/24", "documentation"},
    {"192.31.196.0/24", "AS112"},
    {"192.52.193.0/24", "AMT"},
    {"192.88.99.0/24", "6to4 relays"},
    {"192.168.0.0/16", "private use"},
    {"192.175.48.0/24", "AS112"},
    {"198.18.0.0/15", "benchmarking"},
    {"198.51.100.0/24", "documentation"},
    {"203.0.113.0/24", "documentation"},
    {"224.0.0.0/4", "multicast"},
    {"240.0.0.0/4", "reserved, broadcast"},
};

constexpr Block kSpecialV6[] = {
    {"::1/128", "loopback"},
    {"::/128", "the unspecified address"},
    {"::/96", "IPv4-compatible"},
    {"::ffff:0:0/96", "IPv4-mapped"},
    {"::ffff:0:0:0/96", "IPv4-translated"},
    {"64:ff9b:1::/48", "IPv4/IPv6 translation of a local network"},
    {"100::/64", "discard only"},
    {"100:0:0:1::/64", "dummy prefix"},
    {"2001::/23", "IETF protocol assignments, Teredo"},
    {"2001:db8::/32", "documentation"},
    {"2002::/16", "6to4"},
    {"2620:4f:8000::/48", "AS112"},
    {"3fff::/20", "documentation"},
    {"5f00::/16", "segment routing"},
    {"fc00::/7", "unique local, cloud metadata"},
    {"fe80::/10", "link local"},
    {"fec0::/10", "site local"},
    {"ff00::/8", "multicast"},
};

struct SpecialBlock {
  Network network;
  std::string_view use;
};

Network network_of(std::string_view text) {
  const auto network = Network::parse(text);
  OW_ASSERT(network.has_value(), "the table holds networks");
  return *network;
}

std::vector<SpecialBlock> read_table(std::span<const Block> table) {
  std::vector<SpecialBlock> blocks;
  for (const auto& block : table) blocks.push_back({network_of(block.network), block.use});
  return blocks;
}

const std::vector<SpecialBlock>& special_blocks(IpAddress::Family family) {
  static const auto kV4 = read_table(kSpecialV4);
  static const auto kV6 = read_table(kSpecialV6);
  return family == IpAddress::Family::v4 ? kV4 : kV6;
}

/// RFC 5214 section 6.1: the interface identifier 0000:5efe or 0200:5efe before an IPv4 address; the group bit
/// is ignored as well.
bool is_isatap(const IpAddress& address) {
  const auto& bytes = address.bytes;
  return (bytes[8] & 0xFC) == 0 && bytes[9] == 0 && bytes[10] == 0x5E && bytes[11] == 0xFE;
}

bool is_nat64(const IpAddress& address) {
  static const auto kNetwork = network_of("64:ff9b::/96");
  return kNetwork.contains(address);
}

bool is_global_unicast(const IpAddress& address) {
  static const auto kNetwork = network_of("2000::/3");
  return address.family == IpAddress::Family::v4 || is_nat64(address) || kNetwork.contains(address);
}

std::optional<IpAddress> inner_address(const IpAddress& address) {
  if (address.family == IpAddress::Family::v4) return std::nullopt;
  if (!is_nat64(address) && !is_isatap(address)) return std::nullopt;
  return address.embedded_v4();
}

/// Why the address is not reachable from everywhere; nothing when it is.
std::optional<std::string> objection(const IpAddress& address) {
  for (const auto& block : special_blocks(address.family)) {
    if (!block.network.contains(address)) continue;
    return fmt::format("{} is in {} ({})", to_text(address), block.network.text(), block.use);
  }
  if (!is_global_unicast(address)) {
    return fmt::format("{} is not in 2000::/3 (global unicast)", to_text(address));
  }
  const auto inner = inner_address(address);
  const auto inside = inner ? objection(*inner) : std::nullopt;
  if (!inside) return std::nullopt;
  return fmt::format("{} holds an IPv4 address, and {}", to_text(address), *inside);
}

tl::unexpected<base::Error> refuse(std::string reason, std::string message) {
  return base::fail(base::ErrorCode::unprocessable, std::move(reason), std::move(message));
}

std::vector<IpAddress> destinations(const WebhookUrl& url, std::span<const IpAddress> resolved) {
  if (const auto* address = std::get_if<IpAddress>(&url.host)) return {*address};
  return {resolved.begin(), resolved.end()};
}

}  // namespace

bool AddressGuard::is_allowed(const IpAddress& address) const {
  return std::ranges::any_of(allowed_, [&](const Network& network) { return network.contains(address); });
}

base::Result<void> AddressGuard::judge(const IpAddress& address) const {
  if (is_allowed(address)) return {};
  const auto why = objection(address);
  if (!why) return {};
  return refuse("address_refused", fmt::format("A webhook goes to public addresses only: {}.", *why));
}

base::Result<std::vector<IpAddress>> AddressGuard::check(const WebhookUrl& url,
                                                         std::span<const IpAddress> resolved) const {
  auto addresses = destinations(url, resolved);
  if (addresses.empty()) {
    return refuse("name_not_resolved", fmt::format("No address is known of {}.", to_text(url.host)));
  }
  for (const auto& address : addresses) {
    if (auto judged = judge(address); !judged) return base::fail(std::move(judged.error()));
    if (!url.tls && !is_allowed(address)) {
      return refuse("https_required", fmt::format("A webhook to {} must use https.", to_text(address)));
    }
  }
  return addresses;
}

}  // namespace ow::notify
