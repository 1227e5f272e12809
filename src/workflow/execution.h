// An execution as it is stored: the language's state of it, and what operating it adds (who holds it, how often
// it was redriven, its history). Plain data that reads from and writes to JSON: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/instant.h"
#include "base/json.h"
#include "base/result.h"
#include "states/execution.h"
#include "workflow/history.h"

namespace ow::workflow {

/// Who holds an execution, since when and why. Messages that arrive meanwhile change nothing.
struct Pause {
  std::string by;
  std::string why;
  base::Instant at;
  bool of_definition = false;  // held because its definition is paused; the definition's resuming ends it
  bool nudged = false;         // a wait was to be cut short meanwhile
};

struct Execution : states::Execution {
  std::int64_t step = 0;  // durable steps taken; what a message must name to be current
  std::optional<Pause> pause = std::nullopt;
  int redrives = 0;
  HistoryPart recent = {};  // the end of its history
  std::int64_t pages = 0;   // of earlier history, in records of their own
};

/// One object with the members of both.
base::Json to_json(const Execution& execution);
/// Error internal when this is no execution.
base::Result<Execution> execution_from_json(const base::Json& json);

}  // namespace ow::workflow
