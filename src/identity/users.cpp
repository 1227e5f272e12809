// See users.h. Record kind "user", schema 1, kept until erased: {userId, name, roles, passwordHash, createdAt,
// disabledAt, sessionsFromUs}; the last two may be missing. Microseconds, since a session of the next one counts.
#include "identity/users.h"

#include <algorithm>
#include <array>

#include "base/json.h"

namespace ow::identity {

namespace {

using base::ErrorCode;
using base::Json;

constexpr std::size_t kNameCharsMax = 64;
constexpr std::string_view kIndex = "users";
constexpr std::string_view kIndexPartition = "all";
constexpr std::string_view kIdIndex = "user-ids";

std::string to_value(const User& user) {
  Json::Array roles(user.roles.begin(), user.roles.end());
  return base::to_text(Json::object({{"userId", user.id.text},
                                     {"name", user.name},
                                     {"roles", std::move(roles)},
                                     {"passwordHash", user.password_hash},
                                     {"createdAt", base::to_rfc3339(user.created)},
                                     {"disabledAt", user.disabled ? Json(base::to_rfc3339(*user.disabled)) : Json()},
                                     {"sessionsFromUs", user.sessions_from.us}}));
}

std::optional<User> from_value(const std::string& value) {
  const auto json = base::parse_json(value);
  if (!json) return std::nullopt;
  const Json* roles = json->find("roles");
  const auto id = json->string_at("userId");
  const auto name = json->string_at("name");
  const auto hash = json->string_at("passwordHash");
  const auto created = base::parse_rfc3339(json->string_at("createdAt").value_or(""));
  if (!id || !name || !hash || !created || roles == nullptr || !roles->is_array()) return std::nullopt;
  User user{base::UserId(std::string(*id)), std::string(*name), {}, std::string(*hash), *created};
  for (const Json& role : roles->as_array()) {
    if (role.is_string()) user.roles.push_back(role.as_string());
  }
  const auto disabled = base::parse_rfc3339(json->string_at("disabledAt").value_or(""));
  if (disabled) user.disabled = *disabled;
  user.sessions_from = base::Instant{json->integer_at("sessionsFromUs").value_or(0)};
  return user;
}

bool is_letter_or_digit(char letter) { return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9'); }

}  // namespace

std::optional<std::string> normalised_name(std::string_view name) {
  if (name.empty() || name.size() > kNameCharsMax) return std::nullopt;
  std::string lower(name);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    if (!is_letter_or_digit(letter) && letter != '.' && letter != '_' && letter != '-') return std::nullopt;
  }
  return is_letter_or_digit(lower.front()) ? std::optional(std::move(lower)) : std::nullopt;
}

bool is_role(std::string_view role) {
  constexpr std::array<std::string_view, 3> kRoles{"shopper", "operator", "admin"};
  return std::find(kRoles.begin(), kRoles.end(), role) != kRoles.end();
}

platform::Record Users::to_record(const User& user) {
  return {.key = key_of(user.name),
          .kind = "user",
          .value = to_value(user),
          .indexes = {{std::string(kIndex), std::string(kIndexPartition), user.name},
                      {std::string(kIdIndex), user.id.text, user.name}}};
}

base::Result<User> Users::from_record(const platform::Record& record) {
  auto user = from_value(record.value);
  if (!user) return base::fail(ErrorCode::internal, "user_unreadable", "A user's record cannot be read.");
  user->version = record.version;
  return *std::move(user);
}

/// The index says under which name; the record decides.
base::Task<base::Result<std::optional<User>>> Users::find_by_id(base::UserId id) {
  const auto page = co_await store_.query({.index = std::string(kIdIndex), .partition = id.text, .limit = 1});
  if (!page) co_return base::fail(page.error());
  if (page->records.empty()) co_return std::nullopt;
  const auto indexed = from_record(page->records.front());
  if (!indexed) co_return base::fail(indexed.error());
  auto user = co_await find(indexed->name);
  if (!user) co_return base::fail(user.error());
  if (*user && (*user)->id == id) co_return std::move(*user);
  co_return std::nullopt;
}

base::Task<base::Result<Users::Page>> Users::list(std::string cursor) {
  const auto found = co_await store_.query(
      {.index = std::string(kIndex), .partition = std::string(kIndexPartition), .cursor = std::move(cursor)});
  if (!found) co_return base::fail(found.error());
  Page page{{}, found->next_cursor};
  for (const auto& record : found->records) {
    auto user = from_record(record);
    if (!user) co_return base::fail(user.error());
    page.users.push_back(std::move(*user));
  }
  co_return page;
}

base::Task<base::Result<std::optional<User>>> Users::find(std::string name) {
  const auto record = co_await platform::get_one(store_, key_of(name));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::nullopt;
  auto user = from_record(**record);
  if (!user) co_return base::fail(user.error());
  co_return std::move(*user);
}

base::Task<base::Result<void>> Users::add(User user) {
  platform::Commit commit;
  commit.put(to_record(user), platform::Expect::absent());
  const auto outcome = co_await store_.commit(std::move(commit));
  if (!outcome) co_return base::fail(outcome.error());
  switch (outcome->kind) {
    case platform::CommitOutcome::Kind::committed:
      co_return base::Result<void>{};
    case platform::CommitOutcome::Kind::conflict:
      co_return base::fail(ErrorCode::conflict, "user_name_taken", "The user name " + user.name + " is taken.");
    case platform::CommitOutcome::Kind::contended:
      co_return base::fail(ErrorCode::unavailable, "contended", "The store is busy; try again.");
    case platform::CommitOutcome::Kind::unknown:
      break;
  }
  co_return base::fail(ErrorCode::timed_out, "outcome_unknown", "It is unknown whether the user was made.");
}

base::Task<base::Result<bool>> Users::any() {
  const auto page =
      co_await store_.query({.index = std::string(kIndex), .partition = std::string(kIndexPartition), .limit = 1});
  if (!page) co_return base::fail(page.error());
  co_return !page->records.empty();
}

}  // namespace ow::identity
