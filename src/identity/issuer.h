// The built-in issuer: signing keys made at first start and kept as a secret, access tokens with Cognito's
// claims, and the documents that others verify them by. Loop thread.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"
#include "base/json.h"
#include "base/result.h"
#include "http/router.h"
#include "identity/key_set.h"
#include "identity/signing_key.h"
#include "platform/id_source.h"
#include "platform/random.h"
#include "platform/secrets.h"

namespace ow::identity {

/// For whom a token is issued.
struct TokenSubject {
  base::UserId id;
  std::string username;
  std::vector<std::string> groups;
};

class Issuer {
 public:
  /// `issuer` is the `iss` of its tokens, verbatim, and the address its documents are under.
  Issuer(std::string issuer, std::string client_id)
      : issuer_(std::move(issuer)), client_id_(std::move(client_id)) {}

  /// Blocking. Loads the keys, the first of which signs; makes one when there is none. Error internal when
  /// the stored ones cannot be read: they are never replaced, since tokens of theirs are about.
  base::Result<void> load_keys(platform::Secrets& secrets, platform::Random& random);
  bool ready() const { return !signing_keys_.empty(); }
  /// Verifies what this issuer signed; empty before load_keys().
  const KeySet& keys() const { return verify_keys_; }

  /// An access token for bounds::kAccessTokenLife.
  std::string access_token(const TokenSubject& subject, base::Instant now, platform::IdSource& ids) const;

  /// GET /.well-known/jwks.json and /.well-known/openid-configuration.
  http::Routes routes();

 private:
  base::Json jwks() const;
  base::Json configuration() const;
  base::Task<base::Result<http::Reply>> serve(base::Json document) const;

  std::string issuer_;
  std::string client_id_;
  std::vector<SigningKey> signing_keys_;
  KeySet verify_keys_;
};

}  // namespace ow::identity
