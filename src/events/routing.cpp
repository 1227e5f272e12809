// See routing.h.
#include "events/routing.h"

#include <fmt/format.h>

#include "base/bounds.h"
#include "base/json.h"
#include "platform/event_form.h"
#include "rules/rule.h"

namespace ow::events {
namespace {

using base::Result;
using base::bounds::kMessageBytesMax;

Result<std::string> body_of(const platform::Event& event, const platform::RuleTarget& target, std::string_view replay) {
  auto body = target.shape == nullptr ? Result<std::string>(platform::event_bridge_text(event, replay))
                                      : target.shape->body(event, replay);
  if (!body || body->size() <= kMessageBytesMax) return body;
  return base::fail(
      base::ErrorCode::too_large, "message_too_large",
      fmt::format("The message would have {} bytes; at most {} are allowed.", body->size(), kMessageBytesMax));
}

/// An event too large to be repeated is named: it stays in the log.
std::string dead_letter(const platform::Event& event, const platform::RuleTarget& target, const std::string& reason,
                        std::string_view replay) {
  auto text = platform::dead_letter_text(event, target, reason, replay);
  if (text.size() <= kMessageBytesMax) return text;
  return to_text(base::Json::object({{"rule", target.rule},
                                     {"target", target.place.empty() ? "0" : target.place},
                                     {"queue", target.queue},
                                     {"reason", reason},
                                     {"eventId", event.id.text},
                                     {"subject", event.subject},
                                     {"sequence", std::to_string(event.number)}}));
}

}  // namespace

Routed routed_message(const platform::Event& event, const platform::RuleTarget& target, std::string_view replay,
                      const std::function<bool(const std::string& queue)>& is_declared) {
  Routed routed;
  routed.message.id = platform::routed_message_id(event, target, replay);
  routed.message.group = event.subject;
  routed.message.traceparent = event.traceparent;
  routed.message.queue = target.queue;
  auto body = body_of(event, target, replay);
  if (body && !is_declared(target.queue)) {
    body = base::fail(base::ErrorCode::not_found, "queue_unusable",
                      fmt::format("Nobody declared the queue {}.", target.queue));
  }
  if (body) {
    routed.message.body = std::move(*body);
    return routed;
  }
  routed.dead_lettered = true;
  routed.message.queue =
      is_declared(target.dead_letter_queue) ? target.dead_letter_queue : std::string(rules::kRuleDeadLetters);
  routed.message.body = dead_letter(event, target, body.error().message, replay);
  return routed;
}

}  // namespace ow::events
