// See sign_in.h.
#include "identity/sign_in.h"

#include <utility>

#include "base/bounds.h"

namespace ow::identity {

namespace {

using base::ErrorCode;
using base::Json;

struct Credentials {
  std::string username;
  std::string password;
};

base::Result<Credentials> read_credentials(const Json& body) {
  Credentials credentials;
  std::vector<std::string> violations;
  const std::pair<const char*, std::string&> members[] = {{"username", credentials.username},
                                                          {"password", credentials.password}};
  for (const auto& [name, value] : members) {
    const auto given = body.string_at(name);
    if (given) value = *given;
    if (value.empty()) violations.push_back(std::string(name) + " must be a non-empty string");
  }
  if (violations.empty()) return credentials;
  base::Error error{ErrorCode::malformed, "credentials_malformed", "Sign-in needs a username and a password."};
  error.violations = std::move(violations);
  return base::fail(std::move(error));
}

tl::unexpected<base::Error> too_many_attempts(int wait_s) {
  base::Error error{ErrorCode::rate_limited, "sign_in_throttled", "Too many failed sign-ins; wait and try again."};
  error.retry_after_s = wait_s;
  return base::fail(std::move(error));
}

Json credentials_schema() {
  const Json text = Json::object({{"type", "string"}, {"minLength", 1}});
  return Json::object({{"type", "object"},
                       {"required", Json::array({"username", "password"})},
                       {"properties", Json::object({{"username", text}, {"password", text}})},
                       {"additionalProperties", false}});
}

Json answer_schema() {
  const Json text = Json::object({{"type", "string"}});
  return Json::object({{"type", "object"},
                       {"required", Json::array({"accessToken", "tokenType", "expiresIn"})},
                       {"properties", Json::object({{"accessToken", text},
                                                    {"tokenType", Json::object({{"const", "Bearer"}})},
                                                    {"expiresIn", Json::object({{"type", "integer"}})},
                                                    {"refreshToken", text}})}});
}

}  // namespace

SignIn::SignIn(SignInParts parts)
    : parts_(parts),
      succeeded_(parts.telemetry.counter("ow_sign_ins_total", {{"result", "succeeded"}})),
      failed_(parts.telemetry.counter("ow_sign_ins_total", {{"result", "failed"}})),
      throttled_(parts.telemetry.counter("ow_sign_ins_total", {{"result", "throttled"}})) {}

http::Route SignIn::route() {
  return {.method = "POST",
          .pattern = "/api/auth/sign-in",
          .access = http::Access::open,
          .summary = "Sign in with name and password",
          .handle = [this](const http::RequestContext& context) { return handle(context); },
          .body_schema = credentials_schema(),
          .answers = {{200, answer_schema()}}};
}

base::Task<base::Result<http::Reply>> SignIn::handle(const http::RequestContext& context) {
  auto credentials = read_credentials(context.body);
  if (!credentials) co_return base::fail(credentials.error());
  const std::string name = normalised_name(credentials->username).value_or("");
  if (const auto wait_s = throttle_.admit(name, context.peer, parts_.clock.ticks())) {
    throttled_.add();
    co_return too_many_attempts(*wait_s);
  }
  const auto user = co_await authenticate(name, std::move(credentials->password));
  if (user) {
    throttle_.succeeded(name, context.peer, parts_.clock.ticks());
    succeeded_.add();
    auto granted = co_await parts_.sessions.begin(*user);
    if (!granted) co_return base::fail(granted.error());
    co_return http::Reply{std::move(*granted)};
  }
  if (user.error().code == ErrorCode::unauthenticated) {
    throttle_.failed(name, context.peer, parts_.clock.ticks());
    failed_.add();
  }
  co_return base::fail(user.error());
}

base::Task<base::Result<User>> SignIn::authenticate(std::string username, std::string password) {
  auto user = co_await parts_.users.find(username);
  if (!user) co_return base::fail(user.error());
  const std::string phc = *user ? (*user)->password_hash : parts_.passwords.nobody();
  const auto matches = co_await parts_.passwords.matches(phc, std::move(password));
  if (!matches) co_return base::fail(matches.error());
  if (!*user || !*matches || (*user)->disabled) {
    co_return base::fail(ErrorCode::unauthenticated, "credentials_wrong", "The username or the password is wrong.");
  }
  co_return **std::move(user);
}

}  // namespace ow::identity
