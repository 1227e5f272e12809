// The URL of a webhook: read strictly into the one form that is judged, shown and connected to, so that no
// second reader can see another host in it. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "notify/ip_address.h"

namespace ow::notify {

inline constexpr std::size_t kUrlBytesMax = 2048;

/// A name in lower case ASCII (A-labels) without a final dot, or an address.
using Host = std::variant<std::string, IpAddress>;

/// Host parsing of the WHATWG URL standard ("host parsing", "IPv4 parser"): percent-decoded, mapped by UTS 46,
/// and a host that ends in a number is an IPv4 address in decimal, octal or hex of one to four parts, or an
/// error. Stricter: a name has letters, digits, hyphens and underscores only, no empty label, and no more
/// characters than DNS takes. Error malformed.
base::Result<Host> parse_host(std::string_view text);

struct WebhookUrl {
  bool tls = true;
  Host host;
  std::uint16_t port = 443;
  std::string target;  // path and query, begins with '/'
};

/// Reads `https://host[:port][/path][?query][#fragment]` or the same with http; the fragment is dropped. No
/// user information, white space, control characters or backslashes anywhere, ASCII only behind the host.
/// Error malformed, `malformed_url`.
base::Result<WebhookUrl> parse_webhook_url(std::string_view text);

/// As it stands in a URL: IPv6 in brackets.
std::string to_text(const Host& host);
/// The normalised URL; a default port is left out.
std::string to_text(const WebhookUrl& url);

}  // namespace ow::notify
