// Signatures of webhooks, scheme v1 of Standard Webhooks 1.0.0 (standardwebhooks.com): HMAC-SHA256 over
// `id.timestamp.body`. Any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"

namespace ow::http::standard_webhooks {

/// How far a timestamp may lie from the receiver's clock, before and after.
inline constexpr auto kSignatureTolerance = std::chrono::seconds(300);

/// The key of scheme v1.
class SigningSecret {
 public:
  /// `whsec_` and the key in base64 (RFC 4648 section 4). As in the public libraries the prefix may be
  /// missing; another scheme's (`whpk_`, `whsk_`) is refused. Error malformed, `malformed_secret`; the message
  /// does not hold the secret.
  static base::Result<SigningSecret> parse(std::string_view text);
  /// The text of a key, with the prefix. The standard asks for 24 to 64 random bytes.
  static std::string text_of(std::string_view key);

  /// `v1,<base64>` over the content.
  std::string signature_of(std::string_view content) const;

 private:
  explicit SigningSecret(std::string key) : key_(std::move(key)) {}

  std::string key_;
};

/// The three headers as they came.
struct SignedHeaders {
  std::string_view id;         // webhook-id
  std::string_view timestamp;  // webhook-timestamp: seconds since 1970-01-01T00:00:00Z
  std::string_view signature;  // webhook-signature: `v1,<base64>`, several separated by spaces
};

/// The header webhook-signature: one `v1,<base64>` per secret, so that a receiver may hold either during a
/// rotation. `id` is not empty and has no full stop, or id and timestamp could be read in another way.
std::string sign(std::span<const SigningSecret> secrets, std::string_view id, base::Instant at, std::string_view body);

/// Whether any signature is right under any secret and the timestamp within the tolerance; signatures of other
/// schemes are passed over. Compares in constant time. Errors forbidden: `bad_webhook_id`,
/// `bad_webhook_timestamp`, `webhook_too_old`, `webhook_too_new`, `bad_webhook_signature`.
base::Result<void> verify(std::span<const SigningSecret> secrets, const SignedHeaders& headers, std::string_view body,
                          base::Instant now);

}  // namespace ow::http::standard_webhooks
