// See replayer.h.
#include "sim/run/replayer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/run/client.h"
#include "sim/run/copier.h"

namespace ow::sim {
namespace {

using namespace std::chrono_literals;
using base::Json;

// A rule takes effect, and the log shows an event, within this time, whatever the weather.
constexpr auto kSettled = 1min;

std::string text_at(const Json& json, std::string_view name) { return std::string(json.string_at(name).value_or("")); }

base::Instant time_at(const Json& json, std::string_view name) {
  return base::parse_rfc3339(text_at(json, name)).value_or(base::Instant{});
}

bool is_wanted(const Json& event) {
  return text_at(event, "source").starts_with("orderwright/") && text_at(event, "type").starts_with("order.");
}

std::uint64_t number_of(const Json& event) { return std::stoull(text_at(event, "sequence")); }

/// What was consumed of one run: of a replay, or (no name) of the rule itself.
struct CopyRun {
  std::vector<std::string> events;  // in order of consumption, of all subjects
  std::set<std::string> messages;
};

class Check {
 public:
  explicit Check(const CopyBooks& books) : books_(books) {
    for (const auto& event : books.events) {
      if (is_wanted(event)) wanted_.emplace(text_at(event, "id"), &event);
      if (text_at(event, "type") == kCopyType) note(*event.find("data"));
    }
  }

  std::vector<tests::Finding> go(bool ordered) {
    expect_all("", books_.ruled_from + kSettled, {INT64_MAX});
    for (const auto& replay : books_.replays) {
      const auto status = text_at(replay, "status");
      const auto id = text_at(replay, "replayId");
      if (status == "completed") expect_all(id, {}, time_at(replay, "createdAt") - kSettled);
      if (status != "completed" && status != "cancelled")
        complain(id + " is " + status + ": " + text_at(replay, "reason"));
      const auto sent = static_cast<std::uint64_t>(replay.integer_at("sent").value_or(0));
      if (sent != runs_[id].events.size())
        complain(fmt::format("{} says it sent {}, but {} were consumed", id, sent, runs_[id].events.size()));
    }
    for (const auto& [name, run] : runs_) check_order(name, run, ordered);
    return std::move(findings_);
  }

 private:
  void complain(std::string what, const char* checker = "replay") { findings_.push_back({checker, std::move(what)}); }

  void note(const Json& copy) {
    auto& run = runs_[text_at(copy, "replay")];
    if (!run.messages.insert(text_at(copy, "message")).second)
      complain(text_at(copy, "message") + " was consumed twice", "replay_once");
    run.events.push_back(text_at(copy, "event"));
  }

  /// Every wanted event of these times must be among the run's copies.
  void expect_all(const std::string& name, base::Instant from, base::Instant to) {
    const auto& events = runs_[name].events;
    const std::set<std::string> copied(events.begin(), events.end());
    for (const auto& [id, event] : wanted_) {
      const auto at = time_at(*event, "time");
      if (at < from || at >= to || copied.contains(id)) continue;
      complain(fmt::format("'{}' misses {} of {}", name, id, text_at(*event, "subject")), "replay_complete");
    }
  }

  void check_order(const std::string& name, const CopyRun& run, bool ordered) {
    std::set<std::string> seen;
    std::map<std::string, std::uint64_t> last;
    for (const auto& id : run.events) {
      const auto found = wanted_.find(id);
      if (found == wanted_.end()) {
        complain(fmt::format("'{}' sent {}, which the rule does not match", name, id));
        continue;
      }
      if (!seen.insert(id).second) complain(fmt::format("'{}' sent {} twice", name, id), "replay_once");
      auto& before = last[text_at(*found->second, "subject")];
      const auto number = number_of(*found->second);
      if (ordered && number < before) {
        complain(
            fmt::format("'{}' sent number {} of {} after {}", name, number, text_at(*found->second, "subject"), before),
            "replay_order");
      }
      before = number;
    }
  }

  const CopyBooks& books_;
  std::map<std::string, const Json*> wanted_;
  std::map<std::string, CopyRun> runs_;
  std::vector<tests::Finding> findings_;
};

}  // namespace

std::vector<tests::Finding> check_copies(const CopyBooks& books, bool ordered) { return Check(books).go(ordered); }

Replayer::Replayer(SimWorld& world, const Plan& plan)
    : world_(world),
      plan_(plan),
      machine_(world, "replayer"),
      process_(world, machine_),
      random_(world.random.fork("replayer")) {}

base::Task<void> Replayer::pause(std::int64_t low_ms, std::int64_t high_ms) {
  co_await process_.executor.sleep_until(world_.clock.ticks() +
                                         std::chrono::milliseconds(random_.between(low_ms, high_ms)));
}

/// Repeats under one key until it is answered; null when the answer is a refusal.
base::Task<Json> Replayer::ask(std::string method, std::string path, std::string body) {
  platform::HttpRequest request{.method = method, .url = kPlatformUrl + path};
  request.headers = {{"content-type", "application/json"}, {"idempotency-key", fmt::format("replayer-{}", ++keys_)}};
  if (!token_.empty()) request.headers.emplace_back("authorization", "Bearer " + token_);
  request.body = std::move(body);
  request.answer_bytes_max = 64 << 20;
  while (true) {
    const auto answer = co_await process_.http.send(request);
    const bool again = !answer || answer->status >= 500 || answer->status == 429 || answer->status == 401;
    if (answer && answer->status == 409 && path.ends_with("/cancel")) co_return Json();
    if (answer && answer->status / 100 == 2) co_return base::parse_json(answer->body).value_or(Json());
    if (!again && answer->status != 409 && answer->status != 422) co_return Json();
    co_await pause(50, 500);
  }
}

base::Task<std::string> Replayer::start_replay(std::string body) {
  const auto replay = co_await ask("POST", "/api/replays", std::move(body));
  co_return text_at(replay, "replayId");
}

base::Task<void> Replayer::work() {
  const auto signed_in =
      co_await ask("POST", "/api/auth/sign-in", R"({"username":"demo-operator","password":"operator-demo-password"})");
  token_ = text_at(signed_in, "accessToken");
  // Refused with 422 until the copier has declared its queue.
  co_await ask(
      "POST", "/api/rules",
      fmt::format(
          R"({{"name":"copies","pattern":{{"source":[{{"prefix":"orderwright/"}}],"detail-type":[{{"prefix":"order."}}]}},"targets":[{{"queue":"{}"}}]}})",
          kCopyQueue));
  books_.ruled_from = world_.clock.now();
  const auto count = random_.between(1, 3);
  for (int i = 0; i < count; ++i) {
    co_await pause(0, 3000);
    const bool slow = random_.chance(500);
    const auto id = co_await start_replay(slow ? R"({"rules":["copies"],"ratePerSecond":5})" : "{}");
    if (slow && random_.chance(500)) {
      co_await pause(0, 4000);
      co_await ask("POST", "/api/replays/" + id + "/cancel", R"({"reason":"the simulation wants it"})");
    }
  }
  served_ = true;
}

base::Task<void> Replayer::wait_for_end(std::string replay) {
  while (true) {
    const auto shown = co_await ask("GET", "/api/replays/" + replay, "");
    if (text_at(shown, "status") != "running" && !shown.is_null()) co_return;
    co_await pause(500, 2000);
  }
}

base::Task<bool> Replayer::is_drained() {
  const auto queues = co_await ask("GET", "/api/queues", "");
  const auto* items = queues.find("items");
  if (items == nullptr) co_return false;
  for (const auto& queue : items->as_array()) {
    const auto name = text_at(queue, "name");
    if (name != kCopyQueue && name != "event-replays") continue;
    for (const auto* member : {"ready", "inFlight", "delayed"}) {
      if (queue.integer_at(member).value_or(1) != 0) co_return false;
    }
  }
  co_return true;
}

base::Task<void> Replayer::read() {
  // Tokens do not last for ever.
  token_.clear();
  const auto signed_in =
      co_await ask("POST", "/api/auth/sign-in", R"({"username":"demo-operator","password":"operator-demo-password"})");
  token_ = text_at(signed_in, "accessToken");
  co_await process_.executor.sleep_until(world_.clock.ticks() + 2 * kSettled);
  co_await start_replay("{}");
  const auto replays = co_await ask("GET", "/api/replays", "");
  for (const auto& replay : replays.find("items")->as_array()) co_await wait_for_end(text_at(replay, "replayId"));
  while (!co_await is_drained()) co_await pause(500, 2000);
  co_await process_.executor.sleep_until(world_.clock.ticks() + kSettled);
  const auto ended = co_await ask("GET", "/api/replays", "");
  books_.replays = ended.find("items")->as_array();
  drained_ = true;
}

std::vector<tests::Finding> Replayer::findings() const { return check_copies(books_, !plan_.weak); }

std::size_t Replayer::copies() const {
  return static_cast<std::size_t>(std::count_if(books_.events.begin(), books_.events.end(),
                                                [](const Json& event) { return text_at(event, "type") == kCopyType; }));
}

}  // namespace ow::sim
