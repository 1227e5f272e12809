// See webhook_url.h.
#include "notify/webhook_url.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace ow::notify {
namespace {

constexpr std::uint16_t kHttpsPort = 443;
constexpr std::uint16_t kHttpPort = 80;

tl::unexpected<base::Error> malformed(std::string_view why) {
  return base::fail(base::ErrorCode::malformed, "malformed_url", fmt::format("The URL cannot be used: {}.", why));
}

/// Characters that one reader of URLs drops, turns or splits at and another does not.
bool is_ambiguous(char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F || c == '\\'; }

bool take_scheme(std::string_view& text, std::string_view scheme) {
  const auto same = [](char left, char right) { return (right >= 'A' && right <= 'Z' ? right + 32 : right) == left; };
  if (text.size() < scheme.size() || !std::ranges::equal(scheme, text.substr(0, scheme.size()), same)) return false;
  text.remove_prefix(scheme.size());
  return true;
}

struct Authority {
  std::string_view host;
  std::optional<std::string_view> port;
};

Authority split_authority(std::string_view text) {
  const auto bracket = text.starts_with('[') ? text.find(']') : 0;
  const auto colon = bracket == std::string_view::npos ? bracket : text.find(':', bracket);
  if (colon == std::string_view::npos) return {text, std::nullopt};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || rest != digits.data() + digits.size() || port == 0) return std::nullopt;
  return port;
}

base::Result<void> take_authority(std::string_view text, WebhookUrl& url) {
  if (text.find('@') != std::string_view::npos) return malformed("user information before the host is refused");
  if (text.empty()) return malformed("the host is empty");
  const auto [host, port] = split_authority(text);
  auto parsed = parse_host(host);
  if (!parsed) return malformed(parsed.error().message);
  url.host = std::move(*parsed);
  if (!port) return {};
  const auto number = parse_port(*port);
  if (!number) return malformed("the port is no number from 1 to 65535");
  url.port = *number;
  return {};
}

base::Result<void> take_target(std::string_view text, WebhookUrl& url) {
  text = text.substr(0, text.find('#'));
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    return malformed("characters outside of ASCII must be percent-encoded behind the host");
  }
  url.target = fmt::format("{}{}", text.starts_with('/') ? "" : "/", text);
  return {};
}

}  // namespace

base::Result<WebhookUrl> parse_webhook_url(std::string_view text) {
  if (text.size() > kUrlBytesMax) return malformed(fmt::format("it is longer than {} bytes", kUrlBytesMax));
  if (std::ranges::any_of(text, is_ambiguous)) {
    return malformed("white space, control characters and backslashes are refused");
  }
  WebhookUrl url;
  url.tls = take_scheme(text, "https://");
  if (!url.tls && !take_scheme(text, "http://")) return malformed("it does not begin with https://");
  url.port = url.tls ? kHttpsPort : kHttpPort;
  const auto end = std::min(text.find_first_of("/?#"), text.size());
  if (auto taken = take_authority(text.substr(0, end), url); !taken) return base::fail(std::move(taken.error()));
  if (auto taken = take_target(text.substr(end), url); !taken) return base::fail(std::move(taken.error()));
  return url;
}

std::string to_text(const WebhookUrl& url) {
  const auto port = url.port == (url.tls ? kHttpsPort : kHttpPort) ? std::string() : fmt::format(":{}", url.port);
  return fmt::format("{}://{}{}{}", url.tls ? "https" : "http", to_text(url.host), port, url.target);
}

}  // namespace ow::notify
