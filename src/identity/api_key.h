// API keys: what one is, as text and as record. The key itself is shown once and kept as its SHA-256 only.
// Loop thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/json.h"
#include "http/message.h"
#include "platform/random.h"
#include "platform/store.h"

namespace ow::identity {

/// `ow_`, 32 random bytes and a checksum, so that a scanner can tell one and a typing error costs no look-up.
std::string make_key_text(platform::Random& random);
/// True when prefix, form and checksum are right.
bool is_key_text(std::string_view text);
/// What bearer tokens are told from keys by.
inline constexpr std::string_view kKeyPrefix = "ow_";

struct KeySecret {
  base::Sha256 digest{};
  std::string hint;  // the key's first characters
  base::Instant created;
  std::optional<base::Instant> expires;  // set when a rotation replaced it
};

struct ApiKey {
  std::string id;  // key_…
  std::string name;
  http::KeyGrant grant;
  base::Instant created;
  base::UserId created_by;
  std::optional<base::Instant> expires;
  std::optional<base::Instant> revoked;
  std::vector<KeySecret> secrets;  // newest first
  platform::Version version = 0;

  bool live(base::Instant now) const { return !revoked && (!expires || now < *expires); }
  /// The secret of that digest while it is good.
  const KeySecret* find(const base::Sha256& digest, base::Instant now) const;
  /// Drops what a rotation ended; their digests.
  std::vector<base::Sha256> drop_ended(base::Instant now);
};

/// Error unprocessable naming every member that does not do.
base::Result<void> check_new_key(const ApiKey& key, base::Instant now);

inline constexpr std::string_view kKeyIndex = "api-keys";
inline constexpr std::string_view kKeyIndexPartition = "all";

platform::Key api_key_key(const std::string& id);
platform::Key key_use_key(const std::string& id);
platform::Record to_record(const ApiKey& key);
/// Error internal when the record cannot be read.
base::Result<ApiKey> api_key_from(const platform::Record& record);
/// From the digest of a key's text to its id.
platform::Key key_secret_key(const base::Sha256& digest);
platform::Record key_secret_record(const std::string& id, const KeySecret& secret);

/// As admins see it; `used` is when it was last used, within kKeyUseNotedEvery.
base::Json to_json(const ApiKey& key, std::optional<base::Instant> used, base::Instant now);

}  // namespace ow::identity
