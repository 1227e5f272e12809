// See webhook_url.h: hosts. libidn2 is seen by this file alone.
#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <idn2.h>

#include "base/encoding.h"
#include "notify/webhook_url.h"

namespace ow::notify {
namespace {

constexpr std::size_t kNameCharsMax = 253;  // RFC 1035 section 2.3.4, without the final dot
constexpr std::size_t kLabelCharsMax = 63;
constexpr std::uint64_t kNumberCap = 1ULL << 32;  // past every part of an IPv4 address

tl::unexpected<base::Error> malformed(std::string why) {
  return base::fail(base::ErrorCode::malformed, "malformed_url", std::move(why));
}

std::optional<int> digit_of(char c, int base) {
  int value = -1;
  if (c >= '0' && c <= '9') value = c - '0';
  if (c >= 'a' && c <= 'f') value = c - 'a' + 10;
  if (c >= 'A' && c <= 'F') value = c - 'A' + 10;
  if (value < 0 || value >= base) return std::nullopt;
  return value;
}

/// A `%` that begins no escape stays, and is then a character that no host has.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size();
    const auto high = escape ? digit_of(text[i + 1], 16) : std::nullopt;
    const auto low = escape ? digit_of(text[i + 2], 16) : std::nullopt;
    if (!high || !low) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return out;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string lower_case(std::string text) {
  for (auto& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// Letters, digits, hyphens (RFC 1123 section 2.1), underscores because some receivers have them, dots.
bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

std::vector<std::string_view> labels_of(std::string_view name) {
  std::vector<std::string_view> labels;
  for (std::size_t start = 0;;) {
    const auto dot = name.find('.', start);
    labels.push_back(name.substr(start, dot == std::string_view::npos ? dot : dot - start));
    if (dot == std::string_view::npos) return labels;
    start = dot + 1;
  }
}

bool has_encoded_label(std::string_view lowered) {
  return std::ranges::any_of(labels_of(lowered), [](auto label) { return label.starts_with("xn--"); });
}

/// UTS 46 mapping and punycode; `name` is UTF-8 without zero bytes.
base::Result<std::string> mapped_to_ascii(const std::string& name) {
  char* out = nullptr;
  const int result = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(name.c_str()),
                                    reinterpret_cast<std::uint8_t**>(&out), IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, void (*)(void*)> owned(out, idn2_free);
  if (result != IDN2_OK) return malformed(fmt::format("the host is no domain name: {}", idn2_strerror(result)));
  return std::string(out);
}

base::Result<std::string> domain_to_ascii(std::string_view text) {
  base::Result<std::string> name = lower_case(percent_decoded(text));
  if (!base::is_utf8(*name) || name->find('\0') != std::string::npos) {
    return malformed("the host is no text in UTF-8");
  }
  if (!is_ascii(*name) || has_encoded_label(*name)) name = mapped_to_ascii(*name);
  // Asked after the mapping, which turns other characters into slashes, colons and the like.
  if (name && !std::ranges::all_of(*name, is_name_char)) {
    return malformed("the host holds a character that no host name has");
  }
  return name;
}

/// A part of an IPv4 address; numbers past all parts are capped.
std::optional<std::uint64_t> ipv4_number(std::string_view part) {
  if (part.empty()) return std::nullopt;
  int base = 10;
  if (part.starts_with("0x")) {
    base = 16;
    part.remove_prefix(2);
  } else if (part.size() > 1 && part.front() == '0') {
    base = 8;
    part.remove_prefix(1);
  }
  std::uint64_t value = 0;
  for (const char c : part) {
    const auto digit = digit_of(c, base);
    if (!digit) return std::nullopt;
    value = std::min(kNumberCap, value * static_cast<unsigned>(base) + static_cast<unsigned>(*digit));
  }
  return value;
}

bool ends_in_number(const std::vector<std::string_view>& labels) {
  const auto last = labels.back();
  const bool digits = std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
  return (!last.empty() && digits) || ipv4_number(last).has_value();
}

base::Result<Host> ipv4_host(const std::vector<std::string_view>& parts) {
  if (parts.size() > 4) return malformed("the host ends in a number and has more parts than an IPv4 address");
  std::uint64_t address = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    const std::uint64_t limit = last ? 1ULL << (8 * (5 - parts.size())) : 256;
    const auto number = ipv4_number(parts[i]);
    if (!number || *number >= limit) return malformed("the host ends in a number and is no IPv4 address");
    address += last ? *number : *number << (8 * (3 - i));
  }
  return IpAddress::v4(static_cast<std::uint32_t>(address));
}

base::Result<Host> ipv6_host(std::string_view text) {
  if (!text.ends_with(']')) return malformed("the host begins with a bracket that nothing closes");
  const auto inside = text.substr(1, text.size() - 2);
  const auto address = parse_address(inside);
  if (!address || address->family != IpAddress::Family::v6) {
    return malformed("the host in brackets is no IPv6 address; a zone is refused");
  }
  return *address;
}

}  // namespace

base::Result<Host> parse_host(std::string_view text) {
  if (text.starts_with('[')) return ipv6_host(text);
  auto name = domain_to_ascii(text);
  if (!name) return base::fail(std::move(name.error()));
  if (name->ends_with('.')) name->pop_back();
  if (name->empty()) return malformed("the host is empty");
  const auto labels = labels_of(*name);
  if (ends_in_number(labels)) return ipv4_host(labels);
  const auto unfit = [](auto label) { return label.empty() || label.size() > kLabelCharsMax; };
  if (name->size() > kNameCharsMax || std::ranges::any_of(labels, unfit)) {
    return malformed("the host has an empty label, or more characters than a domain name takes");
  }
  return std::move(*name);
}

std::string to_text(const Host& host) {
  if (const auto* name = std::get_if<std::string>(&host)) return *name;
  const auto& address = std::get<IpAddress>(host);
  return address.family == IpAddress::Family::v6 ? fmt::format("[{}]", to_text(address)) : to_text(address);
}

}  // namespace ow::notify
