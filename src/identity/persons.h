// A person: name, mail address and phone of a user in one erasable record; everything else refers to the
// user's id. Erasing leaves orders and accounting as they are, and a mark that it was done. Loop thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"
#include "http/router.h"
#include "identity/users.h"
#include "platform/clock.h"
#include "platform/store.h"

namespace ow::identity {

struct Person {
  base::UserId id;
  std::string email;
  std::string name;
  std::string phone;
  base::Instant created;
  std::optional<base::Instant> erased;
};

/// What else is kept about a person, by the room that keeps it.
struct PersonalData {
  std::string name;  // the member of the export
  std::function<base::Task<base::Result<base::Json>>(base::UserId person)> exported;
  /// Idempotent; leaves nothing personal.
  std::function<base::Task<base::Result<void>>(base::UserId person)> erase;
};

/// A mail address as far as its form tells: one `@` with something before it and a domain behind, no space or
/// control character, at most 254 characters (RFC 5321 section 4.5.3.1.3).
bool is_mail_address(std::string_view text);
/// Error unprocessable naming every member that does not do.
base::Result<Person> read_person(const base::Json& body, base::UserId id, base::Instant now);
platform::Key person_key(const base::UserId& id);
platform::Record to_record(const Person& person);
/// Nothing: no such record, or it was erased.
base::Task<base::Result<std::optional<Person>>> find_person(platform::Store& store, base::UserId id);

struct PersonParts {
  platform::Store& store;
  Users& users;
  const platform::Clock& clock;
  std::vector<PersonalData> others;
  std::function<void(const base::UserId& user)> changed;
};

/// GET and PUT /api/persons/{id}, GET …/export, POST …/erase: the person and admins. `{id}` is a user's id, or
/// `me`. `parts` must outlive the routes.
http::Routes person_routes(const PersonParts& parts);

}  // namespace ow::identity
