// See identity.h.
#include "identity/identity.h"

#include <algorithm>

#include "base/assert.h"
#include "base/encoding.h"
#include "identity/accounts.h"
#include "identity/api_keys.h"
#include "identity/bounds.h"
#include "identity/claims.h"
#include "identity/issuer.h"
#include "identity/key_desk.h"
#include "identity/outside_keys.h"
#include "identity/sessions.h"
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

void append(http::Routes& all, http::Routes more) { std::move(more.begin(), more.end(), std::back_inserter(all)); }

}  // namespace

struct Identity::Impl {
  Impl(IdentityPorts given_ports, IdentityOptions given_options);

  const KeySet* keys() const;
  std::function<void(const base::UserId& user)> forgetting() {
    return [this](const base::UserId& user) { forget(user); };
  }
  void forget(const base::UserId& user);
  base::Result<Json> verify(const std::string& token) const;
  base::Task<base::Result<http::Principal>> admit(Json claims);
  base::Task<void> tend_keys();
  base::Task<base::Result<http::Principal>> authenticate(std::string token);
  base::Task<base::Result<void>> start();

  IdentityPorts ports;
  IdentityOptions options;
  Expectations expected;
  platform::IdSource ids;
  Users users;
  PasswordHasher passwords;
  Issuer issuer;
  Sessions sessions;
  SignIn sign_in;
  Accounts accounts;
  PersonParts persons;
  KeyDesk key_desk;
  ApiKeys api_keys;
  TokenCache cache;
  base::Instant remembers_again{};
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
      sessions({ports.store, users, issuer, ids, ports.clock, ports.random, ports.telemetry, forgetting()}),
      sign_in({users, passwords, sessions, ports.clock, ports.telemetry}),
      accounts({ports.store, users, passwords, ids, ports.clock, ports.telemetry, options.sign_up, forgetting()}),
      persons{ports.store, users, ports.clock, ports.personal_data, forgetting()},
      key_desk({issuer.signing_keys(), ports.executor, ports.clock, [this] { cache.clear(); }}),
      api_keys({ports.store, ports.executor, ports.clock, ports.random, ports.telemetry}),
      cached(ports.telemetry.counter("ow_tokens_total", {{"result", "cached"}})),
      verified(ports.telemetry.counter("ow_tokens_total", {{"result", "verified"}})),
      refused(ports.telemetry.counter("ow_tokens_total", {{"result", "refused"}})) {
  if (!options.outside) return;
  OW_ASSERT(ports.http_client != nullptr, "an outside issuer needs an HTTP client");
  expected.issuer = options.outside->issuer;
  expected.client_id = options.outside->client_id;
  outside =
      std::make_unique<OutsideKeys>(OutsideKeysPorts{*ports.http_client, ports.executor, ports.clock, ports.telemetry},
                                    options.outside->jwks_url, [this] { cache.clear(); });
}

const KeySet* Identity::Impl::keys() const {
  if (outside) return outside->keys();
  return issuer.ready() ? &issuer.keys() : nullptr;
}

/// What is under way at this moment may have read what was before: nothing is remembered for a while.
void Identity::Impl::forget(const base::UserId& user) {
  cache.drop_user(user);
  remembers_again = ports.clock.now() + kKeyChangeSettles;
}

base::Result<Json> Identity::Impl::verify(const std::string& token) const {
  const KeySet* known = keys();
  if (known == nullptr) {
    return base::fail(ErrorCode::unavailable, "issuer_keys_unknown", "The issuer's keys are not known yet.");
  }
  return verify_token(*known, expected, ports.clock.now(), token);
}

/// Whom verified claims speak for.
base::Task<base::Result<http::Principal>> Identity::Impl::admit(Json claims) {
  auto principal = principal_of(claims, outside ? options.outside->groups_claim : "cognito:groups");
  if (!principal || outside) co_return principal;
  const base::Instant issued{claims.integer_at("iat").value_or(0) * 1'000'000};
  co_return co_await sessions.admit(std::string(claims.string_at("username").value_or("")),
                                    std::string(claims.string_at("sid").value_or("")), principal->user, issued);
}

base::Task<base::Result<http::Principal>> Identity::Impl::authenticate(std::string token) {
  if (token.starts_with(kKeyPrefix)) co_return co_await api_keys.authenticate(std::move(token));
  const TokenCache::Digest digest = base::sha256(token);
  const auto now = ports.clock.now();
  if (const http::Principal* principal = cache.find(digest, now)) {
    cached.add();
    co_return *principal;
  }
  auto claims = verify(token);
  const bool keys_may_be_old =
      !claims && (claims.error().reason == "unknown_kid" || claims.error().code == ErrorCode::unavailable);
  if (keys_may_be_old && outside) {
    co_await outside->refresh();
    claims = verify(token);
  }
  auto principal = claims ? co_await admit(*claims) : base::fail(claims.error());
  (principal ? verified : refused).add();
  if (principal && now >= remembers_again) {
    auto until = claims_hold_until(*claims);
    if (!outside) until = std::min(until, now + kAccessTokenTrusted);
    cache.put(digest, *principal, until);
  }
  co_return principal;
}

base::Task<base::Result<void>> Identity::Impl::start() {
  if (!outside) {
    auto loaded = issuer.signing_keys().load(ports.secrets, ports.random, ports.clock.now());
    if (loaded) ports.executor.spawn(tend_keys());
    co_return loaded;
  }
  co_await outside->refresh();
  ports.executor.spawn(outside->keep_fresh());
  co_return base::Result<void>{};
}

base::Task<void> Identity::Impl::tend_keys() {
  while (co_await ports.executor.sleep_until(ports.clock.ticks() + kSigningKeysTended)) {
    const auto changed = co_await issuer.signing_keys().tend(ports.executor, ports.clock.now());
    if (changed && *changed) {
      cache.clear();
      ports.telemetry.log(platform::LogLevel::info, "signing_keys_changed", {});
    }
    if (!changed) {
      ports.telemetry.log(platform::LogLevel::error, "signing_keys_not_changed", {{"cause", changed.error().message}});
    }
  }
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
  append(routes, person_routes(impl_->persons));
  if (impl_->outside) return routes;
  append(routes, impl_->issuer.routes());
  routes.push_back(impl_->sign_in.route());
  append(routes, impl_->sessions.routes());
  append(routes, impl_->accounts.routes());
  append(routes, impl_->key_desk.routes());
  return routes;
}

base::Task<base::Result<base::UserId>> Identity::create_user(NewUser user) {
  return impl_->accounts.create(std::move(user));
}

base::Task<base::Result<bool>> Identity::any_user() { return impl_->users.any(); }

}  // namespace ow::identity
