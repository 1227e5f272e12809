// The bounds of mail in one place.
#pragma once

#include <chrono>
#include <cstddef>

namespace ow::notify::bounds {

using namespace std::chrono_literals;

inline constexpr int kMailReceivesMax = 3;    // of the queue `mail`, then its dead-letter queue
inline constexpr auto kMailRetryFirst = 60s;  // after the first 4xx; a greylisting server wants minutes
inline constexpr auto kMailRetrySecond = 300s;
inline constexpr auto kTwinWait = 250ms;                    // between looks at a mail that another delivery sends
inline constexpr std::size_t kAcceptedMemoryMax = 4096;     // mails taken whose commit may not have been made yet
inline constexpr std::size_t kTemplateBytesMax = 64 << 10;  // of subject, text and HTML each
inline constexpr std::size_t kTemplateVersionsShown = 50;
inline constexpr std::size_t kTemplateDepthMax = 4;  // sections within sections
inline constexpr std::size_t kResendsMax = 100;      // of one mail
inline constexpr std::size_t kServerWordsMax = 300;  // bytes kept of a mail server's reply
inline constexpr auto kMailKept = 365 * 24h;         // the record of a mail, after its last change

}  // namespace ow::notify::bounds
