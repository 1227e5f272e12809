// Sessions: what a sign-in leaves, so that a client stays signed in without its password. A refresh token is
// good once; one that comes again shows that it was stolen, and ends the session (RFC 9700 section 4.14.2).
// Loop thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "http/router.h"
#include "identity/issuer.h"
#include "identity/users.h"
#include "platform/clock.h"
#include "platform/id_source.h"
#include "platform/random.h"
#include "platform/store.h"
#include "platform/telemetry.h"

namespace ow::identity {

struct Session {
  std::string id;  // ses_…
  base::UserId user;
  std::string username;
  base::Sha256 token{};  // of the refresh token that is good now
  base::Instant created;
  base::Instant ends;  // whatever happens
  base::Instant idle_ends;
  platform::Version version = 0;
};

struct SessionParts {
  platform::Store& store;
  Users& users;
  const Issuer& issuer;
  platform::IdSource& ids;
  const platform::Clock& clock;
  platform::Random& random;
  platform::Telemetry& telemetry;
  /// A user's tokens are no longer what they were: nothing about them may be remembered.
  std::function<void(const base::UserId& user)> changed;
};

class Sessions {
 public:
  explicit Sessions(SessionParts parts);

  /// A new session for who proved to be this user: `{accessToken, tokenType, expiresIn, refreshToken}`. When
  /// the disk is full the refresh token is left out, so that operators can still sign in.
  base::Task<base::Result<http::Response>> begin(User user);

  /// Whether an access token with these claims, which was verified, may still be used, and for whom: its
  /// session goes on, its user exists, is not disabled and was not signed out. Roles are the user's of now.
  base::Task<base::Result<http::Principal>> admit(std::string username, std::string session_id, base::UserId subject,
                                                  base::Instant issued);

  /// POST /api/auth/refresh, POST /api/auth/sign-out.
  http::Routes routes();

 private:
  using Answer = base::Task<base::Result<http::Reply>>;

  Answer refresh(const http::RequestContext& context);
  Answer sign_out(const http::RequestContext& context);
  base::Task<base::Result<std::optional<Session>>> find(std::string id);
  /// The session of a good refresh token; nothing when there is none. Ends the session of a used one.
  base::Task<base::Result<std::optional<Session>>> redeem(std::string text);
  base::Task<base::Result<std::optional<User>>> user_of(Session session);
  base::Task<base::Result<void>> end(Session session);
  std::string new_token(Session& session);
  http::Response granted(const User& user, const std::string& session_id, const std::string& refresh_token) const;

  SessionParts parts_;
  platform::CounterMetric& refreshed_;
  platform::CounterMetric& refused_;
  platform::CounterMetric& reused_;
};

}  // namespace ow::identity
