// See health.h.
#include "notify/webhooks/health.h"

#include "notify/webhooks/bounds.h"
#include "platform/consumer.h"

namespace ow::notify::webhooks {
namespace {

using base::Json;
using platform::Commit;
using platform::Expect;

constexpr auto kSource = "orderwright/webhooks";
constexpr int kWholeWay = 100;

int percent_after(int percent) {
  for (const int next : kNoticePercents) {
    if (next > percent) return next;
  }
  return kWholeWay;
}

platform::Timer notice_at(const std::string& endpoint, base::Instant since, int percent) {
  Work work{.kind = "health", .endpoint = endpoint};
  work.from = since;
  work.number = percent;
  const auto id = "health/" + endpoint + "/" + std::to_string(since.us) + "/" + std::to_string(percent);
  return {notice_timer(endpoint), since + base::Duration(kGiveUpAfter) * percent / kWholeWay, work_message(work, id)};
}

platform::Timer probe_at(const std::string& endpoint, base::Instant due, int number) {
  Work work{.kind = "probe", .endpoint = endpoint};
  work.number = number;
  const auto id = "probe/" + endpoint + "/" + std::to_string(due.us);
  return {probe_timer(endpoint), due, work_message(work, id)};
}

}  // namespace

std::string notice_timer(const std::string& endpoint) { return "webhook-health/" + endpoint; }
std::string probe_timer(const std::string& endpoint) { return "webhook-probe/" + endpoint; }
platform::Key health_key(const std::string& endpoint) { return {std::string(kHealth), endpoint}; }

platform::EventDraft endpoint_event(const Endpoint& endpoint, std::string type, Json details, base::Instant now) {
  auto data = Json::object({{"endpoint", endpoint.id}, {"url", endpoint.url}, {"owner", endpoint.owner.text}});
  for (auto& [name, value] : details.as_object()) data.set(name, std::move(value));
  return {endpoint.id, std::move(type), kSource, base::to_text(data), now, {}};
}

Commit activate(Endpoint endpoint, base::Instant now, const std::string& wake_id) {
  Commit commit;
  const auto version = endpoint.version;
  endpoint.status = Status::active;
  endpoint.reason.clear();
  endpoint.updated = now;
  commit.put(endpoint_record(endpoint), Expect::at(version));
  commit.erase(health_key(endpoint.id));
  commit.cancel_timer(notice_timer(endpoint.id));
  commit.cancel_timer(probe_timer(endpoint.id));
  commit.send(work_message({.kind = "wake", .endpoint = endpoint.id}, wake_id));
  return commit;
}

Parcel ping_parcel(const Endpoint& endpoint, const std::string& id, base::Instant now) {
  const auto event = Json::object({{"specversion", "1.0"},
                                   {"id", id},
                                   {"source", kSource},
                                   {"type", "webhook.ping"},
                                   {"subject", endpoint.id},
                                   {"time", base::to_rfc3339(now)},
                                   {"datacontenttype", "application/json"},
                                   {"data", Json::object({{"endpoint", endpoint.id}})}});
  return {id, base::to_text(event)};
}

base::Task<base::Result<void>> Health::after(Endpoint endpoint, Outcome outcome) {
  const bool failing = registry_.failing_since(endpoint.id).has_value();
  if (outcome.success()) {
    if (failing) co_return co_await end_failing(std::move(endpoint));
    co_return base::Result<void>();
  }
  if (outcome.gone()) co_return co_await disable_now(std::move(endpoint), "gone");
  if (!failing) co_return co_await begin_failing(std::move(endpoint), outcome.at);
  co_return base::Result<void>();
}

base::Task<base::Result<void>> Health::begin_failing(Endpoint endpoint, base::Instant since) {
  registry_.set_failing(endpoint.id, since);
  const auto decide = [&]() -> base::Task<base::Result<Commit>> {
    Commit commit;
    const auto json = Json::object({{"failingSince", base::to_rfc3339(since)}});
    commit.put({health_key(endpoint.id), "webhook-health", 1, base::to_text(json)});
    commit.schedule(notice_at(endpoint.id, since, kNoticePercents.front()));
    return base::ready(base::Result<Commit>(std::move(commit)));
  };
  auto settled = co_await platform::commit_until_settled(ports_.store, decide);
  if (!settled) registry_.set_failing(endpoint.id, std::nullopt);
  co_return settled;
}

base::Task<base::Result<void>> Health::end_failing(Endpoint endpoint) {
  const auto before = registry_.failing_since(endpoint.id);
  registry_.set_failing(endpoint.id, std::nullopt);
  const auto decide = [&]() -> base::Task<base::Result<Commit>> {
    Commit commit;
    commit.erase(health_key(endpoint.id));
    commit.cancel_timer(notice_timer(endpoint.id));
    return base::ready(base::Result<Commit>(std::move(commit)));
  };
  auto settled = co_await platform::commit_until_settled(ports_.store, decide);
  if (!settled) registry_.set_failing(endpoint.id, before);
  co_return settled;
}

base::Task<base::Result<void>> Health::disable_now(Endpoint endpoint, std::string reason) {
  const auto decide = [&] { return disabled(endpoint.id, reason, false); };
  co_return co_await platform::commit_until_settled(ports_.store, decide);
}

/// Nothing to do when it is disabled or gone already.
base::Task<base::Result<Commit>> Health::disabled(std::string id, std::string reason, bool with_probe) {
  Commit commit;
  auto endpoint = co_await find_endpoint(ports_.store, id);
  if (!endpoint) co_return base::fail(std::move(endpoint.error()));
  if (!*endpoint || (*endpoint)->status == Status::disabled) co_return commit;
  const auto now = ports_.clock.now();
  auto& found = **endpoint;
  const auto version = found.version;
  found.status = Status::disabled;
  found.reason = reason;
  found.updated = now;
  registry_.expect_change(found);
  commit.put(endpoint_record(found), Expect::at(version));
  commit.erase(health_key(id));
  commit.cancel_timer(notice_timer(id));
  if (with_probe) commit.schedule(probe_at(id, now + kProbePause, 0));
  commit.event(endpoint_event(found, "webhook.disabled", Json::object({{"reason", reason}}), now));
  co_return commit;
}

base::Task<base::Result<Commit>> Health::notice(Work work) {
  Commit commit;
  const auto since = registry_.failing_since(work.endpoint);
  const auto endpoint = co_await registry_.find(work.endpoint);
  if (!endpoint) co_return base::fail(endpoint.error());
  // The health record knows milliseconds.
  const bool same = since && since->ms() == work.from.ms();
  if (!*endpoint || !same || (*endpoint)->status == Status::disabled) co_return commit;
  if (work.number >= kWholeWay) co_return co_await disabled(work.endpoint, "no_success", true);
  const auto now = ports_.clock.now();
  const auto ends = work.from + kGiveUpAfter;
  commit.event(endpoint_event(**endpoint, "webhook.failing",
                              Json::object({{"percent", work.number},
                                            {"failingSince", base::to_rfc3339(work.from)},
                                            {"disabledAt", base::to_rfc3339(ends)}}),
                              now));
  commit.schedule(notice_at(work.endpoint, work.from, percent_after(work.number)));
  co_return commit;
}

base::Task<base::Result<Commit>> Health::probe(Work work) {
  Commit commit;
  auto endpoint = co_await find_endpoint(ports_.store, work.endpoint);
  if (!endpoint) co_return base::fail(std::move(endpoint.error()));
  if (!*endpoint || (*endpoint)->status != Status::disabled) co_return commit;
  const auto now = ports_.clock.now();
  const auto outcome = co_await sender_.send(std::make_shared<const Endpoint>(**endpoint),
                                             ping_parcel(**endpoint, ports_.ids.next("whp"), now));
  if (outcome.success()) {
    registry_.expect_change(**endpoint);
    registry_.set_failing(work.endpoint, std::nullopt);
    commit = activate(**endpoint, now, "wake/" + ports_.ids.next("whp"));
    commit.event(endpoint_event(**endpoint, "webhook.enabled", Json::object({{"by", "probe"}}), now));
    co_return commit;
  }
  if (!outcome.gone() && work.number + 1 < kProbesMax) {
    commit.schedule(probe_at(work.endpoint, now + kProbePause, work.number + 1));
  }
  co_return commit;
}

}  // namespace ow::notify::webhooks
