// See offline_run.h.
#include "states/offline_run.h"

#include <cmath>
#include <set>

#include "base/json_fields.h"
#include "states/machine.h"

namespace ow::states {
namespace {

using base::Json;
using base::text_or_null;

/// As many events as the service keeps of one execution.
constexpr int kStepsMax = 25'000;

Json seconds(base::Duration delay) {
  const double value = std::chrono::duration<double>(delay).count();
  return std::floor(value) == value ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

class OfflineRun {
 public:
  OfflineRun(const Definition& definition, Json input, const Json& mocks)
      : definition_(definition),
        mocks_(mocks),
        execution_(begin_execution(definition, "offline", std::move(input), {})) {
    execution_.definition = "offline";
  }

  Json run() {
    for (int taken = 0; execution_.status == ExecutionStatus::running; ++taken) {
      if (taken == kStepsMax) return report(Json("FAILED"), {kRuntimeError, "The execution takes too many steps."});
      take_step();
    }
    const bool succeeded = execution_.status == ExecutionStatus::succeeded;
    return report(Json(succeeded ? "SUCCEEDED" : "FAILED"), {execution_.error, execution_.cause});
  }

 private:
  void take_step() {
    auto action = next_action(definition_, execution_);
    Event event{.at = action.at};
    switch (action.kind) {
      case Action::Kind::proceed:
        event.kind = Event::Kind::proceed;
        visited_.push_back(Json(action.state));
        break;
      case Action::Kind::wait:
        event.kind = Event::Kind::due;
        now_ = std::max(now_, action.due);
        break;
      case Action::Kind::run_task:
        call(action, event);
        break;
      case Action::Kind::finished:
        return;
    }
    if (const auto deadline = execution_deadline(definition_, execution_); deadline && now_ >= *deadline) {
      event.kind = Event::Kind::expired;
    }
    event.now = now_;
    if (const auto notice = step(definition_, execution_, std::move(event))) remember(*notice);
  }

  void call(const Action& action, Event& event) {
    event.kind = Event::Kind::threw;
    if (action.refused) {
      event.failure = *action.refused;
      return;
    }
    const auto calls = attempts_.integer_at(action.state).value_or(0);
    attempts_.set(action.state, Json(calls + 1));
    const auto* list = mocks_.find(action.state);
    if (list == nullptr || static_cast<std::size_t>(calls) >= list->as_array().size()) {
      event.failure = {kRuntimeError,
                       "There is no mock for call " + std::to_string(calls + 1) + " of '" + action.state + "'."};
      return;
    }
    answer(list->as_array()[static_cast<std::size_t>(calls)], event);
  }

  static void answer(const Json& mock, Event& event) {
    if (const auto* thrown = mock.find("throw")) {
      event.failure = {thrown->text_at("error"), thrown->text_at("cause")};
      return;
    }
    event.kind = Event::Kind::returned;
    event.output = *mock.find("return");
  }

  void remember(const RetryNotice& notice) {
    if (retry_waits_.find(notice.state) == nullptr) retry_waits_.set(notice.state, Json::array());
    retry_waits_.find(notice.state)->push_back(seconds(notice.delay));
  }

  Json report(Json status, const TaskFailure& failure) {
    auto report = Json::object({{"status", std::move(status)}});
    if (execution_.status == ExecutionStatus::succeeded) {
      report.set("output", execution_.output);
    } else {
      report.set("error", text_or_null(failure.error));
      report.set("cause", text_or_null(failure.cause));
    }
    report.set("visited", Json(std::move(visited_)));
    report.set("attempts", std::move(attempts_));
    report.set("retry_waits_s", std::move(retry_waits_));
    return report;
  }

  const Definition& definition_;
  const Json& mocks_;
  Execution execution_;
  base::Instant now_;
  Json::Array visited_;
  Json attempts_ = Json::object();
  Json retry_waits_ = Json::object();
};

bool is_mock(const Json& mock) {
  if (!mock.is_object() || mock.as_object().size() != 1) return false;
  const auto* thrown = mock.find("throw");
  return mock.find("return") != nullptr || (thrown != nullptr && thrown->string_at("error"));
}

std::optional<std::string> list_problem(const std::string& state, const Json& list) {
  if (!list.is_array()) return "mocks." + state + " must be a list";
  for (std::size_t at = 0; at < list.as_array().size(); ++at) {
    if (is_mock(list.as_array()[at])) continue;
    return "mocks." + state + "[" + std::to_string(at) + "] must be {\"return\": …} or {\"throw\": {\"error\": …}}";
  }
  return std::nullopt;
}

}  // namespace

base::Result<void> check_mocks(const Definition& definition, const Json& mocks) {
  const auto refuse = [](std::string why) {
    return base::fail(base::ErrorCode::malformed, "invalid_mocks", std::move(why));
  };
  if (mocks.is_null()) return {};
  if (!mocks.is_object()) return refuse("mocks must be an object");
  std::set<std::string> tasks;
  definition.each_task([&tasks](const State& state, const TaskDetail&) { tasks.insert(state.name); });
  for (const auto& [state, list] : mocks.as_object()) {
    if (!tasks.contains(state)) return refuse("mocks." + state + " names no Task state");
    if (auto problem = list_problem(state, list)) return refuse(std::move(*problem));
  }
  return {};
}

Json run_offline(const Definition& definition, Json input, const Json& mocks) {
  return OfflineRun(definition, std::move(input), mocks).run();
}

}  // namespace ow::states
