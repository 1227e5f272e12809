// The world of the edge's tests: a store whose commits wait until the test settles them, a clock that the
// test moves, tokens that name their user ("alice", "oscar.operator"). Test thread only.
#pragma once

#include <coroutine>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/api.h"

namespace ow::http {

class TestClock final : public platform::Clock {
 public:
  base::Instant now() const override { return base::Instant{1'700'000'000'000'000} + at; }
  base::Duration ticks() const override { return at; }
  base::Duration at = std::chrono::seconds(1000);
};

class TestRandom final : public platform::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(next() >> 32);
  }
  std::uint64_t next() override { return state_ = state_ * 6364136223846793005U + 1442695040888963407U; }

 private:
  std::uint64_t state_ = 42;
};

class TestTelemetry final : public platform::Telemetry {
 public:
  struct Line {
    platform::LogLevel level;
    std::string event;
    platform::Labels fields;
  };

  platform::CounterMetric& counter(std::string_view name, platform::Labels labels) override;
  platform::GaugeMetric& gauge(std::string_view name, platform::Labels labels) override;
  platform::HistogramMetric& histogram(std::string_view name, platform::Labels labels) override;
  void log(platform::LogLevel level, std::string_view event, const platform::Labels& fields) override {
    lines.push_back({level, std::string(event), fields});
  }

  /// By name and label values: "ow_http_requests_total POST /deposits 201".
  std::map<std::string, std::uint64_t> counted;
  std::map<std::string, std::uint64_t> observed;
  std::vector<Line> lines;

 private:
  std::deque<std::unique_ptr<platform::CounterMetric>> counters_;
  std::deque<std::unique_ptr<platform::GaugeMetric>> gauges_;
  std::deque<std::unique_ptr<platform::HistogramMetric>> histograms_;
};

/// Records only. Commits answer at once, or wait for settle() while `holding`.
class TestStore final : public platform::Store {
 public:
  explicit TestStore(const platform::Clock& clock) : clock_(clock) {}

  base::Task<base::Result<std::vector<std::optional<platform::Record>>>> get(std::vector<platform::Key> keys) override;
  base::Task<base::Result<std::vector<std::optional<platform::Counter>>>> counters(
      std::vector<platform::Key> keys) override;
  base::Task<base::Result<platform::Page>> query(platform::Query query) override;
  base::Task<base::Result<platform::CommitOutcome>> commit(platform::Commit commit) override;

  std::size_t waiting() const { return waiting_.size(); }
  void settle(std::size_t index);

  bool holding = false;
  int reads = 0;
  int commits = 0;
  /// Answered instead of committing, once each.
  std::deque<base::Result<platform::CommitOutcome>> instead;

 private:
  struct Waiting {
    platform::Commit commit;
    base::Completion<base::Result<platform::CommitOutcome>> done;
  };

  std::optional<platform::Record> live(const platform::Key& key) const;
  bool holds(const platform::Key& key, platform::Expect expect) const;
  base::Result<platform::CommitOutcome> apply(const platform::Commit& commit);

  const platform::Clock& clock_;
  std::map<platform::Key, platform::Record> records_;
  platform::Version last_version_ = 0;
  std::list<Waiting*> waiting_;
};

class TestAuthenticator final : public Authenticator {
 public:
  base::Task<base::Result<Principal>> authenticate(std::string token) override;
};

/// Runs a task from the test; `answer` is set when it is done.
template <typename T>
class Running {
 public:
  explicit Running(base::Task<T> task) : task_(std::move(task)) { drive(this); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  std::optional<T> answer;

 private:
  struct Detached {
    struct promise_type {
      Detached get_return_object() const { return {}; }
      std::suspend_never initial_suspend() const noexcept { return {}; }
      std::suspend_never final_suspend() const noexcept { return {}; }
      void return_void() const {}
      void unhandled_exception() const { std::terminate(); }
    };
  };
  static Detached drive(Running* self) { self->answer.emplace(co_await self->task_); }
  base::Task<T> task_;
};

/// A request under construction.
struct Ask {
  Request request;
  Ask(std::string method, std::string target) { request = {std::move(method), std::move(target), {}, {}, "127.0.0.1"}; }
  Ask& as(const std::string& token) { return with("authorization", "Bearer " + token); }
  Ask& key(std::string text) { return with("idempotency-key", std::move(text)); }
  Ask& with(std::string name, std::string value) {
    request.headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  Ask& json(std::string body) {
    request.body = std::move(body);
    return with("content-type", "application/json");
  }
  Ask& from(std::string peer) {
    request.peer = std::move(peer);
    return *this;
  }
};

class EdgeWorld {
 public:
  TestClock clock;
  TestRandom random;
  TestTelemetry telemetry;
  TestStore store{clock};
  TestAuthenticator authenticator;
  ApiOptions options;
  Routes routes;

  /// Adds a route; `handle` answers at once.
  Route& route(std::string method, std::string pattern, Access access,
               std::function<base::Result<Reply>(const RequestContext&)> handle);
  Api& api();
  /// Sends a request that must be answered without anything else happening.
  Response send(const Ask& ask);
  std::unique_ptr<Running<Response>> start(const Ask& ask);

 private:
  std::unique_ptr<Api> api_;
};

std::optional<std::string> header(const Response& response, std::string_view name);
base::Json body_of(const Response& response);

}  // namespace ow::http
