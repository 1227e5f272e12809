// The built-in issuer's keys over time, kept as one secret: a new key is published before it signs, so that
// whoever verifies has it by then, and an old one is kept until the last token it signed has expired. The
// secret is replaced as a whole, so a crash leaves the keys of before or of after. Loop thread.
#pragma once

#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"
#include "identity/key_set.h"
#include "identity/signing_key.h"
#include "platform/executor.h"
#include "platform/random.h"
#include "platform/secrets.h"

namespace ow::identity {

struct HeldKey {
  SigningKey key;
  base::Instant published;
  base::Instant signs_from;
};

class SigningKeys {
 public:
  enum class Rotation : std::uint8_t {
    gentle,   // published now, signs after kSigningKeyPublishedBefore
    at_once,  // signs now, and all others are dropped: every token of theirs ends (a key was stolen)
  };

  /// Blocking. Reads the keys, makes one when there is none. Error internal when the stored ones cannot be
  /// read: they are never replaced, since tokens of theirs are about.
  base::Result<void> load(platform::Secrets& secrets, platform::Random& random, base::Instant now);
  bool ready() const { return !keys_.empty(); }

  /// The newest whose time has come.
  const SigningKey& signer(base::Instant now) const { return signing(now).key; }
  const KeySet& verify_set() const { return verify_set_; }
  base::Json jwks() const;
  const std::vector<HeldKey>& held() const { return keys_; }  // oldest first
  bool signs(const HeldKey& key, base::Instant now) const { return &key == &signing(now); }

  /// Error conflict, `rotation_under_way`: a published key does not sign yet.
  base::Task<base::Result<void>> rotate(platform::Executor& executor, Rotation how, base::Instant now);
  /// What time alone brings: drops keys whose last token has expired, begins a rotation when the signer is
  /// kSigningKeyLife old. True when the keys changed.
  base::Task<base::Result<bool>> tend(platform::Executor& executor, base::Instant now);

 private:
  const HeldKey& signing(base::Instant now) const;
  base::Task<base::Result<void>> replace(platform::Executor& executor, std::vector<HeldKey> keys);
  void take(std::vector<HeldKey> keys);

  platform::Secrets* secrets_ = nullptr;
  platform::Random* random_ = nullptr;
  std::vector<HeldKey> keys_;
  KeySet verify_set_;
  bool replacing_ = false;
};

}  // namespace ow::identity
