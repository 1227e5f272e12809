// The way from an execution's root to one of its threads, and what expressions of that thread read: input,
// variables of all enclosing scopes, context object. Used within one step of the machine.
#pragma once

#include <vector>

#include "states/definition.h"
#include "states/execution.h"

namespace ow::states {

/// A thread with the machine it runs and the state it is in.
struct Spot {
  Thread* thread = nullptr;
  const StateMachine* machine = nullptr;
  const State* state = nullptr;  // nullptr: the definition has no such state (any more)
};

/// From the root (front) to the thread (back).
using Trail = std::vector<Spot>;

/// Never empty; ends above the position where that does not exist (any more).
Trail find_trail(const Definition& definition, Thread& root, const Position& position);

/// The machine of a child thread; nullptr when the state has none.
const StateMachine* child_machine(const State& state, std::size_t index);

/// Owns what the scope points to. Randomness derives from execution and entry, so that a repeated evaluation
/// gives the same.
class Reading {
 public:
  /// `level`: the thread's place in the trail. All arguments outlive this.
  Reading(const Definition& definition, const Execution& execution, const Trail& trail, std::size_t level);
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  /// The scope with this as `$`.
  const Scope& of(const base::Json& input);
  /// Adds `Map.Item` to the context, while items are made.
  void set_item(std::size_t index, const base::Json& value);

 private:
  bool uses_context_;
  base::Json context_;
  std::uint64_t random_;
  Scope scope_;
};

}  // namespace ow::states
