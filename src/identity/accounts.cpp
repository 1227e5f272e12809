// See accounts.h.
#include "identity/accounts.h"

#include <algorithm>

#include "http/schema_text.h"
#include "identity/bounds.h"
#include "ops/operator_action.h"

namespace ow::identity {
namespace {

using base::ErrorCode;
using base::Json;
using http::list_of;
using http::nullable;
using http::open_object;
using http::RequestContext;
using http::text_schema;

std::vector<std::string> violations_of(const NewUser& user) {
  std::vector<std::string> violations;
  if (!normalised_name(user.name)) {
    violations.emplace_back("name must be 1 to 64 of a-z, 0-9, `.`, `_`, `-`, beginning with a letter or digit");
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

std::vector<std::string> roles_in(const Json& body) {
  std::vector<std::string> roles;
  if (const Json* list = body.find("roles")) {
    for (const Json& role : list->as_array()) roles.push_back(role.as_string());
  }
  return sorted_without_repeats(std::move(roles));
}

std::string text_in(const Json& body, std::string_view name) { return std::string(body.string_at(name).value_or("")); }

tl::unexpected<base::Error> too_many_attempts(int wait_s) {
  base::Error error{ErrorCode::rate_limited, "too_many_attempts", "Too many attempts; wait and try again."};
  error.retry_after_s = wait_s;
  return base::fail(std::move(error));
}

tl::unexpected<base::Error> name_taken(const std::string& name) {
  return base::fail(ErrorCode::conflict, "user_name_taken", "The user name " + name + " is taken.");
}

Json user_json(const User& user) {
  return Json::object({{"userId", user.id.text},
                       {"username", user.name},
                       {"roles", Json::Array(user.roles.begin(), user.roles.end())},
                       {"createdAt", base::to_rfc3339(user.created)},
                       {"disabledAt", user.disabled ? Json(base::to_rfc3339(*user.disabled)) : Json()}});
}

Json roles_schema() { return http::array_of(text_schema()); }

Json user_schema() {
  return open_object(Json::object({{"userId", text_schema()},
                                   {"username", text_schema()},
                                   {"roles", roles_schema()},
                                   {"createdAt", text_schema()},
                                   {"disabledAt", nullable("string")}}));
}

Json sign_up_schema() {
  return open_object(Json::object({{"username", text_schema()},
                                   {"password", text_schema()},
                                   {"email", text_schema()},
                                   {"name", text_schema()},
                                   {"phone", text_schema()}}),
                     {"username", "password", "email"});
}

/// An admin who shuts himself out may be the last.
base::Result<void> check_not_self(const RequestContext& context, const User& user) {
  if (user.id != context.principal->user) return {};
  return base::fail(ErrorCode::conflict, "not_yourself", "This cannot be done to yourself; ask another admin.");
}

}  // namespace

Accounts::Accounts(AccountParts parts) : parts_(std::move(parts)), sign_ups_(kSignUpThrottle) {}

base::Task<base::Result<User>> Accounts::make(NewUser given) {
  if (auto violations = violations_of(given); !violations.empty()) {
    base::Error error{ErrorCode::unprocessable, "user_refused", "The user cannot be made: " + violations.front() + "."};
    error.violations = std::move(violations);
    co_return base::fail(std::move(error));
  }
  if (given.password_hash.empty()) {
    auto phc = co_await parts_.passwords.hash(std::move(given.password));
    if (!phc) co_return base::fail(phc.error());
    given.password_hash = *std::move(phc);
  }
  User user;
  user.id = base::UserId(parts_.ids.next("usr"));
  user.name = *normalised_name(given.name);
  user.roles = sorted_without_repeats(std::move(given.roles));
  user.password_hash = std::move(given.password_hash);
  user.created = parts_.clock.now();
  co_return user;
}

base::Task<base::Result<base::UserId>> Accounts::create(NewUser given) {
  auto user = co_await make(std::move(given));
  if (!user) co_return base::fail(user.error());
  const auto id = user->id;
  const auto added = co_await parts_.users.add(std::move(*user));
  if (!added) co_return base::fail(added.error());
  co_return id;
}

base::Task<base::Result<User>> Accounts::find(std::string name) {
  const auto normal = normalised_name(name).value_or("");
  auto user = co_await parts_.users.find(normal);
  if (!user) co_return base::fail(user.error());
  if (*user) co_return std::move(**user);
  co_return base::fail(ErrorCode::not_found, "user_not_found", "There is no user " + name + ".");
}

Accounts::Answer Accounts::sign_up(const RequestContext& context) {
  const auto ticks = parts_.clock.ticks();
  if (const auto wait = sign_ups_.wait_of(context.peer, ticks); wait > base::Duration{}) {
    co_return too_many_attempts(static_cast<int>(std::chrono::ceil<std::chrono::seconds>(wait).count()));
  }
  sign_ups_.failed(context.peer, ticks);
  const auto name = normalised_name(text_in(context.body, "username")).value_or("");
  const auto known = co_await parts_.users.find(name);
  if (!known) co_return base::fail(known.error());
  if (*known) co_return name_taken(name);
  auto user = co_await make({text_in(context.body, "username"), text_in(context.body, "password"), {"shopper"}});
  if (!user) co_return base::fail(user.error());
  const auto person = read_person(context.body, user->id, user->created);
  if (!person) co_return base::fail(person.error());
  http::Reply reply{http::Response::json(201, user_json(*user))};
  reply.commit.put(Users::to_record(*user), platform::Expect::absent());
  reply.commit.put(to_record(*person), platform::Expect::absent());
  reply.commit.event({user->id.text, "user.signed-up", "orderwright/identity",
                      base::to_text(Json::object({{"userId", user->id.text}})), user->created,
                      context.trace.traceparent()});
  co_return reply;
}

Accounts::Answer Accounts::change_password(const RequestContext& context) {
  const auto record = co_await parts_.users.find_by_id(context.principal->user);
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return base::fail(ErrorCode::not_found, "user_not_found", "There is no such user here.");
  User user = **record;
  const auto ticks = parts_.clock.ticks();
  if (const auto wait_s = throttle_.admit(user.name, context.peer, ticks)) co_return too_many_attempts(*wait_s);
  const auto matches = co_await parts_.passwords.matches(user.password_hash, text_in(context.body, "currentPassword"));
  if (!matches) co_return base::fail(matches.error());
  if (!*matches) {
    throttle_.failed(user.name, context.peer, ticks);
    co_return base::fail(ErrorCode::forbidden, "password_wrong", "The current password is wrong.");
  }
  throttle_.succeeded(user.name, context.peer, ticks);
  const auto password = text_in(context.body, "newPassword");
  if (const auto checked = check_new_password(password); !checked) co_return base::fail(checked.error());
  auto phc = co_await parts_.passwords.hash(password);
  if (!phc) co_return base::fail(phc.error());
  user.password_hash = *std::move(phc);
  user.sessions_from = parts_.clock.now() + base::Duration(1);
  http::Reply reply{{.status = 204}};
  reply.commit.put(Users::to_record(user), platform::Expect::at(user.version));
  reply.commit.event({user.id.text, "user.password-changed", "orderwright/identity",
                      base::to_text(Json::object({{"userId", user.id.text}})), parts_.clock.now(),
                      context.trace.traceparent()});
  parts_.changed(user.id);
  co_return reply;
}

Accounts::Answer Accounts::list(const RequestContext& context) {
  const auto cursor = context.query.find("cursor");
  const auto page = co_await parts_.users.list(cursor == context.query.end() ? "" : cursor->second);
  if (!page) co_return base::fail(page.error());
  Json::Array items;
  for (const auto& user : page->users) items.push_back(user_json(user));
  co_return http::Reply{http::Response::json(
      200, Json::object({{"items", std::move(items)},
                         {"nextCursor", page->next_cursor.empty() ? Json() : Json(page->next_cursor)}}))};
}

Accounts::Answer Accounts::create_route(const RequestContext& context) {
  const auto name = normalised_name(text_in(context.body, "username")).value_or("");
  const auto known = co_await parts_.users.find(name);
  if (!known) co_return base::fail(known.error());
  if (*known) co_return name_taken(name);
  auto user =
      co_await make({text_in(context.body, "username"), text_in(context.body, "password"), roles_in(context.body)});
  if (!user) co_return base::fail(user.error());
  http::Reply reply{http::Response::json(201, user_json(*user))};
  reply.commit.put(Users::to_record(*user), platform::Expect::absent());
  reply.commit.event(
      ops::operator_event(ops::operator_of(context), user->created,
                          {.type = "operator.user-created",
                           .subject = user->id.text,
                           .details = Json::object({{"roles", Json::Array(user->roles.begin(), user->roles.end())}})}));
  co_return reply;
}

http::Reply Accounts::changed(const RequestContext& context, User user, std::string type, std::string why,
                              bool ends_sessions) {
  const auto now = parts_.clock.now();
  if (ends_sessions) user.sessions_from = now + base::Duration(1);
  http::Reply reply{http::Response::json(200, user_json(user))};
  reply.commit.put(Users::to_record(user), platform::Expect::at(user.version));
  reply.commit.event(
      ops::operator_event(ops::operator_of(context), now,
                          {.type = std::move(type),
                           .subject = user.id.text,
                           .why = std::move(why),
                           .details = Json::object({{"roles", Json::Array(user.roles.begin(), user.roles.end())}})}));
  parts_.changed(user.id);
  return reply;
}

Accounts::Answer Accounts::disable(const RequestContext& context) {
  const auto why = ops::required_reason(context.body);
  if (!why) co_return base::fail(why.error());
  auto user = co_await find(context.params.at("id"));
  if (!user) co_return base::fail(user.error());
  if (const auto checked = check_not_self(context, *user); !checked) co_return base::fail(checked.error());
  user->disabled = parts_.clock.now();
  co_return changed(context, std::move(*user), "operator.user-disabled", *why, true);
}

Accounts::Answer Accounts::enable(const RequestContext& context) {
  const auto why = ops::required_reason(context.body);
  if (!why) co_return base::fail(why.error());
  auto user = co_await find(context.params.at("id"));
  if (!user) co_return base::fail(user.error());
  user->disabled.reset();
  co_return changed(context, std::move(*user), "operator.user-enabled", *why, false);
}

Accounts::Answer Accounts::set_roles(const RequestContext& context) {
  const auto why = ops::required_reason(context.body);
  if (!why) co_return base::fail(why.error());
  auto user = co_await find(context.params.at("id"));
  if (!user) co_return base::fail(user.error());
  if (const auto checked = check_not_self(context, *user); !checked) co_return base::fail(checked.error());
  user->roles = roles_in(context.body);
  if (user->roles.empty() || !std::all_of(user->roles.begin(), user->roles.end(), is_role)) {
    base::Error error{ErrorCode::unprocessable, "user_refused", "The roles are not valid."};
    error.violations.emplace_back("roles must be one or more of shopper, operator, admin");
    co_return base::fail(std::move(error));
  }
  co_return changed(context, std::move(*user), "operator.user-roles-changed", *why, false);
}

Accounts::Answer Accounts::sign_out(const RequestContext& context) {
  const auto why = ops::required_reason(context.body);
  if (!why) co_return base::fail(why.error());
  auto user = co_await find(context.params.at("id"));
  if (!user) co_return base::fail(user.error());
  co_return changed(context, std::move(*user), "operator.user-signed-out", *why, true);
}

http::Routes Accounts::routes() {
  using Member = Answer (Accounts::*)(const RequestContext&);
  const auto to = [this](Member member) {
    return [this, member](const RequestContext& context) { return (this->*member)(context); };
  };
  const Json reason = open_object(Json::object({{"reason", ops::reason_schema()}}), {"reason"});
  http::Routes routes;
  if (parts_.sign_up) {
    routes.push_back({.method = "POST",
                      .pattern = "/api/auth/sign-up",
                      .access = http::Access::open,
                      .summary = "Makes a shopper's account",
                      .handle = to(&Accounts::sign_up),
                      .body_schema = sign_up_schema(),
                      .answers = {{201, user_schema()}}});
  }
  routes.push_back(
      {.method = "POST",
       .pattern = "/api/auth/change-password",
       .access = http::Access::signed_in,
       .summary = "Changes the caller's password and ends all of the caller's sessions",
       .handle = to(&Accounts::change_password),
       .body_schema = open_object(Json::object({{"currentPassword", text_schema()}, {"newPassword", text_schema()}}),
                                  {"currentPassword", "newPassword"}),
       .answers = {{204, Json()}},
       .answers_secret = true});
  routes.push_back(
      {.method = "GET",
       .pattern = "/api/users",
       .access = http::Access::admins,
       .summary = "Users, by name",
       .handle = to(&Accounts::list),
       .query = {{"cursor", "nextCursor of the page before", text_schema()}},
       .answers = {{200, open_object(Json::object(
                             {{"items", Json::object({{"type", "array"}, {"items", user_schema()}})},
                              {"nextCursor", Json::object({{"type", Json::array({"string", "null"})}})}}))}}});
  routes.push_back(
      {.method = "POST",
       .pattern = "/api/users",
       .access = http::Access::admins,
       .summary = "Makes a user",
       .handle = to(&Accounts::create_route),
       .body_schema = open_object(
           Json::object({{"username", text_schema()}, {"password", text_schema()}, {"roles", roles_schema()}}),
           {"username", "password", "roles"}),
       .answers = {{201, user_schema()}},
       .answers_secret = true});
  const std::tuple<const char*, const char*, Member, Json> actions[] = {
      {"disable", "Disables a user and ends all sessions", &Accounts::disable, reason},
      {"enable", "Enables a disabled user", &Accounts::enable, reason},
      {"sign-out", "Ends all sessions of a user", &Accounts::sign_out, reason},
      {"roles", "Gives a user these roles instead of the present ones", &Accounts::set_roles,
       open_object(Json::object({{"roles", roles_schema()}, {"reason", ops::reason_schema()}}), {"roles", "reason"})}};
  for (const auto& [name, summary, member, body] : actions) {
    routes.push_back({.method = "POST",
                      .pattern = std::string("/api/users/{id}/") + name,
                      .access = http::Access::admins,
                      .summary = summary,
                      .handle = to(member),
                      .body_schema = body,
                      .answers = {{200, user_schema()}}});
  }
  return routes;
}

}  // namespace ow::identity
