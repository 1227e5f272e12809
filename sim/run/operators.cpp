// See operators.h.
#include "sim/run/operators.h"

#include <set>

#include <fmt/format.h>

#include "sim/run/client.h"

namespace ow::sim {
namespace {

using namespace std::chrono_literals;
using base::Json;
using base::Task;

/// The first version knows no drill that needs mending.
std::string drill_text(bool mended) {
  return fmt::format(R"({{"StartAt":"Mark","States":{{
    "Mark":{{"Type":"Task","Resource":"events:emit","Parameters":{{"type":"drill.marked","data":{{}}}},"ResultPath":null,"Next":"Rest"}},
    "Rest":{{"Type":"Wait","SecondsPath":"$.rest","Next":"Both"}},
    "Both":{{"Type":"Parallel","ResultPath":null,"Next":"Tell","Branches":[
      {{"StartAt":"Left","States":{{"Left":{{"Type":"Task","Resource":"events:emit","Parameters":{{"type":"drill.left","data":{{}}}},"End":true}}}}}},
      {{"StartAt":"Pick","States":{{
        "Pick":{{"Type":"Choice","Choices":[{{"Variable":"$.sound","BooleanEquals":true,"Next":"Right"}}]{}}},
        "Right":{{"Type":"Task","Resource":"events:emit","Parameters":{{"type":"drill.right","data":{{}}}},"End":true}}}}}}]}},
    "Tell":{{"Type":"Task","Resource":"events:emit","Parameters":{{"type":"drill.told","data":{{}}}},"End":true}}}}}})",
                     mended ? R"(,"Default":"Right")" : "");
}

constexpr int kDrills = 6;
constexpr int kRoundsMax = 60;
constexpr const char* kEffects[] = {"drill.marked", "drill.left", "drill.right", "drill.told"};

std::string text_of(const Json& json, const char* name) { return std::string(json.string_at(name).value_or("")); }

}  // namespace

Operators::Operators(SimWorld& world, const Plan& plan)
    : world_(world),
      plan_(plan),
      machine_(world, "operators"),
      process_(world, machine_),
      random_(world.random.fork("operators")) {}

Task<void> Operators::pause(std::int64_t ms_max) {
  co_await process_.executor.sleep_until(world_.clock.ticks() + std::chrono::milliseconds(random_.between(10, ms_max)));
}

Task<Operators::Answer> Operators::ask(platform::HttpRequest request) {
  request.answer_bytes_max = 64 << 20;
  if (!token_.empty()) request.headers.emplace_back("authorization", "Bearer " + token_);
  auto answer = co_await process_.http.send(std::move(request));
  if (!answer) co_return std::nullopt;
  auto json = base::parse_json(answer->body);
  if (!json) co_return std::nullopt;
  co_return std::pair(answer->status, std::move(*json));
}

Task<Json> Operators::get(std::string path) {
  while (true) {
    auto answer = co_await ask({.url = kPlatformUrl + path});
    if (answer && answer->first == 200) co_return std::move(answer->second);
    co_await pause(500);
  }
}

Task<Json> Operators::post(std::string path, Json body, std::string key) {
  if (key.empty()) key = fmt::format("operator-{}", ++requests_);
  platform::HttpRequest request{.method = "POST", .url = kPlatformUrl + path};
  request.headers = {{"content-type", "application/json"}, {"idempotency-key", key}};
  request.body = base::to_text(body);
  while (true) {
    auto answer = co_await ask(request);
    const bool in_flight =
        answer && answer->first == 409 && answer->second.string_at("error") == "idempotency_key_in_flight";
    if (answer && answer->first < 500 && answer->first != 429 && !in_flight) {
      if (answer->first >= 400 && answer->first != 409 && answer->first != 404) {
        findings_.push_back(
            {"drill", fmt::format("{} was answered {}: {}", path, answer->first, base::to_text(answer->second))});
      }
      co_return std::move(answer->second);
    }
    co_await pause(500);
  }
}

Task<void> Operators::work() {
  const auto credentials = Json::object({{"username", "demo-operator"}, {"password", "operator-demo-password"}});
  while (token_.empty()) {
    platform::HttpRequest request{.method = "POST", .url = std::string(kPlatformUrl) + "/api/auth/sign-in"};
    request.headers = {{"content-type", "application/json"}};
    request.body = base::to_text(credentials);
    const auto answer = co_await ask(std::move(request));
    if (answer && answer->first == 200) token_ = text_of(answer->second, "accessToken");
    if (token_.empty()) co_await pause(500);
  }
  events_from_ = text_of(co_await get("/api/events?limit=1"), "nextCursor");
  co_await upload(drill_text(false), 100, "first-version");
  for (int number = 0; number < kDrills; ++number) {
    co_await start_drill(random_.chance(500), number);
    if (random_.chance(400)) co_await pause_and_resume();
    if (random_.chance(400)) co_await touch_some();
  }
  co_await upload(drill_text(true), random_.chance(500) ? 100 : 40, "mended-version");
  for (int number = kDrills; number < kDrills + 3; ++number) co_await start_drill(random_.chance(500), number);
  co_await redrive_failed("failed");
  if (random_.chance(500)) co_await post("/api/workflows/drill/roll-back", Json::object({{"reason", "a drill"}}));
  done_ = true;
}

Task<void> Operators::upload(std::string text, int percent, std::string key) {
  co_await post(
      "/api/workflows/drill/versions",
      Json::object({{"definition", base::parse_json(text).value()}, {"percent", Json(percent)}, {"reason", "a drill"}}),
      std::move(key));
  ++versions_;
}

Task<void> Operators::start_drill(bool needs_mending, int number) {
  auto input = Json::object({{"sound", Json(!needs_mending)}, {"rest", Json(random_.between(0, 5))}});
  const auto started =
      co_await post("/api/executions", Json::object({{"definition", "drill"}, {"input", std::move(input)}}),
                    fmt::format("drill-{}", number));
  const auto id = text_of(started, "executionId");
  if (id.empty()) findings_.push_back({"drill", "a start was answered without an id: " + base::to_text(started)});
  drills_.push_back({id, needs_mending, {}});
  if (plan_.trace) world_.history.tell("drill " + id);
  co_await pause(800);
}

Task<void> Operators::pause_and_resume() {
  ++pauses_;
  const auto why = Json::object({{"reason", "a drill"}});
  const bool all = random_.chance(500);
  const std::string which = random_.chance(500) ? "drill" : "place_order";
  const auto path = all ? std::string("/api/workflow-control") : "/api/workflows/" + which;
  co_await post(path + "/pause", why);
  co_await pause(2000);
  co_await post(path + "/resume", Json::object({{"rate", Json(random_.between(5, 100))}}));
}

/// Pauses or stops a few executions wherever they are, orders' too.
Task<void> Operators::touch_some() {
  const auto page = co_await get("/api/executions?status=running&limit=3");
  for (const auto& item : page.find("items")->as_array()) {
    const auto path = "/api/executions/" + text_of(item, "executionId");
    const char* action = random_.chance(500) ? "/pause" : "/stop";
    co_await post(path + action, Json::object({{"reason", "a drill"}}));
  }
}

Task<void> Operators::redrive_failed(std::string status) {
  auto body =
      Json::object({{"action", "redrive"}, {"filter", Json::object({{"status", status}})}, {"reason", "a drill"}});
  // Only the drill has a second version; orders go on in theirs.
  if (status == "failed") {
    body.set("version", Json(2));
    body.find("filter")->set("definition", "drill");
  }
  while (true) {
    const auto page = co_await post("/api/executions/bulk", body);
    const auto* items = page.find("items");
    if (items == nullptr) co_return;
    for (const auto& item : items->as_array()) redrives_ += item.string_at("result") == "done" ? 1 : 0;
    const auto cursor = page.string_at("nextCursor");
    if (!cursor) co_return;
    body.set("cursor", std::string(*cursor));
  }
}

Task<void> Operators::resume_paused() {
  co_await post("/api/workflow-control/resume", Json::object());
  for (const auto* name : {"drill", "place_order"})
    co_await post(fmt::format("/api/workflows/{}/resume", name), Json::object());
  auto body =
      Json::object({{"action", "resume"}, {"filter", Json::object({{"status", "paused"}})}, {"reason", "a drill"}});
  co_await post("/api/executions/bulk", std::move(body));
}

Task<bool> Operators::all_ended() {
  for (const auto* status : {"paused", "stopped", "failed", "running"}) {
    const auto page = co_await get(fmt::format("/api/executions?definition=drill&status={}", status));
    if (!page.find("items")->as_array().empty() || page.string_at("nextCursor")) co_return false;
  }
  for (const auto& drill : drills_) {
    const auto execution = co_await get("/api/executions/" + drill.id);
    if (text_of(execution, "status") != "succeeded") co_return false;
  }
  for (const auto* status : {"paused", "stopped"}) {
    const auto page = co_await get(fmt::format("/api/executions?status={}", status));
    if (!page.find("items")->as_array().empty()) co_return false;
  }
  co_return true;
}

Task<void> Operators::settle() {
  for (int round = 0; round < kRoundsMax; ++round) {
    co_await resume_paused();
    co_await redrive_failed("stopped");
    co_await redrive_failed("failed");
    co_await process_.executor.sleep_until(world_.clock.ticks() + 20s);
    if (co_await all_ended()) break;
  }
  co_await check();
  finished_ = true;
}

Task<void> Operators::read_events() {
  auto after = events_from_;
  while (true) {
    const auto page = co_await get("/api/events?limit=100&after=" + after);
    for (const auto& event : page.find("items")->as_array()) {
      for (auto& drill : drills_) {
        if (drill.id == text_of(event, "subject")) ++drill.told[text_of(event, "type")];
      }
    }
    const auto next = text_of(page, "nextCursor");
    if (page.find("items")->as_array().empty() || next == after) co_return;
    after = next;
  }
}

void Operators::check_history(const Json& execution) {
  const auto id = text_of(execution, "executionId");
  std::int64_t number = 0;
  std::set<std::string> attempts;
  for (const auto& entry : execution.find("history")->as_array()) {
    if (entry.integer_at("number") != ++number) findings_.push_back({"history", id + " has a gap in its history"});
    if (entry.find("action") != nullptr) continue;
    const auto attempt = fmt::format("{} {} {}", text_of(entry, "state"), entry.integer_at("entry").value_or(0),
                                     entry.integer_at("attempt").value_or(0));
    if (!attempts.insert(attempt).second) findings_.push_back({"history", fmt::format("{} has {} twice", id, attempt)});
  }
}

Task<void> Operators::check() {
  co_await read_events();
  for (const auto& drill : drills_) {
    const auto execution = co_await get("/api/executions/" + drill.id);
    const auto status = text_of(execution, "status");
    if (status != "succeeded") {
      findings_.push_back({"drill", fmt::format("{} ended {}: {}", drill.id, status, base::to_text(execution))});
      continue;
    }
    if (drill.needs_mending && execution.integer_at("version") != 2) {
      findings_.push_back({"drill", drill.id + " succeeded on the defective version"});
    }
    for (const auto* effect : kEffects) {
      const auto told = drill.told.find(effect);
      const int times = told == drill.told.end() ? 0 : told->second;
      if (times != 1) findings_.push_back({"drill", fmt::format("{} has {} {} times", drill.id, effect, times)});
    }
    check_history(execution);
  }
}

}  // namespace ow::sim
