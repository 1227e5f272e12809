// See background.h.
#include "ops/background.h"

#include <memory>

#include "base/json.h"
#include "ops/operator_action.h"
#include "platform/consumer.h"

namespace ow::ops {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using base::Json;

constexpr auto kLook = 500ms;
constexpr auto kSubject = "background-work";

platform::Key work_key() { return {"background", "work"}; }

Json work_json(const BackgroundWork& work) {
  return Json::object({{"paused", work.paused},
                       {"perSecond", work.per_second ? Json(*work.per_second) : Json()},
                       {"since", work.version == 0 ? Json() : Json(base::to_rfc3339(work.since))},
                       {"by", work.by},
                       {"reason", work.why}});
}

base::Result<BackgroundWork> work_from(const platform::Record& record) {
  const auto json = base::parse_json(record.value);
  const auto paused = json ? json->bool_at("paused") : std::nullopt;
  const auto since = json ? json->integer_at("sinceMicroseconds") : std::nullopt;
  if (!paused || !since) {
    return base::fail(ErrorCode::internal, "background_unreadable", "The record of background work cannot be read.");
  }
  BackgroundWork work{.paused = *paused, .since = {*since}, .by = json->text_at("by"), .why = json->text_at("reason")};
  if (const auto rate = json->integer_at("perSecond")) work.per_second = static_cast<int>(*rate);
  work.version = record.version;
  return work;
}

// The new state and the event that says who wanted it.
platform::Commit changed(const BackgroundWork& work, const Operator& who) {
  auto details = work.per_second ? Json::object({{"perSecond", *work.per_second}}) : Json::object();
  auto commit = put_background_work(work);
  commit.event(operator_event(who, work.since,
                              {.type = work.paused ? "operator.background-paused" : "operator.background-resumed",
                               .subject = kSubject,
                               .why = work.why,
                               .details = std::move(details)}));
  return commit;
}

base::Task<base::Result<platform::Commit>> decide_pause(platform::Store& store, BackgroundWork wish) {
  const auto work = co_await find_background_work(store);
  if (!work) co_return base::fail(work.error());
  if (work->paused) co_return platform::Commit();
  wish.version = work->version;
  co_return changed(wish, {base::UserId(wish.by)});
}

using Ports = std::shared_ptr<const BackgroundPorts>;
using Answer = base::Task<base::Result<http::Reply>>;

Answer show(Ports ports) {
  const auto work = co_await find_background_work(ports->store);
  if (!work) co_return base::fail(work.error());
  co_return http::Reply{http::Response::json(200, work_json(*work))};
}

Answer change(Ports ports, const http::RequestContext& context, bool paused) {
  auto reason = required_reason(context.body);
  if (!reason) co_return base::fail(reason.error());
  auto work = co_await find_background_work(ports->store);
  if (!work) co_return base::fail(work.error());
  if (!paused && !context.body.bool_at("force").value_or(false)) {
    if (auto may = co_await ports->may_resume(); !may) co_return base::fail(may.error());
  }
  work->paused = paused;
  work->per_second.reset();
  if (const auto rate = context.body.integer_at("perSecond")) work->per_second = static_cast<int>(*rate);
  work->since = ports->clock.now();
  const auto who = operator_of(context);
  work->by = who.user.text;
  work->why = std::move(*reason);
  http::Reply reply{.response = {}, .commit = changed(*work, who)};
  work->version = 1;  // it stands from this commit on
  reply.response = http::Response::json(200, work_json(*work));
  co_return reply;
}

Json body_schema(Json properties) {
  return Json::object(
      {{"type", "object"}, {"properties", std::move(properties)}, {"required", Json::array({"reason"})}});
}

Json work_schema() {
  const auto typed = [](const char* type) { return Json::object({{"type", type}}); };
  const auto nullable = [](const char* type) { return Json::object({{"type", Json::array({type, "null"})}}); };
  return Json::object({{"type", "object"},
                       {"properties", Json::object({{"paused", typed("boolean")},
                                                    {"perSecond", nullable("integer")},
                                                    {"since", nullable("string")},
                                                    {"by", typed("string")},
                                                    {"reason", typed("string")}})}});
}

}  // namespace

base::Task<base::Result<BackgroundWork>> find_background_work(platform::Store& store) {
  const auto record = co_await platform::get_one(store, work_key());
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return BackgroundWork();
  co_return work_from(**record);
}

platform::Commit put_background_work(const BackgroundWork& work) {
  platform::Record record;
  record.key = work_key();
  record.kind = "background_work";
  auto json = Json::object(
      {{"paused", work.paused}, {"sinceMicroseconds", work.since.us}, {"by", work.by}, {"reason", work.why}});
  if (work.per_second) json.set("perSecond", *work.per_second);
  record.value = base::to_text(json);
  platform::Commit commit;
  commit.put(std::move(record), platform::Expect::at(work.version));
  return commit;
}

base::Task<base::Result<void>> pause_background_work(platform::Store& store, base::Instant now, std::string by,
                                                     std::string why) {
  const BackgroundWork wish{.paused = true, .since = now, .by = std::move(by), .why = std::move(why)};
  const auto decide = [&store, &wish] { return decide_pause(store, wish); };
  co_return co_await platform::commit_until_settled(store, decide);
}

void apply_background_work(const BackgroundWork& work, platform::GatedQueues& gate) {
  work.paused ? gate.shut() : gate.open(work.per_second);
}

base::Task<void> follow_background_work(platform::Store& store, platform::GatedQueues& gate,
                                        platform::Executor& executor, const platform::Clock& clock) {
  while (co_await executor.sleep_until(clock.ticks() + kLook)) {
    const auto work = co_await find_background_work(store);
    if (work) apply_background_work(*work, gate);
  }
}

http::Routes background_routes(BackgroundPorts ports) {
  const auto shared = std::make_shared<const BackgroundPorts>(std::move(ports));
  const auto changing = [shared](bool paused) {
    return [shared, paused](const http::RequestContext& context) { return change(shared, context, paused); };
  };
  http::Routes routes;
  routes.push_back({.method = "GET",
                    .pattern = "/api/background",
                    .access = http::Access::operators,
                    .summary = "Whether background work runs, since when and why",
                    .handle = [shared](const http::RequestContext&) { return show(shared); },
                    .answers = {{200, work_schema()}}});
  routes.push_back({.method = "POST",
                    .pattern = "/api/background/pause",
                    .access = http::Access::operators,
                    .summary = "Stops all consumers; holds through restarts",
                    .handle = changing(true),
                    .body_schema = body_schema(Json::object({{"reason", reason_schema()}})),
                    .answers = {{200, work_schema()}}});
  const auto force =
      Json::object({{"type", "boolean"}, {"description", "Resume although a restore is not reconciled"}});
  const auto rate = Json::object({{"type", "integer"}, {"minimum", 1}, {"maximum", kWorkPerSecondMax}});
  routes.push_back(
      {.method = "POST",
       .pattern = "/api/background/resume",
       .access = http::Access::operators,
       .summary = "Lets all consumers run again, at most perSecond messages a second",
       .handle = changing(false),
       .body_schema = body_schema(Json::object({{"reason", reason_schema()}, {"perSecond", rate}, {"force", force}})),
       .answers = {{200, work_schema()}}});
  return routes;
}

}  // namespace ow::ops
