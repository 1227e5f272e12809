// See jws.h.
#include "identity/jws.h"

#include <algorithm>
#include <optional>

#include "base/bounds.h"
#include "base/encoding.h"

namespace ow::identity {

namespace {

using base::Json;

constexpr base::JsonLimits kHeaderLimits{.depth_max = 16};

tl::unexpected<base::Error> refuse(std::string reason, std::string message) {
  return base::fail(base::ErrorCode::unauthenticated, std::move(reason), std::move(message));
}

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_input;
};

std::optional<Parts> split(std::string_view token) {
  const auto first = token.find('.');
  if (first == token.npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) return std::nullopt;
  return Parts{.header = token.substr(0, first),
               .payload = token.substr(first + 1, second - first - 1),
               .signature = token.substr(second + 1),
               .signed_input = token.substr(0, second)};
}

base::Result<Json> parse_header(std::string_view part) {
  const auto text = base::from_base64url(part);
  if (!text) return refuse("token_malformed", "The token's header is not base64url.");
  auto header = base::parse_json(*text, kHeaderLimits);
  if (!header) return refuse("token_malformed", "The token's header is not JSON: " + header.error().message);
  if (!header->is_object()) return refuse("token_malformed", "The token's header is not a JSON object.");
  if (header->find("crit") != nullptr) {
    return refuse("crit_unknown", "The token's header has critical parameters (`crit`) that are not understood.");
  }
  return header;
}

base::Result<const PublicKey*> key_for(const Json& header, const KeySet& keys, std::span<const Algorithm> accepted) {
  const auto name = header.string_at("alg");
  if (!name) return refuse("algorithm_refused", "The token's header has no algorithm (`alg`).");
  const auto kid = header.string_at("kid");
  const auto algorithm = algorithm_named(*name);
  if (!algorithm) return refuse("algorithm_refused", "The token's algorithm is none or unknown.");
  if (!kid) return refuse("kid_missing", "The token's header has no `kid`.");
  auto key = keys.find(*kid);
  if (!key) return key;
  if ((*key)->algorithm() != *algorithm) {
    return refuse("algorithm_refused", "The token's algorithm is not its key's.");
  }
  if (std::find(accepted.begin(), accepted.end(), *algorithm) == accepted.end()) {
    return refuse("algorithm_refused", "The algorithm " + std::string(*name) + " is not accepted here.");
  }
  return key;
}

}  // namespace

base::Result<Jws> verify_jws(const KeySet& keys, std::string_view token, std::span<const Algorithm> accepted) {
  if (token.size() > base::bounds::kTokenBytesMax) return refuse("token_too_large", "The token is too large.");
  const auto parts = split(token);
  if (!parts) return refuse("token_malformed", "The token does not have the three parts of a signed token.");
  auto header = parse_header(parts->header);
  if (!header) return base::fail(header.error());
  const auto key = key_for(*header, keys, accepted);
  if (!key) return base::fail(key.error());
  auto payload = base::from_base64url(parts->payload);
  const auto signature = base::from_base64url(parts->signature);
  if (!payload || !signature) return refuse("token_malformed", "The token's payload or signature is not base64url.");
  if (!(*key)->verifies(parts->signed_input, *signature)) {
    return refuse("signature_invalid", "The token's signature is not its key's.");
  }
  return Jws{*std::move(header), *std::move(payload)};
}

}  // namespace ow::identity
