// The messages that move executions. A message that is not current (another step, a second start) changes
// nothing; the group of each is its execution. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/instant.h"
#include "base/json.h"
#include "base/result.h"
#include "platform/commit.h"

namespace ow::workflow {

struct TransitionMessage {
  enum class Kind : std::uint8_t {
    start,  // makes the execution
    step,   // goes on from the durable step it names; also sent by the execution's timer
    nudge,  // ends a wait
  };
  Kind kind = Kind::step;
  std::int64_t step = 0;
  std::string definition = {};
  base::Json input = {};
  base::Instant at = {};
};

std::string to_body(const TransitionMessage& message);
/// Error malformed.
base::Result<TransitionMessage> parse_body(std::string_view body);

/// `tail` makes the id unique within the execution.
platform::OutMessage out_message(const base::ExecutionId& execution, std::string_view tail,
                                 const TransitionMessage& message, std::string traceparent);
/// The same for the execution's timer, to the queue of those that are due.
platform::OutMessage due_message(const base::ExecutionId& execution, std::string_view tail,
                                 const TransitionMessage& message, std::string traceparent);

platform::Key execution_key(const base::ExecutionId& execution);
/// An execution has one timer: the earliest of what it waits for.
std::string timer_name(const base::ExecutionId& execution);

}  // namespace ow::workflow
