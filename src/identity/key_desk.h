// The routes of the signing keys: what there is, and a rotation by an admin. Loop thread.
#pragma once

#include <functional>

#include "http/router.h"
#include "identity/signing_keys.h"
#include "platform/clock.h"
#include "platform/executor.h"

namespace ow::identity {

struct KeyDeskParts {
  SigningKeys& keys;
  platform::Executor& executor;
  const platform::Clock& clock;
  std::function<void()> changed;  // verified tokens are to be verified again
};

class KeyDesk {
 public:
  explicit KeyDesk(KeyDeskParts parts) : parts_(std::move(parts)) {}

  /// GET /api/signing-keys, POST /api/signing-keys/rotate.
  http::Routes routes();

 private:
  using Answer = base::Task<base::Result<http::Reply>>;
  Answer list();
  Answer rotate(const http::RequestContext& context);
  base::Json shown() const;

  KeyDeskParts parts_;
};

}  // namespace ow::identity
