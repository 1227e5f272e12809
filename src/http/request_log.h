// One log line per request, bounded per second: a line costs as much as a small request. Loop thread.
#pragma once

#include <optional>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "http/message.h"
#include "http/rate_limiter.h"
#include "platform/telemetry.h"

namespace ow::http {

/// What the log tells of an answer; never personal data.
struct Answered {
  const RequestContext& context;
  std::string_view method;
  std::string_view pattern;
  int status;
  std::string_view reason;  // slug of the error, "replayed", or empty
  base::Duration took;
};

class RequestLog {
 public:
  /// Lines per second and class of status (2xx, 4xx, 5xx …), nothing: all; past it they are counted only.
  RequestLog(platform::Telemetry& telemetry, std::optional<int> lines_per_second, base::Duration slow);

  void write(const Answered& answered, base::Duration now);
  /// What an error says of the inside, which no client reads; bounded in the same way.
  void write_failure(const RequestContext& context, const base::Error& error, base::Duration now);

 private:
  platform::Telemetry& telemetry_;
  platform::CounterMetric& dropped_;
  RateLimiter lines_;
  base::Duration slow_;
};

}  // namespace ow::http
