// See apply.h.
#include "engine/apply.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/bounds.h"
#include "engine/events.h"
#include "engine/receipt.h"
#include "platform/event_form.h"

namespace ow::engine {

using base::ErrorCode;
using base::fail;
using base::Result;
using platform::Commit;
using platform::CommitOutcome;
using platform::Conflict;
using platform::Expect;

namespace {

constexpr auto kSentIdKept = std::chrono::hours(14 * 24);

/// Without a condition of its own a commit may be made twice (by a caller that never saw the first answer),
/// so the ids of its messages are kept. With one, the second time is a conflict.
bool has_condition(const Commit& commit) {
  if (!commit.acks().empty()) return true;
  return std::any_of(commit.writes().begin(), commit.writes().end(), [](const auto& write) {
    const auto kind = write.second.expect.kind;
    return kind == Expect::Kind::absent || kind == Expect::Kind::version;
  });
}

/// The keys of acks whose receipts cannot be read, or whose queue nobody declared: never present.
std::string ack_key(const platform::Ack& ack, const CommitState& state) {
  const auto* queue = state.queue(ack.queue);
  const auto receipt = parse_receipt(ack.receipt);
  if (queue == nullptr || !receipt) return layout::message_key(0, {}, 0);
  if (receipt->due.us != 0) return layout::due_message_key(receipt->due, queue->number, receipt->sequence);
  return layout::message_key(queue->number, receipt->group, receipt->sequence);
}

class Application {
 public:
  Application(Batch& batch, Commit& commit, std::span<Cache::Entry* const> entries)
      : batch_(batch), commit_(commit), entries_(entries) {}

  Result<CommitOutcome> run() {
    if (auto problem = queue_problem()) return fail(ErrorCode::malformed, "queue_unusable", std::move(*problem));
    if (auto conflict = find_conflict()) return CommitOutcome{CommitOutcome::Kind::conflict, std::move(*conflict)};
    write();
    return CommitOutcome{};
  }

 private:
  bool is_declared(const std::string& queue) const { return batch_.state().queue(queue) != nullptr; }

  std::optional<std::string> queue_problem() {
    for (const auto& event : commit_.events()) {
      targets_.push_back(batch_.rules().match(event));
      for (const auto& target : targets_.back()) {
        if (is_declared(target.queue) || is_declared(target.dead_letter_queue)) continue;
        return fmt::format("The event rule {} names the queue {}, which nobody declared.", target.rule, target.queue);
      }
    }
    for (const auto& message : commit_.messages()) {
      const auto* queue = batch_.state().queue(message.queue);
      if (queue == nullptr) return fmt::format("Nobody declared the queue {}.", message.queue);
      if (queue->kind == platform::QueueKind::ordered && message.delay.count() != 0) {
        return fmt::format("The ordered queue {} takes no delayed messages.", message.queue);
      }
    }
    for (const auto& [name, timer] : commit_.timers()) {
      if (timer && batch_.state().queue(timer->message.queue) == nullptr) {
        return fmt::format("The timer {} names the queue {}, which nobody declared.", name, timer->message.queue);
      }
    }
    return std::nullopt;
  }

  std::optional<Conflict> find_conflict() {
    auto entry = entries_.begin();
    for (const auto& [key, write] : commit_.writes()) {
      if (!holds(write.expect, **entry++)) return Conflict{Conflict::Part::record, key, {}};
    }
    for (const auto& [key, moves] : commit_.moves()) {
      if (auto field = shortage(moves, **entry++)) return Conflict{Conflict::Part::counter, key, std::move(*field)};
    }
    for (const auto& ack : commit_.acks()) {
      if (!alive(ack, **entry++)) return Conflict{Conflict::Part::ack, {ack.queue, ack.id.text}, {}};
    }
    return std::nullopt;
  }

  bool holds(const Expect& expect, const Cache::Entry& entry) const {
    if (expect.kind == Expect::Kind::anything) return true;
    const auto* record = std::get_if<RecordPtr>(&entry.current());
    const bool there = record != nullptr && (!(*record)->expires || *(*record)->expires > batch_.now());
    if (expect.kind == Expect::Kind::absent) return !there;
    return there && (expect.kind == Expect::Kind::exists || (*record)->version == expect.version);
  }

  /// Does the moves on a copy, kept for write(). Gives the field that held too little.
  std::optional<std::string> shortage(const std::vector<platform::CounterMove>& moves, const Cache::Entry& entry) {
    const auto* before = std::get_if<CounterPtr>(&entry.current());
    bool exists = before != nullptr;
    platform::Counter counter = exists ? **before : platform::Counter();
    for (const auto& move : moves) {
      exists = exists || move.from.empty();
      if (!exists) return move.from;
      if (!move.from.empty()) {
        auto& from = counter[move.from];
        if (from < move.units) return move.from;
        from -= move.units;
      }
      if (!move.to.empty()) counter[move.to] += move.units;
    }
    counters_.push_back(std::move(counter));
    return std::nullopt;
  }

  bool alive(const platform::Ack& ack, const Cache::Entry& entry) const {
    const auto* queue = batch_.state().queue(ack.queue);
    const auto receipt = parse_receipt(ack.receipt);
    return queue != nullptr && receipt && Batch::alive(entry);
  }

  void write() {
    const Sequence sequence = batch_.take_sequence();
    auto entry = entries_.begin();
    auto [writes, events, messages] = commit_.contents();
    for (auto& [key, write] : writes) {
      tell_rules(key, write);
      write_record(**entry++, write, sequence);
    }
    for (auto& counter : counters_) batch_.put_counter(**entry++, std::move(counter));
    for (const auto& ack : commit_.acks()) consume(**entry++, ack);
    for (const auto& [name, timer] : commit_.timers()) write_timer(**entry++, name, timer);
    log_events(events, entry, sequence);
    for (auto& message : messages) send(message, entry);
  }

  /// A rule routes all commits that are checked once it is durable.
  void tell_rules(const platform::Key& key, const Commit::Write& write) {
    auto& rules = batch_.rules();
    if (key.partition != rules.partition() || write.condition_only) return;
    batch_.when_durable([&rules, name = key.sort, record = write.record](CommitState&) {
      const auto changed = rules.changed(name, record ? &*record : nullptr);
      OW_ASSERT(changed.has_value(), "a rule is checked before it is committed");
    });
  }

  void write_record(Cache::Entry& entry, Commit::Write& write, Sequence sequence) {
    if (write.record) {
      batch_.put_record(entry, std::move(*write.record), sequence);
    } else if (!write.condition_only) {
      batch_.erase_record(entry);
    }
  }

  void consume(Cache::Entry& entry, const platform::Ack& ack) {
    const auto receipt = parse_receipt(ack.receipt);
    const QueueNumber queue = batch_.state().queue(ack.queue)->number;
    if (receipt->due.us != 0) {
      batch_.consume_delayed(entry, queue, receipt->sequence, receipt->due, receipt->sent);
    } else {
      batch_.consume(entry, queue, receipt->sequence, receipt->sent);
    }
    batch_.free_id(queue, ack.id.text);
  }

  void write_timer(Cache::Entry& entry, const std::string& name, const std::optional<platform::Timer>& timer) {
    if (!timer) return batch_.erase_timer(entry, name);
    batch_.put_timer(entry, name, {timer->due, timer->message.queue, message_of(timer->message)});
  }

  Message message_of(platform::OutMessage out) const {
    Message message;
    message.id = std::move(out.id);
    message.group = std::move(out.group);
    message.body = std::move(out.body);
    message.traceparent = std::move(out.traceparent);
    message.sent = batch_.now();
    return message;
  }

  using EntryIterator = std::span<Cache::Entry* const>::iterator;

  void log_events(std::vector<platform::EventDraft>& drafts, EntryIterator& entry, Sequence sequence) {
    if (drafts.empty()) return;
    LogEntry log{batch_.now(), {}};
    log.events.reserve(drafts.size());
    for (auto& draft : drafts) log.events.push_back(numbered(std::move(draft), **entry++));
    batch_.put(layout::log_key(sequence), encode(log));
    write_subjects(log, sequence);
    for (std::uint32_t i = 0; i < log.events.size(); ++i) route(log.events[i], targets_[i], {sequence, i});
  }

  static platform::Event numbered(platform::EventDraft draft, Cache::Entry& head) {
    const auto* last = std::get_if<std::uint64_t>(&head.current());
    platform::Event event;
    event.number = (last != nullptr ? *last : 0) + 1;
    event.subject = std::move(draft.subject);
    event.type = std::move(draft.type);
    event.source = std::move(draft.source);
    event.data = std::move(draft.data);
    event.time = draft.time;
    event.traceparent = std::move(draft.traceparent);
    Batch::remember(head, event.number);
    return event;
  }

  /// One entry a subject, under the number of its first event.
  void write_subjects(const LogEntry& log, Sequence sequence) {
    for (auto event = log.events.begin(); event != log.events.end(); ++event) {
      const auto same = [&](const platform::Event& other) { return other.subject == event->subject; };
      if (std::any_of(log.events.begin(), event, same)) continue;
      const auto count = static_cast<std::uint64_t>(std::count_if(event, log.events.end(), same));
      batch_.put(layout::subject_key(event->subject, event->number), encode(SubjectEntry{sequence, count}));
    }
  }

  void route(platform::Event& event, const std::vector<platform::RuleTarget>& targets, EventPlace place) {
    if (targets.empty()) return;
    place_event(event, batch_.state().epoch, place);
    for (const auto& target : targets) {
      auto message = routed_message(event, target, place);
      const auto* queue = message.failure.empty() ? batch_.state().queue(target.queue) : nullptr;
      if (queue == nullptr) queue = batch_.state().queue(target.dead_letter_queue);
      batch_.send(queue->number, std::move(message));
    }
  }

  /// With a failure: a dead letter, which holds the event and why.
  Message routed_message(const platform::Event& event, const platform::RuleTarget& target, EventPlace place) const {
    Message message;
    message.id = platform::routed_message_id(event, target);
    message.group = event.subject;
    message.traceparent = event.traceparent;
    message.sent = batch_.now();
    auto body = target.shape == nullptr ? Result<std::string>(platform::event_bridge_text(event))
                                        : target.shape->body(event, {});
    if (!body) {
      message.failure = body.error().message;
    } else if (!is_declared(target.queue)) {
      message.failure = fmt::format("Nobody declared the queue {}.", target.queue);
    } else if (target.shape == nullptr) {
      message.event_sequence = place.sequence;
      message.event_index = place.index;
    }
    message.body =
        message.failure.empty() ? std::move(*body) : platform::dead_letter_text(event, target, message.failure);
    if (!message.failure.empty()) message.expires = batch_.now() + batch_.state().dead_letters_kept;
    return message;
  }

  void send(platform::OutMessage& out, EntryIterator& entry) {
    const QueueNumber queue = batch_.state().queue(out.queue)->number;
    if (!has_condition_ && !mark(**entry++, queue, out)) return;
    if (!batch_.claim_id(queue, out.id.text)) return;
    const auto due = batch_.now() + out.delay;
    if (out.delay.count() == 0) return batch_.send(queue, message_of(std::move(out)));
    batch_.delay(queue, message_of(std::move(out)), due);
  }

  /// Keeps the id from being sent again, also after it was consumed. False: it was sent before.
  bool mark(Cache::Entry& entry, QueueNumber queue, const platform::OutMessage& out) {
    const auto* expires = std::get_if<std::uint64_t>(&entry.current());
    if (expires != nullptr && static_cast<std::int64_t>(*expires) > batch_.now().us) return false;
    const base::Instant until = batch_.now() + kSentIdKept;
    batch_.put(layout::sent_id_key(queue, out.id.text), encode_expiry(until));
    Batch::remember(entry, static_cast<std::uint64_t>(until.us));
    return true;
  }

  Batch& batch_;
  Commit& commit_;
  const std::span<Cache::Entry* const> entries_;
  const bool has_condition_ = has_condition(commit_);
  std::vector<platform::Counter> counters_;
  std::vector<std::vector<platform::RuleTarget>> targets_;  // by event
};

}  // namespace

std::vector<std::string> deciding_keys(const Commit& commit, const CommitState& state) {
  std::vector<std::string> keys;
  keys.reserve(commit.writes().size() + commit.moves().size() + commit.acks().size() + commit.timers().size() +
               commit.events().size() + commit.messages().size());
  for (const auto& write : commit.writes()) keys.push_back(layout::record_key(write.first));
  for (const auto& move : commit.moves()) keys.push_back(layout::counter_key(move.first));
  for (const auto& ack : commit.acks()) keys.push_back(ack_key(ack, state));
  for (const auto& timer : commit.timers()) keys.push_back(layout::timer_key(timer.first));
  for (const auto& event : commit.events()) keys.push_back(layout::subject_key(event.subject, 1));
  if (has_condition(commit)) return keys;
  for (const auto& message : commit.messages()) {
    const auto* queue = state.queue(message.queue);
    keys.push_back(layout::sent_id_key(queue != nullptr ? queue->number : QueueNumber{0}, message.id.text));
  }
  return keys;
}

Result<CommitOutcome> apply(Batch& batch, Commit& commit, std::span<Cache::Entry* const> entries) {
  return Application(batch, commit, entries).run();
}

bool only_removes(const Commit& commit) {
  if (!commit.moves().empty() || !commit.events().empty() || !commit.messages().empty()) return false;
  const auto puts = [](const auto& write) { return write.second.record.has_value(); };
  const auto schedules = [](const auto& timer) { return timer.second.has_value(); };
  return std::none_of(commit.writes().begin(), commit.writes().end(), puts) &&
         std::none_of(commit.timers().begin(), commit.timers().end(), schedules);
}

}  // namespace ow::engine
