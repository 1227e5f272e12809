// What is told of one attempt of a state when it has ended: the machine tells it, a history keeps it. Plain
// data: any thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/instant.h"
#include "base/json.h"

namespace ow::states {

/// How an attempt of a state ended.
enum class Ending : std::uint8_t {
  succeeded,  // output
  retried,    // error; another attempt follows
  caught,     // error; output is what the catcher hands on
  failed,     // error; goes up to the enclosing state or ends the execution
  parked,     // error; waits for an operator
};

struct Passage {
  std::string state;
  std::string branch;  // "2" or "2/0": the item or branch, from the outermost; empty in the outermost machine
  std::int64_t entry = 0;
  int attempt = 1;
  base::Instant begun;
  base::Instant ended;
  Ending ending = Ending::succeeded;
  base::Json input;
  base::Json output;
  std::string error;
  std::string cause;
};

}  // namespace ow::states
