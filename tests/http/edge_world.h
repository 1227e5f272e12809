// The world of the edge's tests: an Api over test ports, tokens that name their user ("alice",
// "oscar.operator") or an API key's scope ("key~orders.read"). Test thread only.
#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/api.h"
#include "http/edge_ports.h"

namespace ow::http {

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
