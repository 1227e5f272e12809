// Accounts: shoppers sign themselves up and change their password; admins list, make, disable and enable
// users, give them roles and sign them out. Loop thread.
#pragma once

#include <functional>

#include "http/router.h"
#include "identity/password.h"
#include "identity/persons.h"
#include "identity/sign_in_throttle.h"
#include "identity/users.h"
#include "platform/clock.h"
#include "platform/id_source.h"
#include "platform/store.h"
#include "platform/telemetry.h"

namespace ow::identity {

struct AccountParts {
  platform::Store& store;
  Users& users;
  PasswordHasher& passwords;
  platform::IdSource& ids;
  const platform::Clock& clock;
  platform::Telemetry& telemetry;
  bool sign_up = true;
  /// Nothing about the user's tokens may be remembered.
  std::function<void(const base::UserId& user)> changed;
};

class Accounts {
 public:
  explicit Accounts(AccountParts parts);

  /// Needs no start. Errors: unprocessable naming every rule that is broken; conflict when the name is taken.
  base::Task<base::Result<base::UserId>> create(NewUser user);

  /// POST /api/auth/sign-up (unless it is off), POST /api/auth/change-password, /api/users.
  http::Routes routes();

 private:
  using Answer = base::Task<base::Result<http::Reply>>;

  Answer sign_up(const http::RequestContext& context);
  Answer change_password(const http::RequestContext& context);
  Answer list(const http::RequestContext& context);
  Answer create_route(const http::RequestContext& context);
  Answer disable(const http::RequestContext& context);
  Answer enable(const http::RequestContext& context);
  Answer set_roles(const http::RequestContext& context);
  Answer sign_out(const http::RequestContext& context);

  /// The record to be put: the rules checked, the password hashed.
  base::Task<base::Result<User>> make(NewUser given);
  base::Task<base::Result<User>> find(std::string name);
  /// The user as changed, all sessions ended when `ends_sessions`, with the event of the action.
  http::Reply changed(const http::RequestContext& context, User user, std::string type, std::string why,
                      bool ends_sessions);

  AccountParts parts_;
  SignInThrottle throttle_;
  FailureLedger sign_ups_;
};

}  // namespace ow::identity
