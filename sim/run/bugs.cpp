// See bugs.h.
#include "sim/run/bugs.h"

#include <algorithm>

#include "events/replay_runner.h"
#include "sim/run/copier.h"
#include "sim/run/probe.h"
#include "workflow/workflows.h"

namespace ow::sim {
namespace {

using platform::Commit;

// Copies a commit part by part; the defects leave out or change some.
struct Parts {
  bool acks = true;
  bool releases = true;
  bool groups = true;
  bool deliveries = true;
  bool transitions = true;
  bool redriven = true;
  Bug replay = Bug::none;    // one of those of replays
  std::int64_t numbers = 0;  // added to the last number of a series of receipts
};

bool gives_numbers(const Commit& commit) {
  const auto series = [](const auto& entry) {
    return entry.second.record && entry.second.record->kind == "receipt-series";
  };
  return std::any_of(commit.writes().begin(), commit.writes().end(), series);
}

platform::Record moved_on(platform::Record series, std::int64_t numbers) {
  auto json = base::parse_json(series.value).value_or(base::Json::object());
  json.set("last", json.integer_at("last").value_or(0) + numbers);
  series.value = base::to_text(json);
  return series;
}

void copy_writes(const Commit& from, Commit& to, const Parts& parts) {
  for (const auto& [key, write] : from.writes()) {
    if (!parts.transitions && write.record && write.record->kind == "execution") continue;
    if (parts.numbers != 0 && write.record && write.record->kind == "receipt-series") {
      to.put(moved_on(*write.record, parts.numbers), write.expect);
      continue;
    }
    if (write.condition_only) {
      to.require(key, write.expect);
    } else if (write.record) {
      to.put(*write.record, write.expect);
    } else {
      to.erase(key, write.expect);
    }
  }
}

void copy_moves(const Commit& from, Commit& to, bool releases) {
  for (const auto& [key, moves] : from.moves()) {
    for (const auto& move : moves) {
      if (!releases && move.from == "held" && move.to == "available") continue;
      to.move(key, move.from, move.to, move.units);
    }
  }
}

bool takes_out_dead_letters(const Commit& commit) {
  const auto dead = [](const platform::Ack& ack) { return ack.queue.ends_with(".dlq"); };
  return std::any_of(commit.acks().begin(), commit.acks().end(), dead);
}

/// What of a replay's step goes to the consumer of copies.
std::vector<platform::OutMessage> replayed_wrongly(const Commit& from, Bug bug) {
  std::vector<platform::OutMessage> copies;
  for (const auto& message : from.messages()) {
    if (message.queue == kCopyQueue) copies.push_back(message);
  }
  if (copies.empty()) return copies;
  if (bug == Bug::skipped_replay) copies.pop_back();
  if (bug == Bug::swapped_replay) std::ranges::reverse(copies);
  if (bug == Bug::doubled_replay) {
    copies.push_back(copies.back());
    copies.back().id.text += "-again";
  }
  return copies;
}

bool is_step_of_replay(const Commit& commit) {
  return std::ranges::any_of(commit.acks(), [](const platform::Ack& ack) { return ack.queue == events::kReplayQueue; });
}

Commit copy(const Commit& from, Parts parts) {
  Commit to;
  copy_writes(from, to, parts);
  copy_moves(from, to, parts.releases);
  for (const auto& event : from.events()) to.event(event);
  for (auto message : from.messages()) {
    if (!parts.deliveries && message.queue == "webhook-deliveries") continue;
    if (!parts.transitions && message.queue == workflow::kTransitionQueue) continue;
    if (parts.replay != Bug::none && message.queue == kCopyQueue) continue;
    if (!parts.redriven && takes_out_dead_letters(from) && message.queue == "sim-toil") continue;
    // A group of its own for each message is no order at all. Only where nothing else waits for the order: a run
    // in which everything tries again for days finds no more.
    if (!parts.groups && message.queue == kProbeQueue) message.group = message.id.text;
    to.send(std::move(message));
  }
  if (parts.replay != Bug::none) {
    for (auto& message : replayed_wrongly(from, parts.replay)) to.send(std::move(message));
  }
  for (const auto& [name, timer] : from.timers()) {
    if (parts.transitions) timer ? to.schedule(*timer) : to.cancel_timer(name);
  }
  if (parts.acks && parts.transitions) {
    for (const auto& ack : from.acks()) to.ack(ack);
  }
  return to;
}

base::Task<void> commit_later(platform::Store& store, Commit commit) {
  static_cast<void>(co_await store.commit(std::move(commit)));
}

}  // namespace

base::Task<base::Result<platform::CommitOutcome>> BuggyStore::commit(Commit commit) {
  ++commits_;
  if (bug_ == Bug::dropped_ack && commits_ % 5 == 0) return below_.commit(copy(commit, {.acks = false}));
  if (bug_ == Bug::lost_webhook && commits_ % 5 == 0) return below_.commit(copy(commit, {.deliveries = false}));
  if ((bug_ == Bug::receipt_gap || bug_ == Bug::second_receipt) && gives_numbers(commit) && ++series_ % 2 == 1) {
    return below_.commit(copy(commit, {.numbers = bug_ == Bug::receipt_gap ? 1 : -1}));
  }
  if (bug_ == Bug::forgotten_transition && commits_ % 5 == 0 && !commit.acks().empty() && !commit.events().empty()) {
    return below_.commit(copy(commit, {.transitions = false}));
  }
  if (bug_ == Bug::lost_redrive) return below_.commit(copy(commit, {.redriven = false}));
  if (is_of_replays(bug_) && is_step_of_replay(commit)) return below_.commit(copy(commit, {.replay = bug_}));
  if (bug_ == Bug::lost_hold) return below_.commit(copy(commit, {.releases = false}));
  if (bug_ == Bug::swapped_group) return below_.commit(copy(commit, {.groups = false}));
  if (bug_ == Bug::answer_before_sync) {
    executor_.spawn(commit_later(below_, std::move(commit)));
    return base::ready<base::Result<platform::CommitOutcome>>(platform::CommitOutcome{});
  }
  return below_.commit(std::move(commit));
}

base::Task<base::Result<platform::PaymentResult>> BuggyGateway::charge(platform::ChargeRequest request) {
  if (bug_ == Bug::double_charge) {
    auto again = request;
    again.key += "-again";
    static_cast<void>(co_await below_.charge(std::move(again)));
  }
  co_return co_await below_.charge(std::move(request));
}

base::Task<base::Result<platform::MailVerdict>> BuggyMailer::send(platform::OutgoingMail mail) {
  if (bug_ == Bug::lost_mail) co_return platform::MailVerdict{};
  if (bug_ == Bug::second_mail) {
    auto again = mail;
    again.message_id = "again-" + again.message_id;
    static_cast<void>(co_await below_.send(std::move(again)));
  }
  co_return co_await below_.send(std::move(mail));
}

const char* name_of(Bug bug) {
  switch (bug) {
    case Bug::none:
      return "none";
    case Bug::dropped_ack:
      return "dropped_ack";
    case Bug::double_charge:
      return "double_charge";
    case Bug::lost_hold:
      return "lost_hold";
    case Bug::swapped_group:
      return "swapped_group";
    case Bug::answer_before_sync:
      return "answer_before_sync";
    case Bug::lost_webhook:
      return "lost_webhook";
    case Bug::forgotten_transition:
      return "forgotten_transition";
    case Bug::lost_redrive:
      return "lost_redrive";
    case Bug::lost_mail:
      return "lost_mail";
    case Bug::second_mail:
      return "second_mail";
    case Bug::receipt_gap:
      return "receipt_gap";
    case Bug::second_receipt:
      return "second_receipt";
    case Bug::unasked_gateway:
      return "unasked_gateway";
    case Bug::numbers_again:
      return "numbers_again";
    case Bug::skipped_replay:
      return "skipped_replay";
    case Bug::doubled_replay:
      return "doubled_replay";
    case Bug::swapped_replay:
      return "swapped_replay";
  }
  return "";
}

const char* checker_for(Bug bug) {
  switch (bug) {
    case Bug::none:
      return "";
    case Bug::dropped_ack:
      return "consumed_once";
    case Bug::double_charge:
      return "money";
    case Bug::lost_hold:
      return "stock";
    case Bug::swapped_group:
      return "group_order";
    case Bug::answer_before_sync:
      return "nothing_lost";
    case Bug::lost_webhook:
      return "webhooks";
    case Bug::forgotten_transition:
      return "drill";
    case Bug::lost_redrive:
      return "none_lost";
    case Bug::lost_mail:
      return "mail";
    case Bug::second_mail:
      return "mail";
    case Bug::receipt_gap:
      return "receipts";
    case Bug::second_receipt:
      return "receipts";
    case Bug::unasked_gateway:
      return "restored_money";
    case Bug::numbers_again:
      return "numbers";
    case Bug::skipped_replay:
      return "replay_complete";
    case Bug::doubled_replay:
      return "replay_once";
    case Bug::swapped_replay:
      return "replay_order";
  }
  return "";
}

}  // namespace ow::sim
