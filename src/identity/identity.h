// Users, the built-in issuer and token verification, or an outside issuer by configuration. Loop thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "http/api.h"
#include "http/router.h"
#include "identity/password.h"
#include "identity/persons.h"
#include "identity/users.h"
#include "platform/clock.h"
#include "platform/executor.h"
#include "platform/http_client.h"
#include "platform/id_source.h"
#include "platform/random.h"
#include "platform/secrets.h"
#include "platform/store.h"
#include "platform/telemetry.h"

namespace ow::identity {

/// An issuer elsewhere (Cognito or any OpenID provider) instead of the built-in one.
struct OutsideIssuer {
  std::string issuer;
  std::string jwks_url;
  std::string client_id;
  std::string groups_claim = "cognito:groups";
};

struct IdentityOptions {
  std::string public_url = "http://127.0.0.1:8080";  // `iss` of the built-in issuer
  std::string client_id = "orderwright";
  std::optional<OutsideIssuer> outside = std::nullopt;
  PasswordCost password_cost = {};  // of new hashes; the simulator takes less
  bool sign_up = true;              // shoppers may make accounts
};

struct IdentityPorts {
  platform::Store& store;
  platform::Executor& executor;
  const platform::Clock& clock;
  platform::Random& random;
  platform::Secrets& secrets;
  platform::Telemetry& telemetry;
  platform::HttpClient* http_client = nullptr;   // needed with an outside issuer only
  std::vector<PersonalData> personal_data = {};  // what other rooms keep about a person
};

class Identity final : public http::Authenticator {
 public:
  Identity(IdentityPorts ports, IdentityOptions options);
  ~Identity() override;

  /// Loads the signing keys, makes them at first start; fetches an outside issuer's keys. An outside issuer
  /// that does not answer is no error: it is asked again, and healthy() is false until it does.
  base::Task<base::Result<void>> start();
  /// True when sign-in works; part of /health.
  bool healthy() const;

  /// An access token by the rules of verify_token() (claims.h), or an API key. Error unauthenticated with the reason;
  /// unavailable while the keys of the issuer are not known.
  base::Task<base::Result<http::Principal>> authenticate(std::string token) override;

  /// API keys and persons; and unless an outside issuer has his own: sign-in, sign-up, refresh, sign-out, users,
  /// signing keys and the documents under /.well-known.
  http::Routes routes();

  /// Needs no start(). Errors: unprocessable naming every rule that is broken; conflict when the name is
  /// taken.
  base::Task<base::Result<base::UserId>> create_user(NewUser user);
  /// False on an empty store, where the first admin may be made.
  base::Task<base::Result<bool>> any_user();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ow::identity
