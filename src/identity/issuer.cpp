// See issuer.h.
#include "identity/issuer.h"

#include "base/assert.h"
#include "base/bounds.h"
#include "http/schema_text.h"

namespace ow::identity {

namespace {

using base::Json;
using http::text_schema;

std::string without_slash(std::string url) {
  if (url.ends_with('/')) url.pop_back();
  return url;
}

Json configuration_schema() {
  const Json texts = Json::object({{"type", "array"}, {"items", text_schema()}});
  return Json::object({{"type", "object"},
                       {"required", Json::array({"issuer", "jwks_uri"})},
                       {"properties", Json::object({{"issuer", text_schema()},
                                                    {"jwks_uri", text_schema()},
                                                    {"token_endpoint", text_schema()},
                                                    {"response_types_supported", texts},
                                                    {"subject_types_supported", texts},
                                                    {"id_token_signing_alg_values_supported", texts},
                                                    {"scopes_supported", texts}})}});
}

}  // namespace

std::string Issuer::access_token(const TokenSubject& subject, base::Instant now, platform::IdSource& ids) const {
  OW_ASSERT(ready(), "keys are loaded before tokens are issued");
  const std::int64_t issued = now.unix_s();
  const std::int64_t life = std::chrono::seconds(base::bounds::kAccessTokenLife).count();
  auto claims = Json::object({{"sub", subject.id.text},
                              {"iss", issuer_},
                              {"client_id", client_id_},
                              {"token_use", "access"},
                              {"cognito:groups", Json(Json::Array(subject.groups.begin(), subject.groups.end()))},
                              {"username", subject.username},
                              {"scope", "orderwright"},
                              {"auth_time", issued},
                              {"iat", issued},
                              {"exp", issued + life},
                              {"jti", ids.next("tok")}});
  if (!subject.session_id.empty()) claims.set("sid", subject.session_id);
  return keys_.signer(now).sign(claims);
}

Json Issuer::configuration() const {
  return Json::object({{"issuer", issuer_},
                       {"jwks_uri", without_slash(issuer_) + "/.well-known/jwks.json"},
                       {"token_endpoint", without_slash(issuer_) + "/api/auth/sign-in"},
                       {"response_types_supported", Json::array({"token"})},
                       {"subject_types_supported", Json::array({"public"})},
                       {"id_token_signing_alg_values_supported", Json::array({"EdDSA"})},
                       {"scopes_supported", Json::array({"orderwright"})}});
}

base::Task<base::Result<http::Reply>> Issuer::serve(Json document) const {
  http::Reply reply{http::Response::json(200, document)};
  reply.response.headers.emplace_back("cache-control", "public, max-age=300");
  co_return reply;
}

http::Routes Issuer::routes() {
  const Json keys_schema = Json::object(
      {{"type", "object"},
       {"required", Json::array({"keys"})},
       {"properties",
        Json::object({{"keys", Json::object({{"type", "array"}, {"items", Json::object({{"type", "object"}})}})}})}});
  http::Routes routes;
  routes.push_back({.method = "GET",
                    .pattern = "/.well-known/jwks.json",
                    .access = http::Access::open,
                    .summary = "Public keys of the built-in issuer (RFC 7517)",
                    .handle = [this](const http::RequestContext&) { return serve(keys_.jwks()); },
                    .answers = {{200, keys_schema}}});
  routes.push_back({.method = "GET",
                    .pattern = "/.well-known/openid-configuration",
                    .access = http::Access::open,
                    .summary = "Metadata of the built-in issuer (OpenID Connect Discovery 1.0)",
                    .handle = [this](const http::RequestContext&) { return serve(configuration()); },
                    .answers = {{200, configuration_schema()}}});
  return routes;
}

}  // namespace ow::identity
