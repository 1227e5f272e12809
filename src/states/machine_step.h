// The state of one step of the machine, shared by machine_step.cpp (a thread) and machine_fork.cpp (Parallel
// and Map). Nothing else includes this.
#pragma once

#include <optional>
#include <string>

#include "states/data_flow.h"
#include "states/machine.h"

namespace ow::states {

class Stepper {
 public:
  Stepper(const Definition& definition, Execution& execution, Event& event, const Journal& journal)
      : definition_(definition),
        execution_(execution),
        event_(event),
        journal_(journal),
        trail_(find_trail(definition, execution.root, event.at)) {}

  std::optional<RetryNotice> run();

 private:
  using Level = std::size_t;

  Thread& thread(Level level) { return *trail_[level].thread; }
  const State& state(Level level) { return *trail_[level].state; }

  bool is_reopening() const;
  void reopen(Thread& reopened);
  void await_again(Position& at);
  void dispatch(Level level);
  void await(Level level);
  void take_due(Level level);
  void enter(Level level);
  void enter_state(Level level, const TaskDetail& task);
  void enter_state(Level level, const PassDetail& pass);
  void enter_state(Level level, const ChoiceDetail& choice);
  void enter_state(Level level, const WaitDetail& wait);
  void enter_state(Level level, const SucceedDetail& succeed);
  void enter_state(Level level, const FailDetail& fail);
  void enter_state(Level level, const ParallelDetail& parallel);
  void enter_state(Level level, const MapDetail& map);

  Evaluated<base::Instant> wait_end(Level level, const WaitDetail& wait, Reading& reading);
  Evaluated<void> make_items(Level level, const MapDetail& map, const base::Json& effective, Reading& reading);
  Thread make_child(const StateMachine& machine, base::Json input);
  void fork(Level level);

  void look_done(Level level, const std::optional<Template>& assign, const std::string& next);
  void work_done(Level level, base::Json result);
  void settle(Level level, Evaluated<StateResult> result, const std::string& next);
  void leave(Level level, StateResult result, const std::string& next);
  void note(Level level, Ending ending, const TaskFailure& failure, const base::Json& output);
  void move_to(Thread& moved, const std::string& next, base::Json input);
  void wake(Level level);

  void raise(Level level, TaskFailure failure);
  bool retry(Level level, const TaskFailure& failure);
  bool divert(Level level, TaskFailure& failure);
  void fail_thread(Level level, TaskFailure failure);
  void join(Level level);
  void join_map(Level level, const MapDetail& map);
  void end_failed(TaskFailure failure, ExecutionStatus status);

  const Definition& definition_;
  Execution& execution_;
  Event& event_;
  const Journal& journal_;
  Trail trail_;
  std::optional<RetryNotice> notice_;
  std::optional<TaskFailure> caught_;  // while a catcher hands on
};

}  // namespace ow::states
