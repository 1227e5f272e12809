// See transition_message.h.
#include "workflow/transition_message.h"

#include "workflow/workflows.h"

namespace ow::workflow {

using base::Json;

std::string to_body(const TransitionMessage& message) {
  using Kind = TransitionMessage::Kind;
  switch (message.kind) {
    case Kind::start:
      return to_text(
          Json::object({{"start", message.definition}, {"input", message.input}, {"at", Json(message.at.us)}}));
    case Kind::step:
      return to_text(Json::object({{"step", Json(message.step)}}));
    case Kind::nudge:
      return R"({"nudge":true})";
  }
  return {};
}

base::Result<TransitionMessage> parse_body(std::string_view body) {
  using Kind = TransitionMessage::Kind;
  auto json = base::parse_json(body);
  TransitionMessage message;
  if (json && json->bool_at("nudge") == true) {
    message.kind = Kind::nudge;
  } else if (json && json->string_at("start")) {
    message.kind = Kind::start;
    message.definition = std::string(*json->string_at("start"));
    message.at.us = json->integer_at("at").value_or(0);
    if (auto* input = json->find("input")) message.input = std::move(*input);
  } else if (json && json->integer_at("step")) {
    message.step = *json->integer_at("step");
  } else {
    return base::fail(base::ErrorCode::malformed, "transition_malformed", "This message moves no execution.");
  }
  return message;
}

platform::OutMessage out_message(const base::ExecutionId& execution, std::string_view tail,
                                 const TransitionMessage& message, std::string traceparent) {
  platform::OutMessage out;
  out.queue = std::string(kTransitionQueue);
  out.id = base::MessageId(execution.text + "/" + std::string(tail));
  out.group = execution.text;
  out.body = to_body(message);
  out.traceparent = std::move(traceparent);
  return out;
}

platform::OutMessage due_message(const base::ExecutionId& execution, std::string_view tail,
                                 const TransitionMessage& message, std::string traceparent) {
  auto out = out_message(execution, tail, message, std::move(traceparent));
  out.queue = std::string(kDueQueue);
  return out;
}

platform::Key execution_key(const base::ExecutionId& execution) { return {"execution/" + execution.text, "execution"}; }

std::string timer_name(const base::ExecutionId& execution) { return "execution/" + execution.text; }

}  // namespace ow::workflow
