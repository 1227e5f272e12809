// API keys of servers: made, rotated with overlap, revoked, and told from bearer tokens at the edge. Loop
// thread.
#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "http/api.h"
#include "http/router.h"
#include "identity/api_key.h"
#include "identity/token_cache.h"
#include "ops/operator_action.h"
#include "platform/clock.h"
#include "platform/executor.h"
#include "platform/id_source.h"

namespace ow::identity {

struct ApiKeyPorts {
  platform::Store& store;
  platform::Executor& executor;
  const platform::Clock& clock;
  platform::Random& random;
  platform::Telemetry& telemetry;
};

class ApiKeys {
 public:
  explicit ApiKeys(ApiKeyPorts ports);

  /// Of a text that begins with kKeyPrefix. Error unauthenticated, `invalid_key`, the same for every reason.
  base::Task<base::Result<http::Principal>> authenticate(std::string text);

  /// POST and GET /api/api-keys, GET /api/api-keys/{id}, POST …/rotate, POST …/revoke, GET …/scopes; admins.
  http::Routes routes();

 private:
  using Answer = base::Task<base::Result<http::Reply>>;

  Answer create(const http::RequestContext& context);
  Answer list(const http::RequestContext& context);
  Answer show(const http::RequestContext& context);
  Answer rotate(const http::RequestContext& context);
  Answer revoke(const http::RequestContext& context);

  base::Task<base::Result<std::optional<ApiKey>>> look_up(base::Sha256 digest);
  base::Task<base::Result<ApiKey>> find(std::string id);
  base::Task<base::Result<std::optional<base::Instant>>> last_use(std::string id);
  KeySecret new_secret(const std::string& text) const;
  http::Reply shown_once(int status, const ApiKey& key, const std::string& text) const;
  void note_use(const std::string& id);
  /// A key is about to change: what was looked up before or meanwhile is not believed.
  void forget();
  base::Task<void> write_use(std::string id, base::Instant at);

  ApiKeyPorts ports_;
  platform::IdSource ids_;
  TokenCache cache_;
  base::Instant caches_again_{};
  std::unordered_map<std::string, base::Instant> noted_;
  platform::CounterMetric& accepted_;
  platform::CounterMetric& refused_;
};

}  // namespace ow::identity
