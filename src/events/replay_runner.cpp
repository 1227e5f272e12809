// See replay_runner.h.
#include "events/replay_runner.h"

#include <algorithm>

#include "base/bounds.h"
#include "events/routing.h"
#include "platform/event_form.h"

namespace ow::events {

using base::Json;
using base::Result;
using platform::Commit;
using platform::Event;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kEventsReadAtOnce = 500;
// With the record, the next step's message and the ack well below the keys and bytes of one commit.
constexpr std::size_t kMessagesPerStep = 80;
constexpr std::size_t kBytesPerStep = 2 << 20;
constexpr std::int64_t kStepsPerSecond = 4;  // of a replay with a rate
/// An event may lie in the log a little before or behind its time: commits take a while, clocks are set.
constexpr auto kTimeSlack = 60s;
constexpr auto kWaitForLog = 1s;
/// So many rules are counted one by one.
constexpr std::size_t kRulesCountedMax = 100;
constexpr std::size_t kRulesKeptMax = 32;

std::size_t messages_max(const Replay& replay) {
  if (!replay.rate) return kMessagesPerStep;
  return static_cast<std::size_t>(std::clamp<std::int64_t>(*replay.rate / kStepsPerSecond, 1, kMessagesPerStep));
}

base::Duration pause_after(const Replay& replay, std::size_t sent) {
  if (!replay.rate) return {};
  return std::chrono::duration_cast<base::Duration>(1s) * static_cast<std::int64_t>(sent) / *replay.rate;
}

/// In the order of match(): rules by name, then their targets.
std::string target_name(const platform::RuleTarget& target) { return target.rule + " " + target.place; }

}  // namespace

platform::OutMessage step_message(const Replay& replay, base::Duration delay) {
  platform::OutMessage message;
  message.queue = kReplayQueue;
  message.id = base::MessageId(replay.id + "/" + std::to_string(replay.step));
  message.group = replay.id;
  message.body = to_text(Json::object({{"replayId", replay.id}}));
  message.delay = delay;
  return message;
}

/// One step under way.
struct ReplayRunner::Step {
  Replay replay;
  const ReplayRules& rules;
  const std::optional<rules::Pattern> pattern;
  Commit commit = {};
  std::size_t sent = 0;

  bool selected(const Event& event) const {
    if (replay.from && event.time < *replay.from) return false;
    if (replay.to && event.time >= *replay.to) return false;
    return !pattern ||
           pattern->match(rules::event_form({event.subject, event.type, event.source, event.data, event.time, {}}));
  }

  bool is_full() const { return sent >= messages_max(replay) || commit.byte_count() >= kBytesPerStep; }

  void count(const platform::RuleTarget& target) {
    auto name = target.rule;
    if (replay.by_rule.find(name) == nullptr && replay.by_rule.as_object().size() >= kRulesCountedMax)
      name = "(others)";
    replay.by_rule.set(name, replay.by_rule.integer_at(name).value_or(0) + 1);
  }

  void send(const Event& event, const platform::RuleTarget& target) {
    count(target);
    if (replay.dry_run) return;
    const auto is_declared = [this](const std::string& queue) { return rules.is_declared(queue); };
    auto routed = routed_message(event, target, replay.id, is_declared);
    if (routed.dead_lettered) ++replay.dead_lettered;
    commit.send(std::move(routed.message));
    ++replay.sent;
    ++sent;
  }

  /// False when the step is full before all targets of the event were served.
  bool take(const Event& event) {
    const auto targets = selected(event) ? rules.match(event) : std::vector<platform::RuleTarget>();
    for (const auto& target : targets) {
      if (!replay.last_target.empty() && target_name(target) <= replay.last_target) continue;
      if (is_full()) return false;
      send(event, target);
      replay.last_target = target_name(target);
    }
    replay.last_target.clear();
    replay.cursor = event.cursor;
    replay.number = event.number;
    replay.position = event.time;
    ++replay.scanned;
    if (!targets.empty()) ++replay.matched;
    return true;
  }

  bool is_behind_end(const Event& event) const { return event.time >= replay.to.value_or(replay.created) + kTimeSlack; }
};

ReplayRules& ReplayRunner::rules_of(const Replay& replay) {
  if (!rules_.contains(replay.id) && rules_.size() >= kRulesKeptMax) rules_.clear();
  return rules_.try_emplace(replay.id, ports_, replay.rules).first->second;
}

base::Task<Result<std::vector<Event>>> ReplayRunner::next_events(Replay& replay) {
  if (!replay.subject.empty()) {
    co_return co_await ports_.event_log.by_subject(replay.subject, replay.number, kEventsReadAtOnce);
  }
  if (replay.cursor.empty() && replay.from) {
    const auto start = co_await ports_.event_log.cursor_at(*replay.from - kTimeSlack);
    if (!start) co_return base::fail(start.error());
    replay.cursor = *start;
  }
  auto page = co_await ports_.event_log.after(replay.cursor, kEventsReadAtOnce);
  if (!page) co_return base::fail(page.error());
  replay.cursor = page->events.empty() ? page->next_cursor : replay.cursor;
  co_return std::move(page->events);
}

base::Task<Result<Commit>> ReplayRunner::step(platform::Delivery delivery) {
  const auto body = base::parse_json(delivery.body);
  const auto id = body ? std::string(body->string_at("replayId").value_or("")) : std::string();
  const auto record = co_await platform::get_one(ports_.store, replay_key(id));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return Commit();
  auto replay = replay_from(**record);
  if (!replay) co_return base::fail(replay.error());
  // A step that was asked for twice: the later message is on its way.
  if (replay->status != Replay::Status::running || step_message(*replay, {}).id != delivery.id) co_return Commit();
  const auto refreshed = co_await rules_of(*replay).refresh();
  if (!refreshed && refreshed.error().code == base::ErrorCode::not_found) {
    co_return end(std::move(*replay), Replay::Status::failed, refreshed.error().message);
  }
  if (!refreshed) co_return base::fail(refreshed.error());
  auto events = co_await next_events(*replay);
  // A cursor of before a restore, say: trying again does not help.
  if (!events && events.error().code == base::ErrorCode::malformed) {
    co_return end(std::move(*replay), Replay::Status::failed, events.error().message);
  }
  if (!events) co_return base::fail(events.error());
  co_return run(std::move(*replay), std::move(*events));
}

Result<Commit> ReplayRunner::run(Replay replay, std::vector<Event> events) {
  std::optional<rules::Pattern> pattern;
  if (!replay.pattern.is_null()) {
    auto compiled = rules::Pattern::compile(replay.pattern);
    if (!compiled) return end(std::move(replay), Replay::Status::failed, compiled.error().message);
    pattern = std::move(*compiled);
  }
  const auto& rules = rules_of(replay);
  Step step{std::move(replay), rules, std::move(pattern)};
  bool ended = false;
  for (const auto& event : events) {
    ended = step.is_behind_end(event);
    if (ended || !step.take(event)) break;
    ended = event.id.text == step.replay.end_event;
    if (ended) break;
  }
  const auto now = ports_.clock.now();
  const bool nothing_left = events.empty() && step.replay.last_target.empty();
  // The log may still show what was committed before the end; a subject's events are shown at once.
  const auto shown = step.replay.to.value_or(step.replay.created) + kTimeSlack;
  if (nothing_left && (!step.replay.subject.empty() || now >= shown)) ended = true;
  auto commit = std::move(step.commit);
  if (ended) {
    auto ending = end(std::move(step.replay), Replay::Status::completed, {});
    if (!ending) return ending;
    commit.merge(std::move(*ending));
    return commit;
  }
  ++step.replay.step;
  commit.put(replay_record(step.replay), platform::Expect::at(step.replay.version));
  commit.send(
      step_message(step.replay, nothing_left ? base::Duration(kWaitForLog) : pause_after(step.replay, step.sent)));
  return commit;
}

Result<Commit> ReplayRunner::end(Replay replay, Replay::Status status, std::string reason) {
  rules_.erase(replay.id);
  replay.status = status;
  replay.reason = std::move(reason);
  replay.finished = ports_.clock.now();
  Commit commit;
  commit.put(replay_record(replay), platform::Expect::at(replay.version));
  return commit;
}

}  // namespace ow::events
