// The edge: from a parsed request to a response. Production enters here from the server, the simulator
// directly. Loop thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bounds.h"
#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"
#include "http/router.h"
#include "platform/clock.h"
#include "platform/executor.h"
#include "platform/random.h"
#include "platform/store.h"
#include "platform/telemetry.h"

namespace ow::http {

/// Verifies bearer tokens; implemented by identity.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  /// Error unauthenticated with the reason.
  virtual base::Task<base::Result<Principal>> authenticate(std::string token) = 0;
};

struct ApiOptions {
  /// Requests per second and caller; nothing: off.
  std::optional<int> rate_limit = base::bounds::kRatePerCallerPerSecond;
  std::string public_url = "http://127.0.0.1:8080";
  /// Origins that CORS allows; empty: none.
  std::vector<std::string> cors_origins = {};  // "*" allows all
  /// Log lines about requests per second and class of status (2xx, 4xx, 5xx …); past it they are counted
  /// only, since a line costs as much as a small request. Nothing: a line for every request; 0: none.
  std::optional<int> log_lines_per_second = 100;
  base::Duration slow_request = std::chrono::seconds(1);  // logged as a warning
  /// For how long an answer is replayed under its idempotency key.
  base::Duration idempotency_kept = base::bounds::kIdempotencyKept;
  std::string version = "0.1.0";  // of the API, in OpenAPI
};

struct ApiPorts {
  platform::Store& store;
  const platform::Clock& clock;
  platform::Random& random;
  platform::Telemetry& telemetry;
  Authenticator& authenticator;
};

class Api {
 public:
  /// Two routes of one method and pattern are a broken invariant.
  Api(ApiPorts ports, Routes routes, ApiOptions options);
  ~Api();

  /// Always answers: an error becomes problem details (RFC 9457). HEAD runs the GET route and keeps the body,
  /// whose length the server reports without sending it. The Api must outlive the task.
  base::Task<Response> handle(Request request);

  /// Requests that have not been answered yet.
  std::size_t requests_in_flight() const;

  /// OpenAPI 3.1 of the routes.
  std::string openapi() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ow::http
