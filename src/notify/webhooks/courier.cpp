// See courier.h.
#include "notify/webhooks/courier.h"

#include "notify/webhooks/bounds.h"

namespace ow::notify::webhooks {
namespace {

constexpr std::size_t kMadeMax = 2 * kInFlightMax;

bool is_first(const Lane& lane, const std::string& event) {
  return !lane.waiting.empty() && lane.waiting.front().event == event;
}

base::Error gone_stale() { return {base::ErrorCode::not_found, "not_first", "The lane has moved on."}; }

}  // namespace

Courier::Courier(WebhookPorts ports, Registry& registry, Sender& sender, Health& health)
    : ports_(std::move(ports)),
      registry_(registry),
      sender_(sender),
      health_(health),
      delivered_(ports_.telemetry.counter("ow_webhook_attempts_total", {{"result", "delivered"}})),
      refused_(ports_.telemetry.counter("ow_webhook_attempts_total", {{"result", "failed"}})),
      given_up_(ports_.telemetry.counter("ow_webhook_given_up_total")),
      parked_(ports_.telemetry.counter("ow_webhook_parked_total")),
      seconds_(ports_.telemetry.histogram("ow_webhook_attempt_seconds")) {}

base::Task<base::Result<platform::Commit>> Courier::deliver(std::string message, Work work) {
  const auto endpoint = co_await registry_.find(work.endpoint);
  if (!endpoint) co_return base::fail(endpoint.error());
  std::optional<Away> away;
  std::optional<Loaded> at_attempt;
  const bool active = *endpoint && (*endpoint)->status == Status::active;
  if (active && !made_.contains(message)) {
    auto made = co_await attempt(message, work, *endpoint, away, at_attempt);
    if (!made && made.error().reason == gone_stale().reason) co_return platform::Commit();
    if (!made) co_return base::fail(std::move(made.error()));
  }
  auto loaded = at_attempt ? base::Result<Loaded>(std::move(*at_attempt)) : co_await load(work);
  if (!loaded && loaded.error().reason == gone_stale().reason) co_return platform::Commit();
  if (!loaded) co_return base::fail(std::move(loaded.error()));
  if (!*endpoint) {
    platform::Commit commit;
    loaded->lane.waiting.clear();
    put_lane(commit, loaded->lane);
    co_return commit;
  }
  if (const auto made = made_.find(message); made != made_.end()) {
    // The health of the endpoint is a step of its own: it changes seldom, and is the same when it is taken twice.
    const auto outcome = made->second;
    if (!outcome.success() || registry_.failing_since(work.endpoint)) {
      auto told = co_await health_.after(**endpoint, outcome);
      if (!told) co_return base::fail(std::move(told.error()));
      co_await registry_.keep_pace(work.endpoint);
    }
    co_return settle(std::move(*loaded), outcome);
  }
  if (!active) co_return hold(std::move(*loaded), **endpoint);
  if (!away)
    co_return base::fail(base::ErrorCode::unavailable, "attempt_forgotten", "The attempt's outcome was forgotten.");
  if (away->reserved) co_await registry_.keep_pace(work.endpoint);
  co_return park(std::move(*loaded), work, *away);
}

base::Task<base::Result<void>> Courier::attempt(std::string message, Work work, Registry::EndpointPtr endpoint,
                                                std::optional<Away>& away, std::optional<Loaded>& kept) {
  if (ports_.executor.stopping()) {
    co_return base::fail(base::ErrorCode::unavailable, "stopping", "The program ends; the delivery is made after it.");
  }
  auto& pace = registry_.pace(endpoint->id);
  away = co_await pace.begin(ports_.clock.ticks(), endpoint->rate_limit, work.reserved, work.number);
  if (away) co_return base::Result<void>();
  auto loaded = co_await load(work);
  Outcome outcome;
  if (loaded) {
    outcome = co_await sender_.send(endpoint, {work.event, std::move(loaded->body)});
  } else {
    outcome.status = 200;  // nothing was sent; the slot goes back as if all were well
  }
  pace.done(ports_.clock.ticks(), outcome);
  if (ports_.executor.stopping()) pace.send_all_away();
  if (!loaded) co_return base::fail(std::move(loaded.error()));
  kept = std::move(*loaded);
  count(outcome);
  remember(message, std::move(outcome));
  co_return base::Result<void>();
}

base::Task<base::Result<Courier::Loaded>> Courier::load(Work work) {
  std::vector<platform::Key> keys = {lane_key(work.endpoint, work.subject), delivery_key(work.endpoint, work.event),
                                     frozen_key(work.event)};
  auto records = co_await ports_.store.get(std::move(keys));
  if (!records) co_return base::fail(std::move(records.error()));
  const auto now = ports_.clock.now();
  auto lane = lane_from(work.endpoint, work.subject, records->at(0).get(), now);
  if (!lane) co_return base::fail(std::move(lane.error()));
  if (!is_first(*lane, work.event)) co_return base::fail(gone_stale());
  Loaded loaded{std::move(*lane), {}, {}};
  if (records->at(1)) {
    auto delivery = delivery_from(*records->at(1));
    if (!delivery) co_return base::fail(std::move(delivery.error()));
    loaded.delivery = std::move(*delivery);
  } else {
    const auto& first = loaded.lane.waiting.front();
    loaded.delivery.endpoint = work.endpoint;
    loaded.delivery.event = first.event;
    loaded.delivery.subject = work.subject;
    loaded.delivery.number = first.number;
    loaded.delivery.type = first.type;
    loaded.delivery.created = now;
  }
  if (records->at(2)) {
    loaded.body = std::move(records->at(2)->value);
    co_return loaded;
  }
  auto body = co_await frozen_again(work.subject, work.event);
  if (!body) co_return base::fail(std::move(body.error()));
  loaded.body = std::move(*body);
  co_return loaded;
}

/// A delivery that waited longer than frozen events are kept.
base::Task<base::Result<std::string>> Courier::frozen_again(std::string subject, std::string event) {
  std::uint64_t after = 0;
  while (true) {
    auto events = co_await ports_.event_log.by_subject(subject, after, kSubjectEventsMax);
    if (!events) co_return base::fail(std::move(events.error()));
    for (auto& one : *events) {
      after = one.number;
      if (one.id.text != event) continue;
      const auto published = co_await ports_.publish(one);
      if (!published) co_return base::fail(published.error());
      co_return base::to_text(published->cloud_event);
    }
    if (events->size() < kSubjectEventsMax) break;
  }
  co_return base::fail(base::ErrorCode::internal, "event_gone", "The event " + event + " is no longer in the log.");
}

Courier::Decision Courier::park(Loaded loaded, const Work& work, Away away) {
  platform::Commit commit;
  const auto now = ports_.clock.now();
  const auto due = now + std::max(away.until - ports_.clock.ticks(), base::Duration(0));
  if (loaded.lane.held.empty()) loaded.lane.held = kThrottled;
  send_first(commit, loaded.lane, now, due, work.number + 1, away.reserved);
  put_lane(commit, loaded.lane);
  parked_.add();
  return commit;
}

/// Paused or disabled: the lane waits until it is woken. The condition makes sure that it was not woken meanwhile.
Courier::Decision Courier::hold(Loaded loaded, const Endpoint& endpoint) {
  platform::Commit commit;
  loaded.lane.live = false;
  loaded.lane.held.clear();
  put_lane(commit, loaded.lane);
  commit.require(endpoint_key(endpoint.id), platform::Expect::at(endpoint.version));
  return commit;
}

Courier::Decision Courier::settle(Loaded loaded, const Outcome& outcome) {
  platform::Commit commit;
  auto& [lane, delivery, body] = loaded;
  const auto now = ports_.clock.now();
  ++lane.attempts;
  ++delivery.attempts;
  if (!lane.first) lane.first = outcome.at;
  delivery.last = outcome.at;
  delivery.next.reset();
  delivery.status = outcome.status;
  delivery.reason = outcome.reason;
  const auto again =
      outcome.success() ? std::nullopt : next_attempt(lane.attempts, *lane.first, outcome, ports_.random);
  if (again) {
    delivery.next = *again;
    lane.held = kDelayed;
    send_first(commit, lane, now, *again);
  } else {
    delivery.state = outcome.success() ? DeliveryState::delivered : DeliveryState::failed;
    if (!outcome.success()) given_up_.add();
    lane.advance();
    lane.live = false;
    if (!lane.waiting.empty()) send_first(commit, lane, now);
  }
  put_lane(commit, lane);
  commit.put(attempt_record(ports_.ids.next("wha"), delivery, outcome));
  commit.put(delivery_record(delivery));
  return commit;
}

void Courier::remember(const std::string& message, Outcome outcome) {
  if (!made_.insert_or_assign(message, std::move(outcome)).second) return;
  made_in_order_.push_back(message);
  if (made_in_order_.size() <= kMadeMax) return;
  made_.erase(made_in_order_.front());
  made_in_order_.pop_front();
}

void Courier::count(const Outcome& outcome) {
  (outcome.success() ? delivered_ : refused_).add();
  seconds_.observe(static_cast<double>(outcome.took.count()) / 1e6);
}

}  // namespace ow::notify::webhooks
