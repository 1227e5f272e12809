// See stored_things.h.
#include "engine/stored_things.h"

#include "base/json.h"
#include "engine/bytes.h"
#include "engine/events.h"

namespace ow::engine {
namespace {

using base::fail;
using base::Json;
using base::Result;
using platform::StoredThing;
using Things = std::vector<StoredThing>;

// JSON text as JSON; what is none as a string.
Json embedded(const std::string& text) {
  auto json = base::parse_json(text);
  return json ? std::move(*json) : Json(text);
}

Json time_json(base::Instant at) { return base::to_rfc3339(at); }

Result<void> add_record(std::string_view key, std::string_view value, const ThingContext& context, Things& things) {
  const auto record = decode_record(key, value);
  if (!record) return fail(damaged(key));
  auto json = Json::object({{"kind", "record"},
                            {"record", record->kind},
                            {"partition", record->key.partition},
                            {"sort", record->key.sort},
                            {"schema", static_cast<std::int64_t>(record->schema)},
                            {"version", static_cast<std::int64_t>(record->version)}});
  if (record->expires) json.set("expires", time_json(*record->expires));
  json.set("value", embedded(record->value));
  things.push_back({"record",
                    record->kind,
                    {},
                    record->expires && *record->expires <= context.now,
                    std::move(json),
                    record->expires});
  return {};
}

Result<void> add_counter(std::string_view key, std::string_view value, Things& things) {
  const auto counter = decode_counter(value);
  if (!counter) return fail(damaged(key));
  ByteReader in(key.substr(1));
  const std::string partition(in.until_zero());
  const std::string sort(in.until_zero());
  auto fields = Json::object();
  for (const auto& [name, units] : *counter) fields.set(name, units);
  things.push_back({"counter",
                    {},
                    {},
                    false,
                    Json::object({{"kind", "counter"}, {"partition", partition}, {"sort", sort}, {"fields", fields}})});
  return {};
}

Result<void> add_events(std::string_view key, std::string_view value, const ThingContext& context, Things& things) {
  auto log = decode_log(value);
  if (!log) return fail(damaged(key));
  const auto sequence = layout::log_key_sequence(key);
  if (sequence < context.events_kept_from) return {};
  for (std::uint32_t index = 0; index < log->events.size(); ++index) {
    auto& event = log->events[index];
    place_event(event, context.epoch, {sequence, index});
    auto json = Json::object({{"kind", "event"},
                              {"id", event.id.text},
                              {"source", event.source},
                              {"type", event.type},
                              {"subject", event.subject},
                              {"sequence", std::to_string(event.number)},
                              {"time", time_json(event.time)},
                              {"data", embedded(event.data)}});
    things.push_back({"event", {}, log->committed, false, std::move(json)});
  }
  return {};
}

Json message_json(const std::string& queue, const Message& message) {
  auto json = Json::object({{"kind", "message"},
                            {"queue", queue},
                            {"id", message.id.text},
                            {"group", message.group},
                            {"sent", time_json(message.sent)},
                            {"received", static_cast<std::int64_t>(message.received)}});
  if (!message.failure.empty()) json.set("failure", message.failure);
  if (message.event_sequence != 0) json.set("repeatsAnEvent", true);
  json.set("body", embedded(message.body));
  return json;
}

std::string queue_name(QueueNumber number, const ThingContext& context) {
  const auto found = context.queues.find(number);
  return found == context.queues.end() ? std::to_string(number) : found->second;
}

Result<void> add_message(std::string_view key, std::string_view value, const ThingContext& context, Things& things) {
  const auto parts = layout::message_key_parts(key);
  const auto message = decode_message(parts.sequence, parts.group, value);
  if (!message) return fail(damaged(key));
  const auto number = static_cast<QueueNumber>(ByteReader(key.substr(1)).ordered(2));
  const bool expired = message->expires && *message->expires <= context.now;
  things.push_back(
      {"message", {}, message->sent, expired, message_json(queue_name(number, context), *message), message->expires});
  return {};
}

// A delayed message. A timer's entry in the due range holds nothing: the timer is under its name.
Result<void> add_delayed(std::string_view key, std::string_view value, const ThingContext& context, Things& things) {
  const auto parts = layout::due_key_parts(key);
  if (parts.timer) return {};
  const auto stored = decode_timer(value);
  if (!stored) return fail(damaged(key));
  auto json = message_json(queue_name(parts.queue, context), stored->message);
  json.set("due", time_json(parts.due));
  things.push_back({"message", {}, stored->message.sent, false, std::move(json)});
  return {};
}

Result<void> add_timer(std::string_view key, std::string_view value, Things& things) {
  const auto timer = decode_timer(value);
  if (!timer) return fail(damaged(key));
  things.push_back({"timer",
                    {},
                    {},
                    false,
                    Json::object({{"kind", "timer"},
                                  {"name", std::string(ByteReader(key.substr(1)).until_zero())},
                                  {"due", time_json(timer->due)},
                                  {"message", message_json(timer->queue, timer->message)}})});
  return {};
}

Result<void> add_queue(std::string_view key, std::string_view value, Things& things) {
  const auto queue = decode_queue(key, value);
  if (!queue) return fail(damaged(key));
  const bool ordered = queue->spec.kind == platform::QueueKind::ordered;
  things.push_back({"queue",
                    {},
                    {},
                    false,
                    Json::object({{"kind", "queue"},
                                  {"name", queue->spec.name},
                                  {"order", ordered ? "ordered" : "fair"},
                                  {"receiveLimit", queue->spec.receive_limit},
                                  {"paused", queue->paused}})});
  return {};
}

}  // namespace

Result<void> add_things(std::string_view key, std::string_view value, const ThingContext& context, Things& things) {
  switch (key.front()) {
    case layout::kRecord:
      return add_record(key, value, context, things);
    case layout::kCounter:
      return add_counter(key, value, things);
    case layout::kLog:
      return add_events(key, value, context, things);
    case layout::kMessage:
      return add_message(key, value, context, things);
    case layout::kDue:
      return add_delayed(key, value, context, things);
    case layout::kTimer:
      return add_timer(key, value, things);
    case layout::kQueue:
      return add_queue(key, value, things);
    default:
      return {};
  }
}

}  // namespace ow::engine
