// See ip_address.h.
#include "notify/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/assert.h"

namespace ow::notify {
namespace {

constexpr std::size_t kTextBytesMax = INET6_ADDRSTRLEN - 1;

int system_family(IpAddress::Family family) { return family == IpAddress::Family::v4 ? AF_INET : AF_INET6; }

std::optional<int> parse_bits(std::string_view digits, int bits_max) {
  int bits = 0;
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || rest != digits.data() + digits.size()) return std::nullopt;
  if (bits < 0 || bits > bits_max) return std::nullopt;
  return bits;
}

/// The byte of a prefix' mask.
std::uint8_t mask_at(int prefix_bits, std::size_t byte) {
  const int bits = std::clamp(prefix_bits - static_cast<int>(byte) * 8, 0, 8);
  return static_cast<std::uint8_t>(0xFF00 >> bits);
}

IpAddress masked(IpAddress address, int prefix_bits) {
  for (std::size_t i = 0; i < address.bytes.size(); ++i) address.bytes[i] &= mask_at(prefix_bits, i);
  return address;
}

}  // namespace

IpAddress IpAddress::v4(std::uint32_t value) {
  IpAddress address;
  for (std::size_t i = 0; i < 4; ++i) address.bytes[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
  return address;
}

IpAddress IpAddress::embedded_v4() const {
  OW_ASSERT(family == Family::v6, "only an IPv6 address embeds one");
  IpAddress address;
  std::copy(bytes.end() - 4, bytes.end(), address.bytes.begin());
  return address;
}

std::optional<IpAddress> parse_address(std::string_view text) {
  // The system's parser reads up to a zero byte, so none may be inside.
  if (text.size() > kTextBytesMax || text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string terminated(text);
  IpAddress address;
  const bool colons = text.find(':') != std::string_view::npos;
  address.family = colons ? IpAddress::Family::v6 : IpAddress::Family::v4;
  if (inet_pton(system_family(address.family), terminated.c_str(), address.bytes.data()) != 1) return std::nullopt;
  return address;
}

std::string to_text(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto* done = inet_ntop(system_family(address.family), address.bytes.data(), text.data(), text.size());
  OW_ASSERT(done != nullptr, "the buffer takes every address");
  return text.data();
}

std::optional<Network> Network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto first = parse_address(text.substr(0, slash));
  if (!first) return std::nullopt;
  if (slash == std::string_view::npos) return Network(*first, first->bits());
  const auto bits = parse_bits(text.substr(slash + 1), first->bits());
  if (!bits || masked(*first, *bits) != *first) return std::nullopt;
  return Network(*first, *bits);
}

bool Network::contains(const IpAddress& address) const { return masked(address, prefix_bits_) == first_; }

std::string Network::text() const { return fmt::format("{}/{}", to_text(first_), prefix_bits_); }

}  // namespace ow::notify
