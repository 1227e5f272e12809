// See execution_edit.h.
#include "workflow/execution_edit.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/bounds.h"
#include "workflow/bounds.h"
#include "workflow/history_pages.h"
#include "workflow/transition_message.h"

namespace ow::workflow {
namespace {

using platform::Commit;

constexpr std::size_t kRecordEnvelopeBytes = 1024;
/// Record, next message or timer, a timer to cancel, the ack, a page of history.
constexpr std::size_t kOwnKeysMax = 5;

}  // namespace

std::size_t edit_keys_max() { return kOwnKeysMax + 2 * bounds::kLargePayloadsPerCommitMax; }

std::string_view listing_status(const Execution& execution) {
  return execution.pause && !states::is_finished(execution.status) ? "paused" : to_text(execution.status);
}

base::Instant since(const Execution& execution) {
  return execution.status == states::ExecutionStatus::running ? execution.root.entered : execution.changed;
}

std::string listing_sort(base::Instant since, std::string_view id) {
  return fmt::format("{:016x}{}{}", std::max<std::int64_t>(since.us, 0), id.empty() ? "" : "/", id);
}

ExecutionEdit::ExecutionEdit(const platform::Clock& clock, std::shared_ptr<const states::Definition> definition,
                             Execution execution, platform::Version version, std::string traceparent,
                             base::Duration kept, bool timer_pending)
    : clock_(clock),
      definition_(std::move(definition)),
      execution_(std::move(execution)),
      version_(version),
      traceparent_(std::move(traceparent)),
      kept_(kept),
      timer_pending_(timer_pending),
      writer_(execution_.recent, execution_.started, execution_.input) {}

void ExecutionEdit::follow(std::shared_ptr<const states::Definition> definition, std::int64_t version) {
  definition_ = std::move(definition);
  execution_.version = version;
}

void ExecutionEdit::apply(states::Event event) {
  event.now = clock_.now();
  states::step(*definition_, execution_, std::move(event), [this](const states::Passage& passage) {
    ++passages_;
    writer_.add(passage);
  });
}

void ExecutionEdit::mark(std::string_view what, std::string_view by, std::string_view why) {
  writer_.add(OperatorMark{std::string(what), std::string(by), std::string(why), clock_.now()});
}

bool ExecutionEdit::is_full() const {
  return writer_.large_bytes() > bounds::kLargePayloadBytesPerCommitMax ||
         writer_.large_count() > bounds::kLargePayloadsPerCommitMax;
}

/// The record's value. An execution whose data outgrew a record fails, so that it can be written at all.
std::string ExecutionEdit::render() {
  auto text = to_text(to_json(execution_));
  if (text.size() + kRecordEnvelopeBytes <= base::bounds::kRecordBytesMax) return text;
  execution_.status = states::ExecutionStatus::failed;
  execution_.error = "States.DataLimitExceeded";
  execution_.cause = "The execution's data outgrew its record.";
  execution_.input = base::Json();
  execution_.output = base::Json();
  execution_.root = states::Thread();
  return to_text(to_json(execution_));
}

Commit ExecutionEdit::finish() {
  Commit commit;
  ++execution_.step;
  execution_.changed = clock_.now();
  turn_page(commit);
  add_payloads(commit);
  platform::Record record{
      .key = execution_key(base::ExecutionId(execution_.id)), .kind = "execution", .value = render()};
  record.indexes = {{std::string(kExecutionIndex), std::string(listing_status(execution_)),
                     listing_sort(since(execution_), execution_.id)}};
  add_next(commit);
  if (states::is_finished(execution_.status)) record.expires = execution_.changed + kept_;
  commit.put(std::move(record), platform::Expect::at(version_));
  return commit;
}

void ExecutionEdit::turn_page(Commit& commit) {
  auto& recent = execution_.recent;
  const bool full =
      recent.entries.size() > bounds::kHistoryEntriesInRecordMax || recent.bytes > bounds::kHistoryBytesInRecordMax;
  if (!full) return;
  commit.put(page_record(execution_.id, execution_.pages, recent, history_expiry()));
  ++execution_.pages;
  const auto next = recent.next();
  recent = HistoryPart();
  recent.first = next;
}

base::Instant ExecutionEdit::history_expiry() const { return clock_.now() + kept_ + bounds::kHistoryKeptLonger; }

void ExecutionEdit::add_payloads(Commit& commit) {
  for (auto& payload : writer_.take_large())
    commit.put(payload_record(execution_.id, std::move(payload), history_expiry()));
}

/// A running execution has one message or one timer that names its step, never both; a paused one has neither.
void ExecutionEdit::add_next(Commit& commit) const {
  const base::ExecutionId id(execution_.id);
  const auto action = execution_.pause ? states::Action() : states::next_action(*definition_, execution_);
  const auto deadline = states::execution_deadline(*definition_, execution_);
  const auto due = deadline ? std::min(action.due, *deadline) : action.due;
  const bool timed = action.kind == states::Action::Kind::wait && due != states::kNever;
  if (timer_pending_ && !timed) commit.cancel_timer(timer_name(id));
  if (action.kind == states::Action::Kind::finished || (action.kind == states::Action::Kind::wait && !timed)) return;
  const auto tail = std::to_string(execution_.step);
  const TransitionMessage message{.step = execution_.step};
  if (timed) {
    commit.schedule({timer_name(id), due, due_message(id, tail, message, traceparent_)});
  } else {
    commit.send(out_message(id, tail, message, traceparent_));
  }
}

}  // namespace ow::workflow
