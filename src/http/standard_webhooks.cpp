// See standard_webhooks.h.
#include "http/standard_webhooks.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/encoding.h"

namespace ow::http::standard_webhooks {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kScheme = "v1,";

tl::unexpected<base::Error> refuse(std::string reason, std::string message) {
  return base::fail(base::ErrorCode::forbidden, std::move(reason), std::move(message));
}

bool is_id(std::string_view id) { return !id.empty() && id.find('.') == std::string_view::npos; }

std::string signed_content(std::string_view id, std::string_view timestamp, std::string_view body) {
  std::string content;
  content.reserve(id.size() + timestamp.size() + body.size() + 2);
  content.append(id).append(1, '.').append(timestamp).append(1, '.').append(body);
  return content;
}

/// Digits only, so nothing before 1970.
std::optional<std::int64_t> parse_seconds(std::string_view text) {
  if (text.starts_with('-')) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return seconds;
}

base::Result<void> check_timestamp(std::string_view text, base::Instant now) {
  const auto seconds = parse_seconds(text);
  if (!seconds) return refuse("bad_webhook_timestamp", "The timestamp is no number of seconds since 1970.");
  if (*seconds < now.unix_s() - kSignatureTolerance.count()) {
    return refuse("webhook_too_old", "The timestamp is more than 300 s in the past.");
  }
  if (*seconds > now.unix_s() + kSignatureTolerance.count()) {
    return refuse("webhook_too_new", "The timestamp is more than 300 s in the future.");
  }
  return {};
}

/// Looks at every signature, so that time tells nothing about which one was right.
bool any_is(std::string_view signatures, std::string_view expected) {
  bool found = false;
  while (!signatures.empty()) {
    const auto end = std::min(signatures.find(' '), signatures.size());
    found |= base::equal_constant_time(signatures.substr(0, end), expected);
    signatures.remove_prefix(std::min(end + 1, signatures.size()));
  }
  return found;
}

}  // namespace

base::Result<SigningSecret> SigningSecret::parse(std::string_view text) {
  if (text.starts_with(kSecretPrefix)) text.remove_prefix(kSecretPrefix.size());
  auto key = base::from_base64(text);
  if (!key || key->empty()) {
    return base::fail(base::ErrorCode::malformed, "malformed_secret", "A secret is whsec_ and its key in base64.");
  }
  return SigningSecret(std::move(*key));
}

std::string SigningSecret::text_of(std::string_view key) { return std::string(kSecretPrefix) + base::to_base64(key); }

std::string SigningSecret::signature_of(std::string_view content) const {
  const auto code = base::hmac_sha256(key_, content);
  return std::string(kScheme) + base::to_base64({reinterpret_cast<const char*>(code.data()), code.size()});
}

std::string sign(std::span<const SigningSecret> secrets, std::string_view id, base::Instant at, std::string_view body) {
  OW_ASSERT(is_id(id), "an id is not empty and has no full stop");
  const auto content = signed_content(id, fmt::format_int(at.unix_s()).str(), body);
  std::string header;
  for (const auto& secret : secrets) {
    if (!header.empty()) header += ' ';
    header += secret.signature_of(content);
  }
  return header;
}

base::Result<void> verify(std::span<const SigningSecret> secrets, const SignedHeaders& headers, std::string_view body,
                          base::Instant now) {
  if (!is_id(headers.id)) return refuse("bad_webhook_id", "The id is empty or has a full stop.");
  if (auto checked = check_timestamp(headers.timestamp, now); !checked) return checked;
  const auto content = signed_content(headers.id, headers.timestamp, body);
  bool found = false;
  for (const auto& secret : secrets) found |= any_is(headers.signature, secret.signature_of(content));
  if (!found) return refuse("bad_webhook_signature", "No signature is right under a secret.");
  return {};
}

}  // namespace ow::http::standard_webhooks
