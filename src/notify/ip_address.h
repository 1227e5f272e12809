// IPv4 and IPv6 addresses and networks as plain values. Any thread.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ow::notify {

struct IpAddress {
  enum class Family : std::uint8_t { v4, v6 };

  Family family = Family::v4;
  std::array<std::uint8_t, 16> bytes{};  // network order; IPv4 fills the first four, the others are 0

  static IpAddress v4(std::uint32_t value);
  /// The IPv4 address in the last 32 bits of an IPv6 address (RFC 6052 section 2.2, /96).
  IpAddress embedded_v4() const;
  int bits() const { return family == Family::v4 ? 32 : 128; }
  auto operator<=>(const IpAddress&) const = default;
};

/// Four decimal parts without leading zeros, or RFC 4291 section 2.2 text without brackets and zone.
std::optional<IpAddress> parse_address(std::string_view text);

/// RFC 5952 for IPv6, dotted decimal for IPv4.
std::string to_text(const IpAddress& address);

/// All addresses that share their first bits with one.
class Network {
 public:
  /// `10.0.0.0/8`, `fc00::/7`, or one address. Nothing when it is none, or when bits behind the prefix are set.
  static std::optional<Network> parse(std::string_view text);

  /// False for an address of the other family.
  bool contains(const IpAddress& address) const;
  std::string text() const;

 private:
  Network(IpAddress first, int prefix_bits) : first_(first), prefix_bits_(prefix_bits) {}

  IpAddress first_;
  int prefix_bits_;
};

}  // namespace ow::notify
