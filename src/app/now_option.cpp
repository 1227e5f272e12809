// See now_option.h.
#include "app/now_option.h"

#include <charconv>

#include "local/machine.h"

namespace ow::app {
namespace {

constexpr std::int64_t kSecondsMax = 1LL << 42;  // far beyond any date, and its microseconds still fit

}  // namespace

OptionSpec now_option() { return {"now", "UNIX", "judge as of this second (default: now)"}; }

base::Result<base::Instant> now_of(const Invocation& invocation) {
  const auto text = invocation.option("now");
  if (!text) return local::SystemClock().now();
  std::int64_t seconds = 0;
  const auto* end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, seconds);
  if (error != std::errc{} || rest != end || seconds < 0 || seconds > kSecondsMax) {
    return base::fail(base::ErrorCode::malformed, "bad_now",
                      "--now must be a number of seconds since 1970-01-01T00:00:00Z");
  }
  return base::Instant{} + std::chrono::seconds(seconds);
}

}  // namespace ow::app
