// A change of one execution on its way to a Commit: steps of the machine and what operators do are applied to
// it, then finish() says what is to be written: the record, its history, and the message or timer that moves it
// next. Loop thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "platform/clock.h"
#include "platform/commit.h"
#include "states/machine.h"
#include "workflow/execution.h"

namespace ow::workflow {

/// The index of executions: partition = listing status, sort = since when in that place, then the id.
inline constexpr std::string_view kExecutionIndex = "executions";

/// The status that operators see: that of the execution, or "paused".
std::string_view listing_status(const Execution& execution);
/// Since when the execution is where it is: in its current outermost state, or ended.
base::Instant since(const Execution& execution);
std::string listing_sort(base::Instant since, std::string_view id);

class ExecutionEdit {
 public:
  /// `version` is the record's, 0 for a new execution; `kept`: how long it stays after its end. `timer_pending`: a
  /// timer of it may exist.
  ExecutionEdit(const platform::Clock& clock, std::shared_ptr<const states::Definition> definition, Execution execution,
                platform::Version version, std::string traceparent, base::Duration kept, bool timer_pending);
  ExecutionEdit(const ExecutionEdit&) = delete;
  ExecutionEdit& operator=(const ExecutionEdit&) = delete;

  Execution& execution() { return execution_; }
  const Execution& execution() const { return execution_; }
  const states::Definition& definition() const { return *definition_; }
  platform::Version version() const { return version_; }

  /// From here on the execution follows this definition.
  void follow(std::shared_ptr<const states::Definition> definition, std::int64_t version);
  /// Sets the event's time.
  void apply(states::Event event);
  void mark(std::string_view what, std::string_view by, std::string_view why);
  void expect_timer() { timer_pending_ = true; }
  /// More transitions' payloads do not fit into this commit.
  bool is_full() const;
  std::size_t payload_bytes() const { return writer_.large_bytes(); }

  /// The parts that make the change durable, conditioned on the version; once.
  platform::Commit finish();

 private:
  std::string render();
  void turn_page(platform::Commit& commit);
  void add_payloads(platform::Commit& commit);
  base::Instant history_expiry() const;
  void add_next(platform::Commit& commit) const;

  const platform::Clock& clock_;
  std::shared_ptr<const states::Definition> definition_;
  Execution execution_;
  platform::Version version_;
  std::string traceparent_;
  base::Duration kept_;
  bool timer_pending_;
  HistoryWriter writer_;
  int passages_ = 0;
};

/// Keys that finish() may use: record, message or timer, page, large payloads.
std::size_t edit_keys_max();

}  // namespace ow::workflow
