// A saga in the shape of an order's, with tasks that write down what they do: their effects are part of their
// commits, but for the gateway, which remembers by key like one outside.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "workflow/task_handler.h"

namespace ow::workflow_test {

extern const char* const kSaga;

/// Survives every crash of the bench.
struct Gateway {
  std::map<std::string, int> charged_by_key;
  std::vector<std::string> calls;  // "<key> <attempt>"
  int answers_lost = 0;            // this many calls charge, then answer an Error
  int throttled = 0;               // this many calls fail with "Gateway.Busy"
  bool declines = false;
  bool refund_fails = false;
};

/// Each task of `pure:<name>` appends an event of that name with the execution as subject.
workflow::TaskRegistry saga_tasks(Gateway& gateway);

}  // namespace ow::workflow_test
