// A W3C trace context (Level 1) as one text, for what carries it on: the traceparent and, behind a space, the
// tracestate when there is one. The members named `traceparent` of messages, tasks and calls hold it; an event
// shows the traceparent alone (CloudEvents distributed tracing extension). Any thread.
#pragma once

#include <string>
#include <string_view>

namespace ow::platform {

inline std::string carry_trace(std::string traceparent, std::string_view tracestate) {
  if (!tracestate.empty()) traceparent.append(1, ' ').append(tracestate);
  return traceparent;
}

inline std::string traceparent_in(std::string_view carried) {
  return std::string(carried.substr(0, carried.find(' ')));
}

inline std::string tracestate_in(std::string_view carried) {
  const auto space = carried.find(' ');
  return space == std::string_view::npos ? std::string() : std::string(carried.substr(space + 1));
}

}  // namespace ow::platform
