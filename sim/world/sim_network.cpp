// See sim_network.h.
#include "sim/world/sim_network.h"

#include <optional>
#include <utility>

namespace ow::sim {

using base::Duration;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::Task;
using platform::HttpAnswer;
using platform::HttpRequest;

/// One request as the client's frame, its time-out and the network share it.
struct SimNetwork::Call {
  SimExecutor& client;
  HttpRequest request;
  base::Completion<Result<HttpAnswer>> done;
  bool abandoned = false;  // the waiting frame is gone; `client` may be, too
};

namespace {

bool below(std::string_view url, std::string_view base_url) {
  if (!url.starts_with(base_url)) return false;
  return url.size() == base_url.size() || url[base_url.size()] == '/' || url[base_url.size()] == '?';
}

tl::unexpected<base::Error> no_connection(const std::string& url) {
  return fail(ErrorCode::unavailable, "no_connection", "No connection for " + url + ".");
}

tl::unexpected<base::Error> no_answer(const char* why) {
  return fail(ErrorCode::timed_out, "no_answer", std::string("The request was sent, but ") + why + ".");
}

}  // namespace

void SimNetwork::serve(std::string base_url, SimExecutor& process, Handler handler) {
  hosts_.insert_or_assign(std::move(base_url), Host{&process, std::make_shared<Handler>(std::move(handler))});
}

void SimNetwork::plan(std::string url_prefix, std::uint64_t nth, NetworkFault fault) {
  plans_.push_back({std::move(url_prefix), nth, fault});
}

void SimNetwork::name(std::string host, std::vector<std::vector<std::string>> answers) {
  names_.insert_or_assign(std::move(host), Name{std::move(answers)});
}

Result<std::vector<std::string>> SimNetwork::look_up(const std::string& name) {
  const auto found = names_.find(name);
  const auto none = [&] { return fail(ErrorCode::not_found, "no_such_name", "There is no name " + name + "."); };
  if (found == names_.end() || found->second.answers.empty()) return none();
  auto& [answers, next] = found->second;
  auto answer = answers[next++ % answers.size()];
  if (answer.empty()) return none();
  return answer;
}

const SimNetwork::Host* SimNetwork::find(const HttpRequest& request) const {
  for (const auto& address : request.addresses) {
    const auto found = hosts_.find(kAt + address);
    if (found != hosts_.end()) return &found->second;
  }
  if (!request.addresses.empty()) return nullptr;
  for (const auto& [base_url, host] : hosts_) {
    if (below(request.url, base_url)) return &host;
  }
  return nullptr;
}

NetworkFault SimNetwork::drawn() {
  const std::pair<NetworkFault, std::uint32_t> chances[] = {{NetworkFault::refused, weather_.refused},
                                                            {NetworkFault::reset, weather_.reset},
                                                            {NetworkFault::reply_lost, weather_.reply_lost},
                                                            {NetworkFault::silent, weather_.silent},
                                                            {NetworkFault::late, weather_.late},
                                                            {NetworkFault::duplicated, weather_.duplicated}};
  std::uint64_t roll = random_.below(1000);
  for (const auto& [fault, per_mille] : chances) {
    if (roll < per_mille) return fault;
    roll -= per_mille;
  }
  return NetworkFault::none;
}

NetworkFault SimNetwork::fate(const std::string& url) {
  ++requests_;
  NetworkFault fault = drawn();
  for (auto plan = plans_.begin(); plan != plans_.end();) {
    const bool due = url.starts_with(plan->url_prefix) && --plan->remaining == 0;
    if (due) fault = plan->fault;
    plan = due ? plans_.erase(plan) : std::next(plan);
  }
  if (fault != NetworkFault::none) ++faults_;
  history_.note(url, static_cast<std::uint64_t>(fault));
  return fault;
}

Duration SimNetwork::delay() { return Duration(random_.between(20, weather_.delay_max.count() + 20)); }

void SimNetwork::settle(const std::shared_ptr<Call>& call, Duration after, Result<HttpAnswer> result) {
  if (call->abandoned) return;
  call->client.arrive_after(after, [call, result = std::move(result)]() mutable {
    if (!call->abandoned && !call->done.ready()) call->done.complete(std::move(result));
  });
}

Task<void> SimNetwork::answer(SimNetwork& network, std::shared_ptr<Handler> handler, std::shared_ptr<Call> call,
                              bool answered) {
  HttpAnswer answer = co_await (*handler)(call->request);
  if (!answered) co_return;
  if (answer.status == kGarbage) {
    settle(call, network.delay(), fail(ErrorCode::internal, "not_http", "The answer is not HTTP."));
  } else if (answer.status == 0) {
    settle(call, network.delay(), no_answer("the connection ended without an answer"));
  } else if (answer.body.size() > call->request.answer_bytes_max && call->request.cut_long_answer) {
    answer.body.resize(call->request.answer_bytes_max);
    settle(call, network.delay(), std::move(answer));
  } else if (answer.body.size() > call->request.answer_bytes_max) {
    settle(call, network.delay(), fail(ErrorCode::too_large, "answer_too_large", "The answer is too large."));
  } else {
    settle(call, network.delay(), std::move(answer));
  }
}

void SimNetwork::deliver(std::shared_ptr<Call> call, Duration after, bool answered) {
  const Host* host = find(call->request);
  if (host == nullptr) return;
  SimExecutor& process = *host->process;
  process.arrive_after(after, [this, &process, handler = host->handler, call = std::move(call), answered] {
    process.spawn(answer(*this, handler, call, answered));
  });
}

Task<Result<std::vector<std::string>>> SimResolver::resolve(std::string name) {
  co_await process_.sleep_until(clock_.ticks() + network_.delay());
  co_return network_.look_up(name);
}

Task<Result<HttpAnswer>> SimHttpClient::send(HttpRequest request) {
  struct Guard {
    std::shared_ptr<SimNetwork::Call> call;
    ~Guard() { call->abandoned = true; }
  };
  const Guard guard{std::make_shared<SimNetwork::Call>(process_, std::move(request))};
  const auto& call = guard.call;
  if (!call->request.url.starts_with("http://") && !call->request.url.starts_with("https://")) {
    co_return fail(ErrorCode::malformed, "bad_url", "Not an http or https URL: " + call->request.url);
  }
  const NetworkFault fate = network_.fate(call->request.url);
  const bool connected = network_.find(call->request) != nullptr && fate != NetworkFault::refused;
  const Duration timeout = call->request.timeout;
  if (!connected) {
    SimNetwork::settle(call, network_.delay(), no_connection(call->request.url));
  } else {
    SimNetwork::settle(call, timeout, no_answer("no answer came in time"));
    const bool lost = fate == NetworkFault::reset || fate == NetworkFault::reply_lost;
    const bool answered = !lost && fate != NetworkFault::silent;
    const Duration late = fate == NetworkFault::late ? timeout : Duration(0);
    if (fate != NetworkFault::reset) network_.deliver(call, late + network_.delay(), answered);
    if (fate == NetworkFault::duplicated) network_.deliver(call, network_.delay(), answered);
    if (lost) SimNetwork::settle(call, 2 * network_.delay(), no_answer("the connection was reset"));
  }
  co_return co_await call->done;
}

}  // namespace ow::sim
