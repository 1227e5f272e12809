// Passwords: argon2id (RFC 9106) on the password lane, in PHC strings. The hashing functions may run on any
// thread, PasswordHasher lives on the loop thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "platform/executor.h"
#include "platform/random.h"

namespace ow::identity {

/// What a hash costs: OWASP's recommendation for argon2id, one lane.
struct PasswordCost {
  std::uint32_t memory_kib = 19 << 10;
  std::uint32_t passes = 2;
};

inline constexpr std::size_t kPasswordCharsMin = 8;
inline constexpr std::size_t kPasswordCharsMax = 128;

/// Error unprocessable naming the rule: 8..128 characters (Unicode code points).
base::Result<void> check_new_password(std::string_view password);

/// A PHC string `$argon2id$v=19$m=…,t=…,p=…$salt$hash` whose cost is within reason; for hashes from
/// elsewhere.
bool is_password_hash(std::string_view phc);

/// Hashes within a bound of waiting ones; beyond it, error unavailable with a time to try again.
class PasswordHasher {
 public:
  PasswordHasher(platform::Executor& executor, platform::Random& random, PasswordCost cost);

  /// The PHC string of a new password.
  base::Task<base::Result<std::string>> hash(std::string password);
  /// Whether the password is the one that was hashed; takes as long when it is not.
  base::Task<base::Result<bool>> matches(std::string phc, std::string password);
  /// The hash of no password, for matches() to take its time over when there is no such user.
  const std::string& nobody() const { return nobody_; }

 private:
  platform::Executor& executor_;
  platform::Random& random_;
  PasswordCost cost_;
  std::string nobody_;
  std::shared_ptr<std::size_t> waiting_;  // shared with frames that may outlive this
};

}  // namespace ow::identity
