// See claims.h.
#include "identity/claims.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include <fmt/core.h>

#include "identity/jws.h"

namespace ow::identity {

namespace {

using base::Json;

tl::unexpected<base::Error> refuse(std::string reason, std::string message) {
  return base::fail(base::ErrorCode::unauthenticated, std::move(reason), std::move(message));
}

bool is_type(std::string_view given, std::string_view lower_case_type) {
  constexpr std::string_view kPrefix = "application/";
  std::string text(given);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  if (text.starts_with(kPrefix)) text.erase(0, kPrefix.size());
  return text == lower_case_type;
}

base::Result<void> check_type(const Json& header, TokenUse use) {
  const Json* type = header.find("typ");
  if (type == nullptr) return {};
  const bool good = type->is_string() && (is_type(type->as_string(), "jwt") ||
                                          (use == TokenUse::access && is_type(type->as_string(), "at+jwt")));
  if (!good) return refuse("typ_wrong", "The token is of another type (`typ`).");
  return {};
}

/// `aud` is one string or an array of strings (RFC 7519 section 4.1.3).
bool is_audience(const Json* audience, std::string_view client_id) {
  if (audience == nullptr) return false;
  if (audience->is_string()) return audience->as_string() == client_id;
  if (!audience->is_array()) return false;
  const auto& items = audience->as_array();
  return std::all_of(items.begin(), items.end(), [](const Json& item) { return item.is_string(); }) &&
         std::any_of(items.begin(), items.end(), [&](const Json& item) { return item.as_string() == client_id; });
}

base::Result<void> check_parties(const Json& claims, const Expectations& expected) {
  const bool access = expected.use == TokenUse::access;
  if (claims.string_at("iss") != expected.issuer) return refuse("iss_wrong", "The token is of another issuer (`iss`).");
  if (claims.string_at("token_use") != (access ? "access" : "id")) {
    return refuse("token_use_wrong", fmt::format("The token is no {} token (`token_use`).", access ? "access" : "id"));
  }
  if (access && claims.string_at("client_id") != expected.client_id) {
    return refuse("client_id_wrong", "The token was issued to another client (`client_id`).");
  }
  if (!access && !is_audience(claims.find("aud"), expected.client_id)) {
    return refuse("aud_wrong", "The token is for another audience (`aud`).");
  }
  return {};
}

std::string to_seconds_text(base::Instant at) {
  constexpr std::int64_t kMicro = 1'000'000;
  const bool negative = at.us < 0;
  const std::uint64_t us = negative ? 0 - static_cast<std::uint64_t>(at.us) : static_cast<std::uint64_t>(at.us);
  return fmt::format("{}{}.{:06}", negative ? "-" : "", us / kMicro, us % kMicro);
}

base::Result<void> check_not_after(const Json& claims, std::string_view name, std::string_view now) {
  const Json* time = claims.find(name);
  if (time == nullptr) return {};
  if (!time->is_number()) return refuse(fmt::format("{}_wrong", name), fmt::format("`{}` is not a number.", name));
  if (base::compare_numbers(time->as_number().text, now) > 0) {
    return refuse(fmt::format("{}_in_future", name), fmt::format("The token is not valid yet (`{}`).", name));
  }
  return {};
}

base::Result<void> check_times(const Json& claims, base::Instant at) {
  const std::string now = to_seconds_text(at);
  const Json* expires = claims.find("exp");
  if (expires == nullptr || !expires->is_number()) {
    return refuse("exp_wrong", "The token has no expiry (`exp`), or it is not a number.");
  }
  if (base::compare_numbers(expires->as_number().text, now) <= 0) {
    return refuse("token_expired", "The token has expired (`exp`).");
  }
  if (auto checked = check_not_after(claims, "nbf", now); !checked) return checked;
  return check_not_after(claims, "iat", now);
}

}  // namespace

base::Result<Json> verify_token(const KeySet& keys, const Expectations& expected, base::Instant now,
                                std::string_view token) {
  const auto jws = verify_jws(keys, token, kTokenAlgorithms);
  if (!jws) return base::fail(jws.error());
  if (auto checked = check_type(jws->header, expected.use); !checked) return base::fail(checked.error());
  auto claims = base::parse_json(jws->payload);
  if (!claims) return refuse("token_malformed", "The token's claims are not JSON: " + claims.error().message);
  if (!claims->is_object()) return refuse("token_malformed", "The token's claims are not a JSON object.");
  if (auto checked = check_parties(*claims, expected); !checked) return base::fail(checked.error());
  if (auto checked = check_times(*claims, now); !checked) return base::fail(checked.error());
  return claims;
}

base::Result<Json> verify_token(std::string_view jwks, const Expectations& expected, base::Instant now,
                                std::string_view token) {
  const auto keys = KeySet::parse(jwks);
  if (!keys) return base::fail(keys.error());
  return verify_token(*keys, expected, now, token);
}

base::Instant claims_hold_until(const Json& claims) {
  constexpr double kSecondsMax = 1e12;  // far beyond any clock, and safe in microseconds
  const Json* expires = claims.find("exp");
  const double seconds = expires->as_number().to_double();
  // One second early when the double may have rounded up past the exact value.
  const auto exact = expires->as_number().integer();
  const double whole = exact ? std::min(static_cast<double>(*exact), kSecondsMax)
                             : std::clamp(std::floor(seconds) - 1.0, 0.0, kSecondsMax);
  return {static_cast<std::int64_t>(whole) * 1'000'000};
}

}  // namespace ow::identity
