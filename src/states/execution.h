// The state of one execution: plain data that reads from and writes to JSON. A state machine under way is a
// thread; a Parallel or Map state has one child thread per branch or item, so a position is a path in a tree.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/json.h"
#include "base/result.h"

namespace ow::states {

enum class ExecutionStatus : std::uint8_t { running, succeeded, failed, parked, stopped };

std::string_view to_text(ExecutionStatus status);

/// Where a thread stands in its current state.
enum class Phase : std::uint8_t {
  ready,     // at the state, not yet entered
  working,   // its task is to be run
  waiting,   // in a Wait until `due`
  retrying,  // before another attempt at `due`
  forked,    // its children run
  pending,   // an item that waits for room (MaxConcurrency)
  done,      // `input` is its output
  failed,    // an item that failed within the tolerated number; else what the execution failed in
  awaiting,  // handed its task token out; its callback is awaited until `due`
};

struct Thread {
  std::string state;
  base::Json input;      // of the current state, before InputPath
  base::Json variables;  // assigned in this scope; null or an object
  Phase phase = Phase::ready;
  std::int64_t entry = 0;  // the number of this entry of a state, unique in the execution
  base::Instant entered;
  base::Instant begun;   // of the current attempt; TimeoutSeconds counts from here
  base::Instant beaten;  // awaiting: the last heartbeat
  base::Instant due;     // kNever: nothing but an event from outside moves it
  int attempt = 1;
  int postponed = 0;               // times in a row that the attempt's outcome stayed unknown
  std::vector<int> retries;        // used up, by retrier
  std::optional<base::Json> item;  // of a Map
  std::vector<Thread> children;
};

inline constexpr base::Instant kNever{std::numeric_limits<std::int64_t>::max()};

struct Execution {
  std::string id;
  std::string definition;
  std::int64_t version = 1;  // of the definition
  base::Json input;
  base::Instant started;
  base::Instant clock;  // the whole execution's TimeoutSeconds counts from here
  base::Instant changed;
  ExecutionStatus status = ExecutionStatus::running;
  std::int64_t entries = 0;  // entries of states so far
  Thread root;
  base::Json output;
  std::string error;
  std::string cause;
  std::string secret;  // key of its task tokens; empty when its definition has none
};

/// Finished: nothing moves it but a redrive.
bool is_finished(ExecutionStatus status);

/// Indexes of children from the root.
using Position = std::vector<std::size_t>;

base::Json to_json(const Execution& execution);
/// Error internal when this is no execution.
base::Result<Execution> execution_from_json(const base::Json& json);

}  // namespace ow::states
