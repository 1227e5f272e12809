// The built-in issuer: access tokens with Cognito's claims, signed by the keys of signing_keys.h, and the documents that others verify them by. Loop thread.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"
#include "base/json.h"
#include "base/result.h"
#include "http/router.h"
#include "identity/key_set.h"
#include "identity/signing_keys.h"
#include "platform/id_source.h"

namespace ow::identity {

/// For whom a token is issued.
struct TokenSubject {
  base::UserId id;
  std::string username;
  std::vector<std::string> groups;
  std::string session_id = {};  // claim `sid`; empty: none
};

class Issuer {
 public:
  /// `issuer` is the `iss` of its tokens, verbatim, and the address its documents are under.
  Issuer(std::string issuer, std::string client_id) : issuer_(std::move(issuer)), client_id_(std::move(client_id)) {}

  SigningKeys& signing_keys() { return keys_; }
  bool ready() const { return keys_.ready(); }
  /// Verifies what this issuer signed; empty before the keys are loaded.
  const KeySet& keys() const { return keys_.verify_set(); }

  /// An access token for bounds::kAccessTokenLife.
  std::string access_token(const TokenSubject& subject, base::Instant now, platform::IdSource& ids) const;

  /// GET /.well-known/jwks.json and /.well-known/openid-configuration.
  http::Routes routes();

 private:
  base::Json configuration() const;
  base::Task<base::Result<http::Reply>> serve(base::Json document) const;

  std::string issuer_;
  std::string client_id_;
  SigningKeys keys_;
};

}  // namespace ow::identity
