// What operators do with executions, and what those who hold a task token answer. Each function reads the
// execution and returns the parts that change it, conditioned on what was read: an answer that is given is
// durable and happens once. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/task.h"
#include "platform/clock.h"
#include "platform/store.h"
#include "workflow/definition_book.h"
#include "workflow/execution_edit.h"
#include "workflow/execution_record.h"

namespace ow::workflow {

/// Members that are empty do not filter.
struct ExecutionFilter {
  std::string status;  // listing_status()
  std::string definition;
  std::string error;
  /// In its place (state, or end) for at least this long.
  std::optional<base::Duration> stuck;
  std::size_t limit = 50;
  std::string cursor;
};

struct ExecutionPage {
  std::vector<Execution> executions;  // who moved last comes first
  std::string next_cursor;            // may be set although nothing more fits the filter
};

struct CallbackAnswer {
  enum class Kind : std::uint8_t { success, failure, heartbeat };
  Kind kind = Kind::heartbeat;
  base::Json output = {};
  states::TaskFailure failure = {};
};

class ExecutionControl {
 public:
  /// References outlive this. `kept`: how long an execution stays after its end.
  ExecutionControl(platform::Store& store, const platform::Clock& clock, DefinitionBook& definitions,
                   base::Duration kept)
      : store_(store), clock_(clock), definitions_(definitions), kept_(kept) {}

  /// Error malformed for a cursor that is none of this list.
  base::Task<base::Result<ExecutionPage>> list(ExecutionFilter filter);
  /// Error not_found.
  base::Task<base::Result<StoredExecution>> get(base::ExecutionId id);

  /// Ends it where it stands, with error Execution.Stopped; a redrive goes on from there. Error conflict when it
  /// has ended.
  base::Task<base::Result<platform::Commit>> stop(base::ExecutionId id, Actor actor);
  /// Nothing moves it until it is resumed. Error conflict when it has ended or is paused.
  base::Task<base::Result<platform::Commit>> pause(base::ExecutionId id, Actor actor);
  /// Time-outs go on from where the pause began; a Wait's end is a time of day and stays. Error conflict when it
  /// is not paused, or its definition is.
  base::Task<base::Result<platform::Commit>> resume(base::ExecutionId id, Actor actor);
  /// A failed, stopped or parked execution goes on from where it ended, under the keys of its entries, as the
  /// next attempt; on `version` of its definition if set. Errors conflict when it has not failed, unprocessable
  /// with a violation for each place that the version has nothing alike for.
  base::Task<base::Result<platform::Commit>> redrive(base::ExecutionId id, std::optional<std::int64_t> version,
                                                     Actor actor);

  /// Answers for the attempt that the token was made for. Errors not_found for a token that was never handed
  /// out, conflict when its attempt is over: answered before, out of time, or the execution has ended.
  base::Task<base::Result<platform::Commit>> answer(std::string token, CallbackAnswer answer);

  /// Holds an execution because its definition is paused; conditioned on the routing that says so.
  platform::Commit hold(StoredExecution stored, std::shared_ptr<const states::Definition> definition,
                        const Routing& routing, bool nudged) const;
  /// Lets go what hold() held. An empty commit when it is not held.
  base::Task<base::Result<platform::Commit>> release(base::ExecutionId id);

 private:
  base::Task<base::Result<std::unique_ptr<ExecutionEdit>>> edit(base::ExecutionId id);
  void go_on(ExecutionEdit& edit) const;

  platform::Store& store_;
  const platform::Clock& clock_;
  DefinitionBook& definitions_;
  base::Duration kept_;
};

}  // namespace ow::workflow
