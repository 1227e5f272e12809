// See rule_retry.h.
#include "events/rule_retry.h"

#include <algorithm>

#include "events/routing.h"
#include "events/rule_store.h"
#include "rules/rule_book.h"

namespace ow::events {
namespace {

using base::ErrorCode;
using base::Json;
using base::Result;

struct Letter {
  std::string rule;
  std::string place;
  std::string replay;
  platform::Event event;
};

std::string first_text(const Json* items) {
  const bool there =
      items != nullptr && items->is_array() && !items->as_array().empty() && items->as_array().front().is_string();
  return there ? items->as_array().front().as_string() : std::string();
}

/// Nothing when it is no dead letter of a rule.
std::optional<Letter> read_letter(const std::string& body, std::string traceparent) {
  const auto json = base::parse_json(body);
  const auto* form = json ? json->find("event") : nullptr;
  if (form == nullptr) return std::nullopt;
  const auto* detail = form->find("detail");
  Letter letter{json->text_at("rule"), json->text_at("target"), form->text_at("replay-name"), {}};
  if (letter.place == "0") letter.place.clear();
  letter.event.id = base::EventId(form->text_at("id"));
  letter.event.subject = first_text(form->find("resources"));
  letter.event.type = form->text_at("detail-type");
  letter.event.source = form->text_at("source");
  letter.event.time = base::parse_rfc3339(form->text_at("time")).value_or(base::Instant{});
  letter.event.data = detail == nullptr ? "{}" : to_text(*detail);
  letter.event.traceparent = std::move(traceparent);
  return letter;
}

}  // namespace

base::Task<Result<platform::Commit>> try_again(Desk desk, platform::Delivery delivery) {
  const auto letter = read_letter(delivery.body, delivery.traceparent);
  if (!letter) {
    co_return base::fail(ErrorCode::malformed, "no_dead_letter",
                         "The message is no dead letter of an event rule that holds its event.");
  }
  const auto rule = co_await find_rule(desk->store, desk->system_rules, letter->rule);
  if (!rule) co_return base::fail(rule.error());
  const auto targets = rules::targets_of(rule->rule);
  if (!targets) co_return base::fail(targets.error());
  const auto same = [&letter](const platform::RuleTarget& target) { return target.place == letter->place; };
  const auto target = std::find_if(targets->begin(), targets->end(), same);
  if (target == targets->end()) {
    co_return base::fail(ErrorCode::not_found, "target_gone",
                         "The rule " + letter->rule + " has no such target any more.");
  }
  const auto queues = co_await desk->queue_admin.list();
  if (!queues) co_return base::fail(queues.error());
  const auto is_declared = [&queues](const std::string& name) {
    return std::any_of(queues->begin(), queues->end(), [&name](const auto& queue) { return queue.spec.name == name; });
  };
  auto routed = routed_message(letter->event, *target, letter->replay, is_declared);
  if (routed.dead_lettered) {
    co_return base::fail(ErrorCode::unprocessable, "not_delivered",
                         "The rule " + letter->rule + " still cannot deliver the event.");
  }
  platform::Commit commit;
  commit.send(std::move(routed.message));
  co_return commit;
}

}  // namespace ow::events
