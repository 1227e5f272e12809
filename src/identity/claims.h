// What a token must say to be taken: the rules of `token verify` and of the API. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/json.h"
#include "base/result.h"
#include "identity/key_set.h"

namespace ow::identity {

enum class TokenUse : std::uint8_t { access, id };

struct Expectations {
  std::string issuer;
  std::string client_id;
  TokenUse use = TokenUse::access;
};

/// The claims of a token that `keys` signed and that holds at `now`: `iss` equal; access tokens `token_use`
/// access and `client_id` equal; id tokens `token_use` id and `aud` equal or containing it; `exp` a number
/// after now; `nbf`, `iat`, if there, numbers not after now. No leeway; times compare as exact decimals
/// (NumericDate, RFC 7519 section 2). A `typ` other than JWT, or at+jwt for access tokens, is refused (RFC
/// 8725 section 3.11). Error unauthenticated with the reason, for any text.
base::Result<base::Json> verify_token(const KeySet& keys, const Expectations& expected, base::Instant now,
                                      std::string_view token);

/// The same from the text of a JWKS. Other errors are KeySet::parse's.
base::Result<base::Json> verify_token(std::string_view jwks, const Expectations& expected, base::Instant now,
                                      std::string_view token);

/// The last instant, in whole seconds, up to which claims that verify_token accepted surely hold.
base::Instant claims_hold_until(const base::Json& claims);

}  // namespace ow::identity
