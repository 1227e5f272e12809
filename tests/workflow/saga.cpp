// See saga.h.
#include "workflow/saga.h"

namespace ow::workflow_test {

using base::Json;
using base::Result;
using base::Task;
using workflow::TaskFailure;
using workflow::TaskInput;
using workflow::TaskOutcome;

const char* const kSaga = R"({
  "StartAt": "Validate",
  "States": {
    "Validate": {"Type": "Task", "Resource": "pure:validate", "ResultPath": null, "Next": "Reserve"},
    "Reserve": {"Type": "Task", "Resource": "pure:reserve", "ResultPath": null, "Next": "Charge"},
    "Charge": {
      "Type": "Task", "Resource": "gateway:charge", "ResultPath": "$.charge", "TimeoutSeconds": 300,
      "Retry": [{"ErrorEquals": ["Gateway.Busy"], "IntervalSeconds": 2, "MaxAttempts": 3, "BackoffRate": 2}],
      "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Release"}],
      "Next": "Confirm"
    },
    "Confirm": {
      "Type": "Task", "Resource": "pure:confirm",
      "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Refund"}],
      "End": true
    },
    "Refund": {"Type": "Task", "Resource": "gateway:refund", "ResultPath": null, "Next": "Release"},
    "Release": {"Type": "Task", "Resource": "pure:release", "ResultPath": null, "Next": "Failed"},
    "Failed": {"Type": "Fail", "ErrorPath": "$.failure.Error", "CausePath": "$.failure.Cause"}
  }
})";

namespace {

TaskOutcome note(const TaskInput& input, const std::string& what) {
  TaskOutcome outcome;
  outcome.commit.event(
      {.subject = input.execution.text, .type = what, .source = "test", .data = "{}", .time = input.entered});
  return outcome;
}

Task<Result<TaskOutcome>> pure(TaskInput input, std::string name) {
  auto outcome = note(input, name);
  outcome.output = Json::object({{"done", name}});
  if (name == "confirm" && input.input.bool_at("confirmFails") == true) {
    outcome.failure = TaskFailure{"Order.NotConfirmed", "as asked"};
  }
  co_return outcome;
}

Task<Result<TaskOutcome>> charge(TaskInput input, Gateway& gateway) {
  gateway.calls.push_back(input.key + " " + std::to_string(input.attempt));
  if (gateway.throttled > 0) {
    --gateway.throttled;
    co_return TaskOutcome{.failure = TaskFailure{"Gateway.Busy", "later"}};
  }
  if (gateway.declines) {
    auto declined = note(input, "declined");
    declined.failure = TaskFailure{"Payment.Declined", "no money"};
    co_return declined;
  }
  gateway.charged_by_key[input.key] = 1;
  if (gateway.answers_lost > 0) {
    --gateway.answers_lost;
    co_return base::fail(base::ErrorCode::timed_out, "gateway_silent", "No answer.");
  }
  auto charged = note(input, "charge");
  charged.output = Json("ch_1");
  co_return charged;
}

Task<Result<TaskOutcome>> refund(TaskInput input, Gateway& gateway) {
  gateway.calls.push_back(input.key + " " + std::to_string(input.attempt));
  auto outcome = note(input, gateway.refund_fails ? "obligation" : "refund");
  if (gateway.refund_fails) outcome.failure = TaskFailure{"Workflow.Parked", "the gateway refuses"};
  co_return outcome;
}

}  // namespace

workflow::TaskRegistry saga_tasks(Gateway& gateway) {
  workflow::TaskRegistry tasks;
  for (const std::string name : {"validate", "reserve", "confirm", "release"}) {
    tasks["pure:" + name] = {[name](TaskInput input) { return pure(std::move(input), name); }};
  }
  tasks["gateway:charge"] = {[&gateway](TaskInput input) { return charge(std::move(input), gateway); }, true};
  tasks["gateway:refund"] = {[&gateway](TaskInput input) { return refund(std::move(input), gateway); }, true};
  return tasks;
}

}  // namespace ow::workflow_test
