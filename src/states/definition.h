// A States Language definition (JSONPath dialect) as an immutable typed model, parsed and validated at once.
// Source: states-language.net. Shared between threads once made.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/instant.h"
#include "base/json.h"
#include "base/result.h"
#include "states/choice.h"
#include "states/path.h"
#include "states/template.h"

namespace ow::states {

struct StateMachine;

struct Retrier {
  std::vector<std::string> errors;
  base::Duration interval = std::chrono::seconds(1);
  std::int64_t attempts_max = 3;
  double backoff_rate = 2.0;
  std::optional<base::Duration> delay_max;
  bool full_jitter = false;
};

/// A path member that may be absent (the whole, `$`), null (nothing) or a path.
struct PathMember {
  bool discard = false;
  std::optional<Path> path;
};

struct Catcher {
  std::vector<std::string> errors;
  std::string next;
  PathMember result_path;
  std::optional<Template> assign;
};

/// Seconds, a count or a percentage: as written, or read from the input when the state is entered.
struct NumberMember {
  std::optional<double> value;
  std::optional<Path> path;
  bool whole = true;

  bool is_set() const { return value || path; }
};

struct TaskDetail {
  std::string resource;   // without `.waitForTaskToken`
  bool callback = false;  // its result comes by its task token
  NumberMember timeout;
  NumberMember heartbeat;
};
struct PassDetail {
  std::optional<base::Json> result;
};
struct ChoiceBranch {
  ChoiceRule rule;
  std::string next;
  std::optional<Template> assign;
};
struct ChoiceDetail {
  std::vector<ChoiceBranch> branches;
  std::string otherwise;  // Default; empty: none
};
struct WaitDetail {
  NumberMember span;
  std::optional<base::Instant> until;
  std::optional<Path> until_path;
};
struct SucceedDetail {};
struct FailDetail {
  std::string error;
  std::string cause;
  std::optional<Expression> error_path;
  std::optional<Expression> cause_path;
};
struct ParallelDetail {
  std::vector<std::shared_ptr<const StateMachine>> branches;
};
struct MapDetail {
  std::shared_ptr<const StateMachine> processor;
  std::optional<Path> items_path;
  std::optional<Template> item_selector;
  NumberMember concurrency_max;  // 0: no limit
  NumberMember tolerated_count;
  NumberMember tolerated_percentage;
};

struct State {
  std::string name;
  PathMember input_path;
  PathMember output_path;
  PathMember result_path;
  std::optional<Template> parameters;
  std::optional<Template> result_selector;
  std::optional<Template> assign;
  std::vector<Retrier> retriers;
  std::vector<Catcher> catchers;
  std::string next;  // empty: ends its machine
  std::variant<TaskDetail, PassDetail, ChoiceDetail, WaitDetail, SucceedDetail, FailDetail, ParallelDetail, MapDetail>
      detail;
};

struct StateMachine {
  std::string start_at;
  std::map<std::string, State, std::less<>> states;

  const State* find(std::string_view name) const;
};

struct Definition {
  StateMachine machine;
  std::optional<base::Duration> timeout;  // of a whole execution
  /// Some expression reads the context object, or draws at random; others save the cost.
  bool uses_context = false;
  bool uses_random = false;
  /// Some task hands out a token.
  bool uses_callbacks = false;

  /// Error malformed; one violation per problem, each naming place and rule
  /// ("States.Charge.Retry[0].MaxAttempts must be an integer >= 0").
  static base::Result<std::shared_ptr<const Definition>> parse(std::string_view text);

  /// Calls `visit` for every Task state, nested ones included.
  void each_task(const std::function<void(const State& state, const TaskDetail& task)>& visit) const;
};

}  // namespace ow::states
