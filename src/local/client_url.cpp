// See client_url.h.
#include "local/client_url.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace ow::local {

namespace {

tl::unexpected<base::Error> malformed(std::string_view url, std::string_view why) {
  return base::fail(base::ErrorCode::malformed, "malformed_url",
                    "The URL " + std::string(url) + " cannot be used: " + std::string(why) + ".");
}

/// Removes a prefix whose letters are in lower case here; any case there.
bool take_scheme(std::string_view& text, std::string_view scheme) {
  if (text.size() < scheme.size()) return false;
  const bool same = std::equal(scheme.begin(), scheme.end(), text.begin(), [](char expected, char c) {
    return expected == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  });
  if (same) text.remove_prefix(scheme.size());
  return same;
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0) return std::nullopt;
  return port;
}

bool is_host(std::string_view host) {
  return !host.empty() && host.find_first_of("[]@<>\"\\^`{|}%,;") == std::string_view::npos;
}

struct Authority {
  std::string_view host;
  std::string_view port;  // empty when not given
  bool bracketed = false;
};

/// `host`, `host:port`, `[address]:port`.
std::optional<Authority> split_authority(std::string_view text) {
  Authority authority;
  authority.bracketed = text.starts_with('[');
  const auto host_end = authority.bracketed ? text.find(']') : std::min(text.find(':'), text.size());
  if (host_end == std::string_view::npos) return std::nullopt;
  authority.host = authority.bracketed ? text.substr(1, host_end - 1) : text.substr(0, host_end);
  auto after = text.substr(authority.bracketed ? host_end + 1 : host_end);
  if (!is_host(authority.host) || (!after.empty() && after.front() != ':')) return std::nullopt;
  if (!after.empty()) authority.port = after.substr(1);
  return authority;
}

}  // namespace

base::Result<ClientUrl> parse_client_url(std::string_view url) {
  const auto printable = [](char c) { return c > ' ' && c < 0x7f; };
  if (!std::all_of(url.begin(), url.end(), printable)) return malformed("given", "it is not printable ASCII");
  ClientUrl parsed;
  auto rest = url.substr(0, url.find('#'));
  parsed.tls = take_scheme(rest, "https://");
  const bool http = parsed.tls || take_scheme(rest, "http://");
  if (!http) return malformed(url, "it begins neither with http:// nor https://");
  const auto authority = split_authority(rest.substr(0, rest.find_first_of("/?")));
  if (!authority) return malformed(url, "it names no host");
  const auto path = rest.find_first_of("/?");
  const auto target = path == std::string_view::npos ? std::string_view() : rest.substr(path);
  parsed.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
  parsed.host = authority->host;
  const std::uint16_t usual = parsed.tls ? 443 : 80;
  const auto port = authority->port.empty() ? std::optional(usual) : parse_port(authority->port);
  if (!port) return malformed(url, "its port is not a number from 1 to 65535");
  parsed.port = *port;
  parsed.authority = authority->bracketed ? "[" + parsed.host + "]" : parsed.host;
  if (parsed.port != usual) parsed.authority += ":" + std::to_string(parsed.port);
  return parsed;
}

}  // namespace ow::local
