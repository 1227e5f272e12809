// Users: one record each, keyed by the normalised login name and erasable with it. Everything else refers to
// the user's id, which says nothing about the person. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"
#include "platform/store.h"

namespace ow::identity {

struct User {
  base::UserId id;
  std::string name;  // normalised
  std::vector<std::string> roles;
  std::string password_hash;  // PHC string
  base::Instant created;
  std::optional<base::Instant> disabled = std::nullopt;
  base::Instant sessions_from = {};  // sessions and tokens of before are ended
  platform::Version version = 0;
};

struct NewUser {
  std::string name;
  std::string password;
  std::vector<std::string> roles;  // shopper, operator, admin
  /// Instead of a password: its argon2id PHC string, for users who come from elsewhere.
  std::string password_hash = {};
};

/// Lower case; letters, digits, `.`, `_`, `-` of ASCII, beginning with a letter or digit, 1..64 characters.
/// Nothing for any other text. A mail address is no login name: it is personal data and kept elsewhere.
std::optional<std::string> normalised_name(std::string_view name);

/// True for "shopper", "operator", "admin".
bool is_role(std::string_view role);

class Users {
 public:
  explicit Users(platform::Store& store) : store_(store) {}

  /// By normalised name. Error internal when the record cannot be read.
  base::Task<base::Result<std::optional<User>>> find(std::string name);
  /// Error conflict when the name is taken.
  base::Task<base::Result<void>> add(User user);
  base::Task<base::Result<bool>> any();
  base::Task<base::Result<std::optional<User>>> find_by_id(base::UserId id);
  struct Page {
    std::vector<User> users;
    std::string next_cursor;
  };
  /// By name.
  base::Task<base::Result<Page>> list(std::string cursor);

  static platform::Key key_of(const std::string& name) { return {"user#" + name, "user"}; }
  static platform::Record to_record(const User& user);
  /// Error internal when the record cannot be read.
  static base::Result<User> from_record(const platform::Record& record);

 private:
  platform::Store& store_;
};

}  // namespace ow::identity
