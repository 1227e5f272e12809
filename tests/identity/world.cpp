// See world.h.
#include "world.h"

#include "base/assert.h"

namespace ow::identity {

using base::Json;

const platform::Record* MapStore::live(const platform::Key& key) const {
  const auto found = records.find(key);
  if (found == records.end()) return nullptr;
  const auto& expires = found->second.expires;
  return expires && *expires <= clock_.now() ? nullptr : &found->second;
}

base::Task<base::Result<std::vector<platform::RecordPtr>>> MapStore::get(std::vector<platform::Key> keys) {
  std::vector<platform::RecordPtr> found;
  for (const auto& key : keys) {
    const auto* record = live(key);
    found.push_back(record == nullptr ? nullptr : std::make_shared<platform::Record>(*record));
  }
  co_return found;
}

base::Task<base::Result<std::vector<std::optional<platform::Counter>>>> MapStore::counters(
    std::vector<platform::Key> keys) {
  co_return std::vector<std::optional<platform::Counter>>(keys.size());
}

base::Task<base::Result<platform::Page>> MapStore::query(platform::Query query) {
  platform::Page page;
  for (const auto& [key, record] : records) {
    for (const auto& entry : record.indexes) {
      if (entry.index == query.index && entry.partition == query.partition) page.records.push_back(record);
    }
  }
  co_return page;
}

base::Task<base::Result<platform::CommitOutcome>> MapStore::commit(platform::Commit commit) {
  using Kind = platform::Expect::Kind;
  for (const auto& [key, write] : commit.writes()) {
    const auto* record = live(key);
    const platform::Version version = record == nullptr ? 0 : record->version;
    const bool holds = write.expect.kind == Kind::anything || (write.expect.kind == Kind::absent && version == 0) ||
                       (write.expect.kind == Kind::exists && version != 0) ||
                       (write.expect.kind == Kind::version && version == write.expect.version);
    if (holds) continue;
    platform::CommitOutcome outcome{platform::CommitOutcome::Kind::conflict};
    outcome.conflict.key = key;
    co_return outcome;
  }
  for (const auto& [key, write] : commit.writes()) {
    if (write.condition_only) continue;
    if (write.record) {
      records[key] = *write.record;
      records[key].version = ++last_version_;
    } else {
      records.erase(key);
    }
  }
  events.insert(events.end(), commit.events().begin(), commit.events().end());
  co_return platform::CommitOutcome{};
}

base::Result<std::optional<std::string>> MapSecrets::get(const std::string& name) {
  const auto place = secrets.find(name);
  return place == secrets.end() ? std::nullopt : std::optional(place->second);
}

base::Result<void> MapSecrets::put(const std::string& name, const std::string& bytes) {
  secrets[name] = bytes;
  return {};
}

platform::CounterMetric& CountingTelemetry::counter(std::string_view name, platform::Labels labels) {
  return counters_[std::string(name) + "/" + (labels.empty() ? "" : labels.front().second)];
}

platform::GaugeMetric& CountingTelemetry::gauge(std::string_view, platform::Labels) {
  static struct : platform::GaugeMetric {
    void set(double) override {}
  } ignored;
  return ignored;
}

platform::HistogramMetric& CountingTelemetry::histogram(std::string_view, platform::Labels) {
  static struct : platform::HistogramMetric {
    void observe(double) override {}
  } ignored;
  return ignored;
}

void CountingTelemetry::log(platform::LogLevel, std::string_view event, const platform::Labels&) {
  events.emplace_back(event);
}

std::uint64_t CountingTelemetry::count(const std::string& name, const std::string& result) const {
  return counters_.at(name + "/" + result).value;
}

base::Task<base::Result<platform::HttpAnswer>> ScriptedHttpClient::send(platform::HttpRequest request) {
  urls.push_back(request.url);
  auto done = std::make_shared<base::Completion<bool>>();
  executor_->post([done] { done->complete(true); });
  co_await *done;
  co_return answer;
}

World::World() { OW_ASSERT(restart().has_value(), "the built-in issuer starts"); }

// The process ends before what its tasks refer to.
World::~World() { executor.reset(); }

IdentityPorts World::ports() { return {store, *executor, clock, random, secrets, telemetry, &http_client}; }

base::Result<void> World::restart(IdentityOptions options) {
  options.password_cost = {.memory_kib = 8, .passes = 1};
  executor = std::make_unique<sim::SimExecutor>(scheduler);
  identity = std::make_unique<Identity>(ports(), options);
  return executor->run(identity->start());
}

base::UserId World::add_user(const std::string& name, const std::string& password, const std::string& role) {
  auto id = executor->run(identity->create_user({name, password, {role}}));
  OW_ASSERT(id.has_value(), "the user is made");
  return *id;
}

base::Result<http::Reply> World::sign_in(const std::string& name, const std::string& password,
                                         const std::string& peer) {
  http::RequestContext context;
  context.body = Json::object({{"username", name}, {"password", password}});
  context.peer = peer;
  for (const auto& route : identity->routes()) {
    if (route.pattern == "/api/auth/sign-in") return executor->run(route.handle(context));
  }
  return base::fail(base::ErrorCode::not_found, "no_route", "There is no sign-in.");
}

std::string World::token_of(const std::string& name, const std::string& password) {
  const auto reply = sign_in(name, password);
  OW_ASSERT(reply.has_value(), "the sign-in succeeds");
  return std::string(*base::parse_json(reply->response.body)->string_at("accessToken"));
}

base::Result<http::Principal> World::authenticate(const std::string& token) {
  return executor->run(identity->authenticate(token));
}

http::Response World::get(const std::string& pattern) {
  const http::RequestContext context;
  for (const auto& route : identity->routes()) {
    if (route.pattern == pattern) return executor->run(route.handle(context))->response;
  }
  return {.status = 404};
}

base::Result<http::Response> World::call(const std::string& method, const std::string& pattern,
                                         http::RequestContext context) {
  if (!context.principal) context.principal = http::Principal{base::UserId("usr_admin"), {"admin"}};
  for (const auto& route : identity->routes()) {
    if (route.method != method || route.pattern != pattern) continue;
    auto reply = executor->run(route.handle(context));
    if (!reply) return base::fail(reply.error());
    if (reply->commit.empty()) return std::move(reply->response);
    const auto outcome = executor->run(store.commit(std::move(reply->commit)));
    OW_ASSERT(outcome && outcome->committed(), "nothing else changes the record");
    return std::move(reply->response);
  }
  return base::fail(base::ErrorCode::not_found, "no_route", "There is no such route.");
}

}  // namespace ow::identity
