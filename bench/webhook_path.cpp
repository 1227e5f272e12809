// See webhook_path.h.
#include "bench/webhook_path.h"

#include <fmt/format.h>

#include "app/event_rules.h"
#include "app/webhook_feed.h"
#include "base/assert.h"
#include "bench/webhook_sink.h"
#include "platform/consumer.h"

namespace ow::bench {
namespace {

using notify::webhooks::Endpoint;

constexpr std::size_t kEventsPerCommit = 20;
constexpr std::size_t kEndpointsPerCommit = 50;

std::string event_data(std::int64_t ticks) {
  std::string items;
  for (const auto* item : {"mug", "honey", "spoon", "candle"}) {
    if (!items.empty()) items += ',';
    items += fmt::format(
        R"({{"productId":"{}","name":"{}, as it was shown to the customer","quantity":1,"price":9.90}})", item, item);
  }
  return fmt::format(R"({{{}{},"status":"completed","currency":"EUR","total":39.60,"items":[{}]}})", kTicksMark, ticks,
                     items);
}

base::Task<void> commit_all(platform::Store& store, platform::Commit commit) {
  const auto outcome = co_await store.commit(std::move(commit));
  OW_ASSERT(outcome && outcome->kind == platform::CommitOutcome::Kind::committed,
            "the store takes the benchmark's commits");
}

}  // namespace

Endpoint endpoint_at(std::size_t number, std::uint16_t port) {
  Endpoint endpoint;
  endpoint.id = fmt::format("whe_{:06}", number);
  endpoint.url = fmt::format("http://127.0.0.1:{}/hook", port);
  endpoint.types = {fmt::format("bench.{}", number)};
  endpoint.owner = base::UserId("usr_bench");
  endpoint.secrets = {{"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", std::nullopt}};
  return endpoint;
}

std::vector<notify::Network> this_machine() { return {*notify::Network::parse("127.0.0.0/8")}; }

local::HttpClientOptions webhook_connections() { return {.connections_per_host_max = 32, .connections_max = 4096}; }

WebhookPath::WebhookPath(const std::vector<std::uint16_t>& ports) : ports_(ports) {
  auto rules = std::make_unique<app::PlatformRules>();
  fan_out_ = &rules->fan_out();
  auto node = app::EmbeddedNode::open(directory_.path() + "/data", std::move(rules));
  OW_ASSERT(node.has_value(), "a store can be opened");
  node_ = std::move(*node);
  client_ = std::make_unique<local::BeastHttpClient>(node_->executor(), webhook_connections());
  resolver_ = std::make_unique<local::SystemResolver>(node_->executor(), node_->clock());
  ids_ = std::make_unique<platform::IdSource>(node_->clock(), node_->random());
  auto& engine = node_->engine();
  webhooks_ = std::make_unique<notify::webhooks::Webhooks>(
      notify::webhooks::WebhookPorts{node_->executor(), engine.store(), engine.event_log(), *client_, *resolver_,
                                     node_->clock(), node_->random(), *ids_, node_->metrics(), *fan_out_,
                                     app::webhook_feed(engine.store())},
      this_machine());
}

void WebhookPath::run(Work work) {
  const auto done = app::run_to_end(*node_, begin(std::move(work)));
  OW_ASSERT(done.has_value(), "the benchmark ran to its end");
}

base::Task<base::Result<void>> WebhookPath::begin(Work work) {
  auto& engine = node_->engine();
  for (auto& queue : notify::fan_out_queues()) {
    auto declared = co_await engine.queue_admin().declare(std::move(queue));
    if (!declared) co_return declared;
  }
  for (std::size_t i = 0; i < ports_.size();) {
    platform::Commit commit;
    for (std::size_t n = 0; n < kEndpointsPerCommit && i < ports_.size(); ++n, ++i) {
      commit.put(notify::webhooks::endpoint_record(endpoint_at(i, ports_[i])));
    }
    co_await commit_all(engine.store(), std::move(commit));
  }
  auto started = co_await webhooks_->start(engine.queue_admin());
  if (!started) co_return started;
  co_await work(*this);
  co_return base::Result<void>();
}

base::Task<void> WebhookPath::publish(std::vector<std::size_t> endpoints) {
  for (std::size_t i = 0; i < endpoints.size();) {
    platform::Commit commit;
    const auto data = event_data(node_->clock().ticks().count());
    for (std::size_t n = 0; n < kEventsPerCommit && i < endpoints.size(); ++n, ++i) {
      commit.event({fmt::format("bench_{:09}", subjects_++),
                    fmt::format("bench.{}", endpoints[i]),
                    "orderwright/bench",
                    data,
                    node_->clock().now(),
                    {}});
    }
    co_await commit_all(node_->engine().store(), std::move(commit));
  }
}

void WebhookPath::start_consumers() {
  auto& engine = node_->engine();
  const platform::ConsumerPorts ports{node_->executor(), engine.queues(), engine.store(),
                                      node_->clock(),    node_->random(), node_->metrics()};
  for (auto& spec : webhooks_->consumers()) node_->executor().spawn(platform::run_consumer(ports, std::move(spec)));
}

base::Task<bool> WebhookPath::idle() {
  const auto queues = co_await node_->engine().queue_admin().list();
  OW_ASSERT(queues.has_value(), "queues can be listed");
  std::uint64_t left = 0;
  for (const auto& queue : *queues) {
    if (queue.dead) left += queue.ready + queue.in_flight + queue.delayed;
  }
  co_return left == 0;
}

base::Task<void> WebhookPath::delivered() {
  while (!co_await idle()) co_await pause(std::chrono::milliseconds(20));
}

base::Task<void> WebhookPath::pause(base::Duration span) {
  static_cast<void>(co_await node_->executor().sleep_until(node_->clock().ticks() + span));
}

}  // namespace ow::bench
