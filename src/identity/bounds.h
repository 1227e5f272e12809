// Named bounds of this room.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/bounds.h"

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

}  // namespace ow::identity
