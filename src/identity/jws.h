// JSON Web Signature in compact form (RFC 7515), under the rules of RFC 8725. Any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "identity/key_set.h"

namespace ow::identity {

struct Jws {
  base::Json header;
  std::string payload;  // any bytes
};

/// Verifies a token of at most bounds::kTokenBytesMax. The key is the set's by `kid`, the algorithm is the
/// key's and must be among `accepted`; the token only has to agree. Nothing in the token is ever used as a
/// key. Error unauthenticated with one of the reasons token_malformed (also any JWE), token_too_large,
/// crit_unknown, algorithm_refused, kid_missing, unknown_kid, key_unusable, signature_invalid.
base::Result<Jws> verify_jws(const KeySet& keys, std::string_view token, std::span<const Algorithm> accepted);

}  // namespace ow::identity
