// What an answer means for a delivery, and when it is tried again. Pure. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "platform/http_client.h"
#include "platform/random.h"

namespace ow::notify::webhooks {

/// One attempt, from outside.
struct Outcome {
  int status = 0;            // 0: no answer
  std::string reason = {};   // slug; empty for a success
  std::string answer = {};   // the body's first bytes, or a sentence when there was none
  std::string address = {};  // that it was sent to, when it was
  base::Instant at;
  base::Duration took{};
  std::optional<base::Duration> retry_after = std::nullopt;

  bool success() const { return status >= 200 && status < 300; }
  /// The receiver wants no more, for good (RFC 9110 section 15.5.11).
  bool gone() const { return status == 410; }
  /// The receiver, or what is in front of it, has too much to do.
  bool overloaded() const { return status == 429 || status == 502 || status == 503 || status == 504; }
};

/// The outcome of a request that was answered or not; `now` serves a Retry-After that is a date.
Outcome outcome_of(const base::Result<platform::HttpAnswer>& answer, base::Instant now);

/// Retry-After (RFC 9110 section 10.2.3): seconds, or an IMF-fixdate. Nothing for anything else; never negative.
std::optional<base::Duration> parse_retry_after(std::string_view text, base::Instant now);

/// When to try again after `attempts` attempts that failed, the first at `first`; nothing: give up. With jitter, and
/// never before what the receiver asked for, within kRetryAfterMax.
std::optional<base::Instant> next_attempt(int attempts, base::Instant first, const Outcome& last,
                                          platform::Random& random);

/// +-kJitterPercent.
base::Duration jittered(base::Duration span, platform::Random& random);

}  // namespace ow::notify::webhooks
