// See request_log.h.
#include "http/request_log.h"

namespace ow::http {
namespace {

using platform::LogLevel;

LogLevel level_of(int status, bool slow) {
  if (status == 500) return LogLevel::error;
  return status > 500 || slow ? LogLevel::warning : LogLevel::info;
}

}  // namespace

RequestLog::RequestLog(platform::Telemetry& telemetry, std::optional<int> lines_per_second, base::Duration slow)
    : telemetry_(telemetry),
      dropped_(telemetry.counter("ow_http_log_lines_dropped_total")),
      lines_(lines_per_second),
      slow_(slow) {}

void RequestLog::write(const Answered& answered, base::Duration now) {
  const char status_class = static_cast<char>('0' + answered.status / 100);
  if (!lines_.admit({&status_class, 1}, now)) return dropped_.add();
  platform::Labels fields{
      {"request_id", answered.context.request_id}, {"trace_id", answered.context.trace.trace_id},
      {"method", std::string(answered.method)},    {"route", std::string(answered.pattern)},
      {"status", std::to_string(answered.status)}, {"duration_us", std::to_string(answered.took.count())}};
  if (!answered.reason.empty()) fields.emplace_back("reason", answered.reason);
  telemetry_.log(level_of(answered.status, answered.took >= slow_), "request", fields);
}

void RequestLog::write_failure(const RequestContext& context, const base::Error& error, base::Duration now) {
  if (!lines_.admit("failure", now)) return dropped_.add();
  telemetry_.log(LogLevel::error, "request_failed",
                 {{"request_id", context.request_id},
                  {"trace_id", context.trace.trace_id},
                  {"reason", error.reason},
                  {"message", error.message}});
}

}  // namespace ow::http
