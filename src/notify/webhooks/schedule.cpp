// See schedule.h.
#include "notify/webhooks/schedule.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "base/encoding.h"
#include "notify/webhooks/bounds.h"

namespace ow::notify::webhooks {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string reason_of(int status) {
  if (status == 410) return "gone";
  if (status == 429) return "too_many_requests";
  if (status >= 300 && status < 400) return "redirect_not_followed";
  return "status_" + std::to_string(status);
}

/// What is kept of an answer must be text.
std::string text_kept(std::string body) {
  if (body.size() > kAnswerBytesKept) body.resize(kAnswerBytesKept);
  // A character that the cut went through goes; anything else that is no UTF-8 is kept as base64.
  for (std::size_t cut = 1; body.size() == kAnswerBytesKept && cut < 4; ++cut) {
    const auto shorter = std::string_view(body).substr(0, body.size() - cut);
    if (!base::is_utf8(body) && base::is_utf8(shorter)) return std::string(shorter);
  }
  return base::is_utf8(body) ? body : "base64:" + base::to_base64(body);
}

/// "Sun, 06 Nov 1994 08:49:37 GMT" as RFC 3339.
std::string rfc3339_of(std::string_view date) {
  if (date.size() != 29 || !date.ends_with(" GMT") || date[3] != ',') return {};
  const auto month = std::ranges::find(kMonths, date.substr(8, 3));
  if (month == kMonths.end()) return {};
  std::array<char, 4> number{};
  std::snprintf(number.data(), number.size(), "%02d", static_cast<int>(month - kMonths.begin()) + 1);
  return std::string(date.substr(12, 4)) + "-" + number.data() + "-" + std::string(date.substr(5, 2)) + "T" +
         std::string(date.substr(17, 8)) + "Z";
}

base::Duration pause_after(int attempts) {
  const auto place = static_cast<std::size_t>(std::max(attempts, 0));
  return place < kPauses.size() ? kPauses.at(place) : kPauseAfterwards;
}

}  // namespace

Outcome outcome_of(const base::Result<platform::HttpAnswer>& answer, base::Instant now) {
  Outcome outcome;
  if (!answer) {
    outcome.reason = answer.error().reason;
    outcome.answer = answer.error().message;
    return outcome;
  }
  outcome.status = answer->status;
  outcome.answer = text_kept(answer->body);
  if (!outcome.success()) outcome.reason = reason_of(outcome.status);
  for (const auto& [name, value] : answer->headers) {
    if (name == "retry-after" && !outcome.success()) outcome.retry_after = parse_retry_after(value, now);
  }
  return outcome;
}

std::optional<base::Duration> parse_retry_after(std::string_view text, base::Instant now) {
  std::int64_t seconds = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool number = rest == text.data() + text.size() && !text.empty();
  if (number && error == std::errc::result_out_of_range) return kRetryAfterMax;
  if (number && error == std::errc{} && seconds >= 0) {
    return std::min<base::Duration>(std::chrono::seconds(std::min<std::int64_t>(seconds, 1'000'000'000)),
                                    kRetryAfterMax);
  }
  const auto date = base::parse_rfc3339(rfc3339_of(text));
  if (!date) return std::nullopt;
  return std::clamp<base::Duration>(*date - now, base::Duration(0), kRetryAfterMax);
}

std::optional<base::Instant> next_attempt(int attempts, base::Instant first, const Outcome& last,
                                          platform::Random& random) {
  const auto pause = jittered(pause_after(attempts), random);
  const auto asked = last.retry_after.value_or(base::Duration(0));
  const auto at = last.at + last.took + std::max(pause, asked);
  if (at - first > kGiveUpAfter) return std::nullopt;
  return at;
}

base::Duration jittered(base::Duration span, platform::Random& random) {
  constexpr auto kSteps = 1000;
  const auto step = static_cast<std::int64_t>(random.next() % (2 * kSteps + 1)) - kSteps;
  return span + span * kJitterPercent / 100 * step / kSteps;
}

}  // namespace ow::notify::webhooks
