// Named bounds of this room.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/bounds.h"
#include "identity/sign_in_throttle.h"

namespace ow::identity {

using namespace std::chrono_literals;

// API keys.
inline constexpr std::size_t kKeyNameCharsMax = 100;
inline constexpr std::size_t kKeyHintChars = 9;  // of a key, shown to tell it from others
inline constexpr std::size_t kKeyScopesMax = 32;
inline constexpr std::size_t kKeySourcesMax = 32;
inline constexpr int kKeyRateMax = 100'000;
inline constexpr std::size_t kKeySecretsMax = 2;  // at once, during a rotation
inline constexpr auto kKeyOverlapDefault = 24h;
inline constexpr auto kKeyOverlapMax = 30 * 24h;
inline constexpr auto kKeyRevokedKept = 365 * 24h;  // for who looks back
// Another process of the installation learns of a revocation this late; the one that revoked, at once.
inline constexpr auto kKeyCached = 10s;
inline constexpr auto kKeyChangeSettles = 5s;  // longer than a commit takes
inline constexpr auto kKeyUseNotedEvery = 1h;
inline constexpr std::size_t kKeyUsesRemembered = 10'000;

// Sessions.
inline constexpr auto kSessionLife = 90 * 24h;  // then the password is asked for again
inline constexpr auto kSessionIdle = 14 * 24h;
inline constexpr std::size_t kRefreshTokenCharsMax = 128;
inline constexpr auto kAccessTokenTrusted = 60s;  // so late another process learns that a session ended
static_assert(kSessionIdle < kSessionLife);

// Signing keys.
inline constexpr auto kSigningKeyLife = 90 * 24h;
inline constexpr auto kSigningKeyPublishedBefore = 15min;  // longer than anybody keeps the key set
inline constexpr auto kSigningKeyMargin = 5min;
inline constexpr auto kSigningKeysTended = 1min;
static_assert(kSigningKeyPublishedBefore > 10min, "outside_keys fetches every ten minutes, and so may others");

// Accounts and persons.
inline constexpr ThrottleRule kSignUpThrottle{20, std::chrono::minutes(15)};  // per address
inline constexpr std::size_t kMailAddressCharsMax = 254;
inline constexpr std::size_t kPersonNameCharsMax = 200;
inline constexpr std::size_t kPersonPhoneCharsMax = 40;

}  // namespace ow::identity
