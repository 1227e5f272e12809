// See access.h.
#include "http/access.h"

#include <algorithm>
#include <array>

#include "base/bounds.h"

namespace ow::http {
namespace {

using base::ErrorCode;

constexpr std::string_view kScheme = "bearer ";

bool has_bearer_scheme(std::string_view value) {
  return value.size() >= kScheme.size() &&
         std::equal(kScheme.begin(), kScheme.end(), value.begin(),
                    [](char want, char got) { return want == (got >= 'A' && got <= 'Z' ? got - 'A' + 'a' : got); });
}

// RFC 6750 section 2.1: b64token. A table, because every request of a signed-in caller walks its token.
constexpr std::array<bool, 256> token_chars() {
  std::array<bool, 256> allowed{};
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=")) {
    allowed[static_cast<unsigned char>(c)] = true;
  }
  return allowed;
}
constexpr std::array<bool, 256> kTokenChars = token_chars();

bool is_token_char(char c) { return kTokenChars[static_cast<unsigned char>(c)]; }

std::string_view without_port(std::string_view peer) {
  if (peer.starts_with('[')) return peer.substr(1, peer.find(']') - 1);
  const auto colon = peer.find(':');
  const bool one_colon = colon != std::string_view::npos && peer.find(':', colon + 1) == std::string_view::npos;
  return one_colon ? peer.substr(0, colon) : peer;
}

bool was_forwarded(const Request& request) { return request.header("forwarded") || request.header("x-forwarded-for"); }

std::optional<base::Error> refuse_key(const Route& route, const KeyGrant& key) {
  if (route.scope.empty()) {
    return base::Error{ErrorCode::forbidden, "api_key_refused", "No API key may do this; sign in as a person."};
  }
  if (key.allows(route.scope)) return std::nullopt;
  return base::Error{ErrorCode::forbidden, "scope_missing",
                     "This needs an API key with the scope " + route.scope + "."};
}

}  // namespace

base::Result<std::optional<std::string_view>> bearer_token(const Headers& headers) {
  const std::string* line = nullptr;
  for (const auto& [name, value] : headers) {
    if (name != "authorization") continue;
    if (line != nullptr) {
      return base::fail(ErrorCode::unauthenticated, "invalid_token", "There is more than one Authorization header.");
    }
    line = &value;
  }
  if (line == nullptr) return std::nullopt;
  if (!has_bearer_scheme(*line)) {
    return base::fail(ErrorCode::unauthenticated, "invalid_token", "Authorization must be of scheme Bearer.");
  }
  std::string_view token = std::string_view(*line).substr(kScheme.size());
  token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
  if (token.empty() || token.size() > base::bounds::kTokenBytesMax ||
      !std::all_of(token.begin(), token.end(), is_token_char)) {
    return base::fail(ErrorCode::unauthenticated, "invalid_token", "The bearer token is empty, too long or garbled.");
  }
  return token;
}

bool is_from_loopback(const Request& request) {
  std::string_view address = without_port(request.peer);
  if (address.starts_with("::ffff:")) address.remove_prefix(7);
  return (address == "::1" || address.starts_with("127.")) && !was_forwarded(request);
}

void grant_by_scope(const Route& route, std::optional<Principal>& principal) {
  if (!principal || !principal->key || route.scope.empty()) return;
  if (principal->key->allows(route.scope)) principal->roles.emplace_back("operator");
}

std::optional<base::Error> refuse(const Route& route, bool from_loopback, const std::optional<Principal>& principal,
                                  const std::optional<base::Error>& unknown) {
  const Access access = route.access;
  if (access == Access::open || (access == Access::loopback_or_operators && from_loopback)) return std::nullopt;
  if (!principal) {
    return unknown.value_or(
        base::Error{ErrorCode::unauthenticated, "missing_token", "This needs an access token: sign in first."});
  }
  if (principal->key) return refuse_key(route, *principal->key);
  if (access == Access::signed_in || principal->has("admin")) return std::nullopt;
  if (access == Access::admins) {
    return base::Error{ErrorCode::forbidden, "role_missing", "This needs the role admin."};
  }
  if (principal->has("operator")) return std::nullopt;
  return base::Error{ErrorCode::forbidden, "role_missing", "This needs the role operator or admin."};
}

std::string challenge(const std::optional<base::Error>& unknown) {
  std::string value = "Bearer realm=\"orderwright\"";
  if (!unknown) return value;
  value += ", error=\"invalid_token\", error_description=\"";
  for (const char c : unknown->message) value += c >= 0x20 && c < 0x7F && c != '"' && c != '\\' ? c : '\'';
  return value + '"';
}

}  // namespace ow::http
