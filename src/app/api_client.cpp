// See api_client.h.
#include "app/api_client.h"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include "local/answer_follower.h"
#include "local/asio_executor.h"
#include "local/machine.h"

namespace ow::app {
namespace {

constexpr auto kUnusableServer = "unusable_server";  // --server or OW_SERVER is no address

base::Task<void> send_once(local::AsioExecutor& executor, local::BeastHttpClient& client, platform::HttpRequest request,
                           std::optional<base::Result<platform::HttpAnswer>>& out) {
  out = co_await client.send(std::move(request));
  executor.request_stop();
}

base::ErrorCode code_of_status(int status) {
  switch (status) {
    case 401:
      return base::ErrorCode::unauthenticated;
    case 403:
      return base::ErrorCode::forbidden;
    case 404:
      return base::ErrorCode::not_found;
    case 409:
      return base::ErrorCode::conflict;
    case 422:
      return base::ErrorCode::unprocessable;
    case 429:
      return base::ErrorCode::rate_limited;
    default:
      return status < 500 ? base::ErrorCode::malformed : base::ErrorCode::internal;
  }
}

base::Error error_of(const platform::HttpAnswer& answer) {
  base::Error error{code_of_status(answer.status), "http_" + std::to_string(answer.status),
                    fmt::format("the server answered {}", answer.status)};
  const auto problem = base::parse_json(answer.body);
  if (!problem) return error;
  if (const auto reason = problem->string_at("error")) error.reason = *reason;
  if (const auto message = problem->string_at("message")) error.message = *message;
  if (const auto* violations = problem->find("violations"); violations != nullptr && violations->is_array()) {
    for (const auto& one : violations->as_array()) {
      if (one.is_string()) error.violations.push_back(one.as_string());
    }
  }
  return error;
}

std::string environment(const char* name, std::string otherwise = {}) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::string(value);
}

}  // namespace

std::vector<OptionSpec> client_options(std::vector<OptionSpec> more) {
  more.push_back({"ca-file", "FILE", "authorities (PEM) to trust beside the system's (default OW_CA_FILE)"});
  more.push_back(
      {"server", "URL", "the server (default OW_SERVER, else http://127.0.0.1:8080); OW_TOKEN holds the token"});
  return more;
}

ApiClient::ApiClient(const Invocation& invocation)
    : server_(invocation.option_or("server", environment("OW_SERVER", "http://127.0.0.1:8080"))),
      token_(environment("OW_TOKEN")),
      ca_file_(invocation.option_or("ca-file", environment("OW_CA_FILE"))) {
  while (server_.ends_with('/')) server_.pop_back();
}

platform::Headers ApiClient::headers(std::string accept) const {
  platform::Headers headers = {{"accept", std::move(accept)}};
  if (!token_.empty()) headers.emplace_back("authorization", "Bearer " + token_);
  return headers;
}

base::Result<void> ApiClient::follow(FollowCall call) {
  auto all = headers("text/event-stream");
  std::move(call.headers.begin(), call.headers.end(), std::back_inserter(all));
  auto answer = local::follow({.url = server_ + call.path,
                               .headers = std::move(all),
                               .ca_file = ca_file_,
                               .delay = call.delay,
                               .take = std::move(call.take)});
  if (!answer) return base::fail(unreachable(std::move(answer.error())));
  if (answer->status != 200) return base::fail(error_of(*answer));
  return {};
}

base::Error ApiClient::unreachable(base::Error error) const {
  if (error.code == base::ErrorCode::malformed) error.reason = kUnusableServer;
  error.message = fmt::format("cannot reach {}: {}", server_, error.message);
  return error;
}

base::Result<base::Json> ApiClient::call(ApiCall call) {
  platform::HttpRequest request;
  request.method = call.method;
  request.url = server_ + call.path;
  request.timeout = std::chrono::seconds(30);
  request.answer_bytes_max = 16 << 20;
  request.headers = headers("application/json");
  if (!call.idempotency_key.empty()) request.headers.emplace_back("idempotency-key", call.idempotency_key);
  if (!call.body.is_null()) {
    request.headers.emplace_back("content-type", "application/json");
    request.body = base::to_text(call.body);
  }
  auto answer = send_and_wait(std::move(request), ca_file_);
  if (!answer) return base::fail(unreachable(std::move(answer.error())));
  if (answer->status < 200 || answer->status > 299) return base::fail(error_of(*answer));
  if (answer->body.empty()) return base::Json::object();
  return base::parse_json(answer->body);
}

base::Result<platform::HttpAnswer> send_and_wait(platform::HttpRequest request, const std::string& ca_file) {
  local::AsioExecutor executor;
  local::BeastHttpClient client(executor, {.ca_file = ca_file});
  std::optional<base::Result<platform::HttpAnswer>> answer;
  executor.spawn(send_once(executor, client, std::move(request), answer));
  executor.run();
  return std::move(*answer);
}

namespace {

base::Task<void> wait_once(local::AsioExecutor& executor, base::Duration due) {
  co_await executor.sleep_until(due);
  executor.request_stop();
}

}  // namespace

void wait_for(base::Duration span) {
  local::AsioExecutor executor;
  executor.spawn(wait_once(executor, local::SystemClock().ticks() + span));
  executor.run();
}

Exit exit_with(const base::Error& error, bool json) {
  complain(error, json);
  if (error.reason == kUnusableServer) return Exit::usage;
  const bool unreachable = error.code == base::ErrorCode::unavailable || error.code == base::ErrorCode::timed_out;
  return unreachable ? Exit::unreachable : Exit::refused;
}

}  // namespace ow::app
