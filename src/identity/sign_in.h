// POST /api/auth/sign-in: name and password to an access token. Loop thread.
#pragma once

#include <string>

#include "http/router.h"
#include "identity/password.h"
#include "identity/sessions.h"
#include "identity/sign_in_throttle.h"
#include "identity/users.h"
#include "platform/clock.h"
#include "platform/telemetry.h"

namespace ow::identity {

struct SignInParts {
  Users& users;
  PasswordHasher& passwords;
  Sessions& sessions;
  const platform::Clock& clock;
  platform::Telemetry& telemetry;
};

class SignIn {
 public:
  explicit SignIn(SignInParts parts);

  http::Route route();

 private:
  base::Task<base::Result<http::Reply>> handle(const http::RequestContext& context);
  /// The user of that name and password. Error unauthenticated, the same and as late for an unknown name as
  /// for a wrong password.
  base::Task<base::Result<User>> authenticate(std::string username, std::string password);

  SignInParts parts_;
  SignInThrottle throttle_;
  platform::CounterMetric& succeeded_;
  platform::CounterMetric& failed_;
  platform::CounterMetric& throttled_;
};

}  // namespace ow::identity
