// See queue_view.h.
#include "ops/queue_view.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "http/schema_text.h"

namespace ow::ops {
namespace {

using base::Json;
using http::nullable;
using http::open_object;
using http::typed;

Json seconds(base::Duration span) {
  return base::JsonNumber{fmt::format("{:.3f}", static_cast<double>(span.count()) / 1e6)};
}

Json instant_or_null(base::Instant at) { return at.us == 0 ? Json() : Json(base::to_rfc3339(at)); }

/// No continuation byte of UTF-8 begins the rest.
std::string front_of(const std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

Json death_json(const platform::Death& death) {
  return Json::object({{"queue", death.queue},
                       {"error", death.error},
                       {"receives", death.receive_count},
                       {"firstReceivedAt", instant_or_null(death.first_received)},
                       {"lastReceivedAt", instant_or_null(death.last_received)},
                       {"at", base::to_rfc3339(death.died)}});
}

}  // namespace

Json queue_json(const platform::QueueStatus& queue) {
  return Json::object({
      {"name", queue.spec.name},
      {"kind", queue.spec.kind == platform::QueueKind::ordered ? "ordered" : "fair"},
      {"depth", queue.ready + queue.in_flight + queue.delayed},
      {"ready", queue.ready},
      {"inFlight", queue.in_flight},
      {"delayed", queue.delayed},
      {"dead", queue.dead ? Json(*queue.dead) : Json()},
      {"oldestAgeSeconds", queue.oldest_age ? seconds(*queue.oldest_age) : Json()},
      {"receiveLimit", queue.spec.receive_limit},
      {"visibilitySeconds", seconds(queue.spec.visibility)},
      {"paused", queue.paused},
  });
}

Json queue_schema() {
  return open_object(Json::object({{"name", typed("string")},
                                   {"kind", Json::object({{"enum", Json::array({"ordered", "fair"})}})},
                                   {"depth", typed("integer")},
                                   {"ready", typed("integer")},
                                   {"inFlight", typed("integer")},
                                   {"delayed", typed("integer")},
                                   {"dead", nullable("integer")},
                                   {"oldestAgeSeconds", nullable("number")},
                                   {"receiveLimit", typed("integer")},
                                   {"visibilitySeconds", typed("number")},
                                   {"paused", typed("boolean")}}));
}

Json message_json(const platform::QueuedMessage& queued, std::size_t body_bytes_max, base::Instant now) {
  const auto& message = queued.message;
  return Json::object({
      {"messageId", message.id.text},
      {"group", message.group},
      {"state", queued.state},
      {"receives", message.receive_count},
      {"sentAt", base::to_rfc3339(message.sent)},
      {"ageSeconds", seconds(std::max(now - message.sent, base::Duration{}))},
      {"error", message.error.empty() ? Json() : Json(message.error)},
      {"death", queued.death ? death_json(*queued.death) : Json()},
      {"expiresAt", queued.expires ? Json(base::to_rfc3339(*queued.expires)) : Json()},
      {"bodyBytes", static_cast<std::uint64_t>(message.body.size())},
      {"body", front_of(message.body, body_bytes_max)},
  });
}

Json message_schema() {
  auto death = open_object(Json::object({{"queue", typed("string")},
                                         {"error", typed("string")},
                                         {"receives", typed("integer")},
                                         {"firstReceivedAt", nullable("string")},
                                         {"lastReceivedAt", nullable("string")},
                                         {"at", typed("string")}}));
  death.set("type", Json::array({"object", "null"}));
  return open_object(Json::object({{"messageId", typed("string")},
                                   {"group", typed("string")},
                                   {"state", Json::object({{"enum", Json::array({"ready", "in_flight", "delayed"})}})},
                                   {"receives", typed("integer")},
                                   {"sentAt", typed("string")},
                                   {"ageSeconds", typed("number")},
                                   {"error", nullable("string")},
                                   {"death", std::move(death)},
                                   {"expiresAt", nullable("string")},
                                   {"bodyBytes", typed("integer")},
                                   {"body", typed("string")}}));
}

}  // namespace ow::ops
