// See identity.h.
#include "identity/identity.h"

#include <algorithm>

#include "base/assert.h"
#include "base/encoding.h"
#include "identity/api_keys.h"
#include "identity/claims.h"
#include "identity/issuer.h"
#include "identity/outside_keys.h"
#include "identity/sign_in.h"
#include "identity/token_cache.h"
#include "identity/users.h"

namespace ow::identity {

namespace {

using base::ErrorCode;
using base::Json;

base::Result<http::Principal> principal_of(const Json& claims, const std::string& groups_claim) {
  const auto subject = claims.string_at("sub");
  if (!subject || subject->empty()) {
    return base::fail(ErrorCode::unauthenticated, "sub_missing", "The token has no subject (`sub`).");
  }
  http::Principal principal{base::UserId(std::string(*subject)), {}};
  const Json* groups = claims.find(groups_claim);
  if (groups == nullptr || !groups->is_array()) return principal;
  for (const Json& group : groups->as_array()) {
    if (group.is_string()) principal.roles.push_back(group.as_string());
  }
  return principal;
}

std::vector<std::string> violations_of(const NewUser& user) {
  std::vector<std::string> violations;
  if (!normalised_name(user.name)) {
    violations.emplace_back(
        "name must be 1 to 64 of a-z, 0-9, `.`, `_`, `-`, beginning with a letter or digit");
  }
  if (user.roles.empty() || !std::all_of(user.roles.begin(), user.roles.end(), is_role)) {
    violations.emplace_back("roles must be one or more of shopper, operator, admin");
  }
  if (user.password_hash.empty()) {
    if (const auto checked = check_new_password(user.password); !checked) {
      violations.push_back("password: " + checked.error().message);
    }
  } else if (!is_password_hash(user.password_hash)) {
    violations.emplace_back("password_hash must be an argon2id PHC string");
  }
  return violations;
}

std::vector<std::string> sorted_without_repeats(std::vector<std::string> roles) {
  std::sort(roles.begin(), roles.end());
  roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
  return roles;
}

}  // namespace

struct Identity::Impl {
  Impl(IdentityPorts given_ports, IdentityOptions given_options);

  const KeySet* keys() const;
  base::Result<http::Principal> verify(std::string_view token, const TokenCache::Digest& digest);
  base::Task<base::Result<http::Principal>> authenticate(std::string token);
  base::Task<base::Result<void>> start();
  base::Task<base::Result<base::UserId>> create_user(NewUser given);

  IdentityPorts ports;
  IdentityOptions options;
  Expectations expected;
  platform::IdSource ids;
  Users users;
  PasswordHasher passwords;
  Issuer issuer;
  SignIn sign_in;
  ApiKeys api_keys;
  TokenCache cache;
  std::unique_ptr<OutsideKeys> outside;
  platform::CounterMetric& cached;
  platform::CounterMetric& verified;
  platform::CounterMetric& refused;
};

Identity::Impl::Impl(IdentityPorts given_ports, IdentityOptions given_options)
    : ports(given_ports),
      options(std::move(given_options)),
      expected{options.public_url, options.client_id, TokenUse::access},
      ids(ports.clock, ports.random),
      users(ports.store),
      passwords(ports.executor, ports.random, options.password_cost),
      issuer(options.public_url, options.client_id),
      sign_in({users, passwords, issuer, ids, ports.clock, ports.telemetry}),
      api_keys({ports.store, ports.executor, ports.clock, ports.random, ports.telemetry}),
      cached(ports.telemetry.counter("ow_tokens_total", {{"result", "cached"}})),
      verified(ports.telemetry.counter("ow_tokens_total", {{"result", "verified"}})),
      refused(ports.telemetry.counter("ow_tokens_total", {{"result", "refused"}})) {
  if (!options.outside) return;
  OW_ASSERT(ports.http_client != nullptr, "an outside issuer needs an HTTP client");
  expected.issuer = options.outside->issuer;
  expected.client_id = options.outside->client_id;
  outside = std::make_unique<OutsideKeys>(
      OutsideKeysPorts{*ports.http_client, ports.executor, ports.clock, ports.telemetry},
      options.outside->jwks_url, [this] { cache.clear(); });
}

const KeySet* Identity::Impl::keys() const {
  if (outside) return outside->keys();
  return issuer.ready() ? &issuer.keys() : nullptr;
}

base::Result<http::Principal> Identity::Impl::verify(std::string_view token,
                                                     const TokenCache::Digest& digest) {
  const KeySet* known = keys();
  if (known == nullptr) {
    return base::fail(ErrorCode::unavailable, "issuer_keys_unknown", "The issuer's keys are not known yet.");
  }
  const auto claims = verify_token(*known, expected, ports.clock.now(), token);
  if (!claims) return base::fail(claims.error());
  auto principal = principal_of(*claims, outside ? options.outside->groups_claim : "cognito:groups");
  if (principal) cache.put(digest, *principal, claims_hold_until(*claims));
  return principal;
}

base::Task<base::Result<http::Principal>> Identity::Impl::authenticate(std::string token) {
  if (token.starts_with(kKeyPrefix)) co_return co_await api_keys.authenticate(std::move(token));
  const TokenCache::Digest digest = base::sha256(token);
  if (const http::Principal* principal = cache.find(digest, ports.clock.now())) {
    cached.add();
    co_return *principal;
  }
  auto principal = verify(token, digest);
  const bool keys_may_be_old = !principal && (principal.error().reason == "unknown_kid" ||
                                              principal.error().code == ErrorCode::unavailable);
  if (keys_may_be_old && outside) {
    co_await outside->refresh();
    principal = verify(token, digest);
  }
  (principal ? verified : refused).add();
  co_return principal;
}

base::Task<base::Result<void>> Identity::Impl::start() {
  if (!outside) co_return issuer.load_keys(ports.secrets, ports.random);
  co_await outside->refresh();
  ports.executor.spawn(outside->keep_fresh());
  co_return base::Result<void>{};
}

base::Task<base::Result<base::UserId>> Identity::Impl::create_user(NewUser given) {
  if (auto violations = violations_of(given); !violations.empty()) {
    base::Error error{ErrorCode::unprocessable, "user_refused",
                      "The user cannot be made: " + violations.front() + "."};
    error.violations = std::move(violations);
    co_return base::fail(std::move(error));
  }
  if (given.password_hash.empty()) {
    auto phc = co_await passwords.hash(std::move(given.password));
    if (!phc) co_return base::fail(phc.error());
    given.password_hash = *std::move(phc);
  }
  User user{base::UserId(ids.next("usr")), *normalised_name(given.name),
            sorted_without_repeats(std::move(given.roles)), std::move(given.password_hash),
            ports.clock.now()};
  const base::UserId id = user.id;
  const auto added = co_await users.add(std::move(user));
  if (!added) co_return base::fail(added.error());
  co_return id;
}

Identity::Identity(IdentityPorts ports, IdentityOptions options)
    : impl_(std::make_unique<Impl>(ports, std::move(options))) {}

Identity::~Identity() = default;

base::Task<base::Result<void>> Identity::start() { return impl_->start(); }

bool Identity::healthy() const { return impl_->keys() != nullptr; }

base::Task<base::Result<http::Principal>> Identity::authenticate(std::string token) {
  return impl_->authenticate(std::move(token));
}

http::Routes Identity::routes() {
  http::Routes routes = impl_->api_keys.routes();
  if (impl_->outside) return routes;
  for (auto& route : impl_->issuer.routes()) routes.push_back(std::move(route));
  routes.push_back(impl_->sign_in.route());
  return routes;
}

base::Task<base::Result<base::UserId>> Identity::create_user(NewUser user) {
  return impl_->create_user(std::move(user));
}

base::Task<base::Result<bool>> Identity::any_user() { return impl_->users.any(); }

}  // namespace ow::identity
