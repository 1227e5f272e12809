// See persons.h. Record kind "person", schema 1: {personId, email, name, phone, createdAt}, kept until erased;
// then {personId, erasedAt}, kept for ever.
#include "identity/persons.h"

#include <algorithm>

#include "http/schema_text.h"
#include "identity/bounds.h"
#include "ops/operator_action.h"

namespace ow::identity {
namespace {

using base::ErrorCode;
using base::Json;
using http::RequestContext;
using http::text_schema;
using Answer = base::Task<base::Result<http::Reply>>;

std::string text_in(const Json& json, std::string_view name) { return std::string(json.string_at(name).value_or("")); }

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Json to_json(const Person& person) {
  return Json::object({{"personId", person.id.text},
                       {"email", person.email},
                       {"name", person.name},
                       {"phone", person.phone},
                       {"createdAt", base::to_rfc3339(person.created)}});
}

base::Result<Person> person_from(const platform::Record& record) {
  const auto json = base::parse_json(record.value);
  if (!json) return base::fail(ErrorCode::internal, "person_unreadable", "A person's record cannot be read.");
  const auto created = base::parse_rfc3339(json->string_at("createdAt").value_or(""));
  const auto erased = base::parse_rfc3339(json->string_at("erasedAt").value_or(""));
  Person person{base::UserId(text_in(*json, "personId")),
                text_in(*json, "email"),
                text_in(*json, "name"),
                text_in(*json, "phone"),
                created ? *created : base::Instant{},
                {}};
  if (erased) person.erased = *erased;
  return person;
}

/// The id asked for, when the caller is that person or an admin. Others learn nothing, also not whether it exists.
base::Result<base::UserId> person_asked(const RequestContext& context) {
  const auto& caller = *context.principal;
  const auto& id = context.params.at("id");
  if (id == "me" || id == caller.user.text) return caller.user;
  if (caller.has("admin")) return base::UserId(id);
  return base::fail(ErrorCode::not_found, "person_not_found", "There is no such person.");
}

base::Task<base::Result<platform::Record>> stored(const PersonParts& parts, base::UserId id) {
  const auto record = co_await platform::get_one(parts.store, person_key(id));
  if (!record) co_return base::fail(record.error());
  if (*record) co_return **record;
  platform::Record none;
  none.key = person_key(id);
  co_return none;
}

Answer show(const PersonParts& parts, const RequestContext& context) {
  const auto id = person_asked(context);
  if (!id) co_return base::fail(id.error());
  const auto person = co_await find_person(parts.store, *id);
  if (!person) co_return base::fail(person.error());
  if (*person) co_return http::Reply{http::Response::json(200, to_json(**person))};
  co_return base::fail(ErrorCode::not_found, "person_not_found", "There is no such person.");
}

Answer change(const PersonParts& parts, const RequestContext& context) {
  const auto id = person_asked(context);
  if (!id) co_return base::fail(id.error());
  const auto record = co_await stored(parts, *id);
  if (!record) co_return base::fail(record.error());
  auto created = parts.clock.now();
  if (record->version != 0) {
    const auto before = person_from(*record);
    if (!before) co_return base::fail(before.error());
    if (before->erased) {
      co_return base::fail(ErrorCode::conflict, "person_erased", "This person's data was erased.");
    }
    created = before->created;
  }
  const auto person = read_person(context.body, *id, created);
  if (!person) co_return base::fail(person.error());
  http::Reply reply{http::Response::json(200, to_json(*person))};
  reply.commit.put(to_record(*person), platform::Expect::at(record->version));
  co_return reply;
}

Json account_json(const User& user) {
  return Json::object({{"username", user.name},
                       {"roles", Json::Array(user.roles.begin(), user.roles.end())},
                       {"createdAt", base::to_rfc3339(user.created)}});
}

Answer export_all(const PersonParts& parts, const RequestContext& context) {
  const auto id = person_asked(context);
  if (!id) co_return base::fail(id.error());
  const auto person = co_await find_person(parts.store, *id);
  if (!person) co_return base::fail(person.error());
  const auto user = co_await parts.users.find_by_id(*id);
  if (!user) co_return base::fail(user.error());
  auto json = Json::object({{"personId", id->text},
                            {"exportedAt", base::to_rfc3339(parts.clock.now())},
                            {"person", *person ? to_json(**person) : Json()},
                            {"account", *user ? account_json(**user) : Json()}});
  for (const auto& other : parts.others) {
    auto data = co_await other.exported(*id);
    if (!data) co_return base::fail(data.error());
    json.set(other.name, std::move(*data));
  }
  http::Reply reply{http::Response::json(200, json)};
  reply.response.headers.emplace_back("cache-control", "no-store");
  co_return reply;
}

/// First nobody can sign in any more, so that nothing new comes up while the rest is erased.
base::Task<base::Result<void>> shut_out(const PersonParts& parts, base::UserId id) {
  for (int tries = 0; tries < base::bounds::kConflictRunsMax; ++tries) {
    auto user = co_await parts.users.find_by_id(id);
    if (!user) co_return base::fail(user.error());
    if (!*user || (*user)->disabled) co_return base::Result<void>{};
    (*user)->disabled = parts.clock.now();
    platform::Commit commit;
    commit.put(Users::to_record(**user), platform::Expect::at((*user)->version));
    const auto outcome = co_await parts.store.commit(std::move(commit));
    if (!outcome) co_return base::fail(outcome.error());
    if (outcome->committed()) break;
  }
  parts.changed(id);
  co_return base::Result<void>{};
}

platform::Record erased_mark(const base::UserId& id, base::Instant now) {
  return {.key = person_key(id),
          .kind = "person",
          .value = base::to_text(Json::object({{"personId", id.text}, {"erasedAt", base::to_rfc3339(now)}}))};
}

/// What is under way when the process dies is done by asking again: each step may be repeated.
Answer erase(const PersonParts& parts, const RequestContext& context) {
  const auto id = person_asked(context);
  if (!id) co_return base::fail(id.error());
  const auto why = ops::optional_reason(context.body);
  if (!why) co_return base::fail(why.error());
  const auto record = co_await stored(parts, *id);
  if (!record) co_return base::fail(record.error());
  const auto before = person_from(record->version == 0 ? erased_mark(*id, {}) : *record);
  if (!before) co_return base::fail(before.error());
  if (const auto out = co_await shut_out(parts, *id); !out) co_return base::fail(out.error());
  for (const auto& other : parts.others) {
    if (const auto erased = co_await other.erase(*id); !erased) co_return base::fail(erased.error());
  }
  const auto user = co_await parts.users.find_by_id(*id);
  if (!user) co_return base::fail(user.error());
  const auto now = parts.clock.now();
  http::Reply reply{http::Response::json(200, Json::object({{"personId", id->text}, {"erased", true}}))};
  reply.commit.put(erased_mark(*id, now), platform::Expect::at(record->version));
  if (*user) reply.commit.erase(Users::key_of((*user)->name), platform::Expect::at((*user)->version));
  reply.commit.event(ops::operator_event(ops::operator_of(context), now,
                                         {.type = "operator.person-erased", .subject = id->text, .why = *why}));
  parts.changed(*id);
  co_return reply;
}

Json person_body_schema() {
  return Json::object(
      {{"type", "object"},
       {"required", Json::array({"email"})},
       {"properties", Json::object({{"email", text_schema()}, {"name", text_schema()}, {"phone", text_schema()}})}});
}

Json person_schema() {
  return Json::object({{"type", "object"},
                       {"properties", Json::object({{"personId", text_schema()},
                                                    {"email", text_schema()},
                                                    {"name", text_schema()},
                                                    {"phone", text_schema()},
                                                    {"createdAt", text_schema()}})}});
}

}  // namespace

bool is_mail_address(std::string_view text) {
  const auto at = text.find('@');
  if (at == 0 || at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos) return false;
  const auto domain = text.substr(at + 1);
  return text.size() <= kMailAddressCharsMax && !domain.empty() && domain.front() != '.' && domain.back() != '.' &&
         !has_control(text) && text.find(' ') == std::string_view::npos;
}

base::Result<Person> read_person(const Json& body, base::UserId id, base::Instant now) {
  Person person{std::move(id), text_in(body, "email"), text_in(body, "name"), text_in(body, "phone"), now, {}};
  std::vector<std::string> violations;
  if (!is_mail_address(person.email)) violations.emplace_back("email must be a mail address");
  if (person.name.size() > kPersonNameCharsMax || has_control(person.name)) {
    violations.emplace_back("name must have at most 200 characters");
  }
  if (person.phone.size() > kPersonPhoneCharsMax || has_control(person.phone)) {
    violations.emplace_back("phone must have at most 40 characters");
  }
  if (violations.empty()) return person;
  base::Error error{ErrorCode::unprocessable, "person_refused", "The person's data cannot be taken."};
  error.violations = std::move(violations);
  return base::fail(std::move(error));
}

platform::Key person_key(const base::UserId& id) { return {"person#" + id.text, "person"}; }

platform::Record to_record(const Person& person) {
  return {.key = person_key(person.id), .kind = "person", .value = base::to_text(to_json(person))};
}

base::Task<base::Result<std::optional<Person>>> find_person(platform::Store& store, base::UserId id) {
  const auto record = co_await platform::get_one(store, person_key(id));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::nullopt;
  auto person = person_from(**record);
  if (!person) co_return base::fail(person.error());
  if (person->erased) co_return std::nullopt;
  co_return std::move(*person);
}

http::Routes person_routes(const PersonParts& parts) {
  using Handle = Answer (*)(const PersonParts&, const RequestContext&);
  const auto to = [&parts](Handle handle) {
    return [&parts, handle](const RequestContext& context) { return handle(parts, context); };
  };
  const Json reason =
      Json::object({{"type", "object"}, {"properties", Json::object({{"reason", ops::reason_schema()}})}});
  http::Routes routes;
  routes.push_back({.method = "GET",
                    .pattern = "/api/persons/{id}",
                    .summary = "A person's data; `me` is the caller",
                    .handle = to(show),
                    .answers = {{200, person_schema()}}});
  routes.push_back({.method = "PUT",
                    .pattern = "/api/persons/{id}",
                    .summary = "Changes a person's data",
                    .handle = to(change),
                    .body_schema = person_body_schema(),
                    .answers = {{200, person_schema()}}});
  routes.push_back({.method = "GET",
                    .pattern = "/api/persons/{id}/export",
                    .summary = "Everything that is kept about a person",
                    .handle = to(export_all),
                    .answers = {{200, Json::object({{"type", "object"}})}}});
  routes.push_back({.method = "POST",
                    .pattern = "/api/persons/{id}/erase",
                    .summary = "Erases a person's data and account; orders and accounting stay, without the person",
                    .handle = to(erase),
                    .body_schema = reason,
                    .answers = {{200, Json::object({{"type", "object"}})}}});
  return routes;
}

}  // namespace ow::identity
