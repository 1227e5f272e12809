// See event_form.h.
#include "platform/event_form.h"

#include "base/json.h"

namespace ow::platform {
namespace {

void append_member(std::string& text, std::string_view opening, std::string_view value) {
  text += opening;
  base::append_quoted(text, value);
}

}  // namespace

std::string event_bridge_text(const Event& event, std::string_view replay) {
  std::string text;
  text.reserve(256 + event.data.size());
  append_member(text, R"({"id":)", event.id.text);
  append_member(text, R"(,"source":)", event.source);
  append_member(text, R"(,"detail-type":)", event.type);
  append_member(text, R"(,"time":)", base::to_rfc3339(event.time));
  append_member(text, R"(,"resources":[)", event.subject);
  text += ']';
  if (!replay.empty()) append_member(text, R"(,"replay-name":)", replay);
  text += R"(,"detail":)";
  text += event.data;
  text += '}';
  return text;
}

base::MessageId routed_message_id(const Event& event, const RuleTarget& target, std::string_view replay) {
  std::string id = event.id.text + '/' + target.rule;
  if (!target.place.empty()) id += '#' + target.place;
  if (!replay.empty()) id += '@' + std::string(replay);
  return base::MessageId(std::move(id));
}

std::string dead_letter_text(const Event& event, const RuleTarget& target, std::string_view reason,
                             std::string_view replay) {
  std::string text;
  append_member(text, R"({"rule":)", target.rule);
  append_member(text, R"(,"target":)", target.place.empty() ? "0" : target.place);
  append_member(text, R"(,"queue":)", target.queue);
  append_member(text, R"(,"reason":)", reason);
  text += R"(,"event":)" + event_bridge_text(event, replay) + '}';
  return text;
}

}  // namespace ow::platform
