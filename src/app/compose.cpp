// See compose.h.
#include "app/compose.h"

#include <iterator>
#include <set>
#include <string>

#include "app/demo.h"
#include "app/event_rules.h"
#include "app/order_ends.h"
#include "app/order_source.h"
#include "app/personal_data.h"
#include "app/route_scopes.h"
#include "app/tail_events.h"
#include "app/webhook_feed.h"
#include "base/bounds.h"
#include "events/events.h"
#include "events/ingest.h"
#include "events/replay_runner.h"
#include "events/stream.h"
#include "events/watched_store.h"
#include "identity/identity.h"
#include "inventory/routes.h"
#include "notify/fan_out.h"
#include "notify/office.h"
#include "notify/webhooks/ports.h"
#include "notify/webhooks/webhooks.h"
#include "ops/background.h"
#include "ops/export.h"
#include "ops/queue_desk.h"
#include "ops/queue_worker.h"
#include "ops/retention_work.h"
#include "ops/routes.h"
#include "ops/snapshot_routes.h"
#include "ops/workflow_routes.h"
#include "orders/orders.h"
#include "orders/reconciliation.h"
#include "payments/obligation_watch.h"
#include "platform/consumer.h"
#include "platform/gated_queues.h"
#include "platform/id_source.h"
#include "workflow/emit_task.h"
#include "workflow/workflows.h"

namespace ow::app {
namespace {

void append(http::Routes& all, http::Routes more) { std::move(more.begin(), more.end(), std::back_inserter(all)); }

/// What moves sagas, operators' work, replays and notices: a rule may not feed these.
std::set<std::string> platform_queues() {
  std::set<std::string> names{std::string(ops::kOperationsQueue), std::string(events::kReplayQueue),
                              std::string(notify::webhooks::kDeliveryQueue)};
  for (const auto& queue : workflow::workflow_queues()) names.insert(queue.name);
  for (const auto& queue : notify::fan_out_queues()) names.insert(queue.name);
  return names;
}

Ports with_store(const Ports& ports, platform::Store& store) {
  return {ports.executor,    ports.clock,          ports.random,    store,
          ports.queues,      ports.queue_admin,    ports.event_log, ports.gateway,
          ports.http_client, ports.webhook_client, ports.resolver,  ports.secrets,
          ports.telemetry,   ports.fan_out,        ports.mailer,    ports.blobs,
          ports.typesetter};
}

class ComposedPlatform final : public Platform {
 public:
  ComposedPlatform(Ports ports, ComposeOptions options);

  base::Task<base::Result<void>> start() override;
  base::Task<http::Response> handle(http::Request request) override { return api_.handle(std::move(request)); }
  std::string openapi() const override { return api_.openapi(); }

 private:
  platform::ConsumerPorts consumer_ports() {
    return {ports_.executor, gate_, ports_.store, ports_.clock, ports_.random, ports_.telemetry};
  }
  orders::OrderPorts order_ports() {
    return {ports_.store, ports_.event_log, ports_.gateway, ports_.clock, ids_, ports_.telemetry};
  }
  notify::webhooks::WebhookPorts webhook_ports() {
    return {
        ports_.executor, ports_.store, ports_.event_log, ports_.webhook_client, ports_.resolver,           ports_.clock,
        ports_.random,   ids_,         ports_.telemetry, ports_.fan_out,        webhook_feed(ports_.store)};
  }
  void committed(const std::vector<std::string>& types) {
    order_ends_.count(types);
    streams_.changed();
  }
  workflow::TaskRegistry tasks();
  events::EventPorts event_ports() {
    return {
        ports_.store, ports_.event_log, ports_.queue_admin, ports_.clock,
        ids_,         system_rules(),   platform_queues(),  [&fan_out = ports_.fan_out] { return fan_out.as_rules(); }};
  }
  notify::OfficePorts office_ports() {
    return {consumer_ports(), ports_.queue_admin, ids_,          ports_.secrets, ports_.mailer,
            ports_.blobs,     ports_.typesetter,  order_source_, ports_.fan_out};
  }
  notify::OfficeOptions office_options();
  std::vector<platform::ConsumerSpec> saga_consumers();
  void start_consumers();
  http::Routes routes();
  http::ApiOptions api_options() const;
  base::Task<base::Result<void>> start_background_work();

  OrderEnds order_ends_;
  events::Streams streams_;
  events::WatchedStore store_;
  Ports ports_;  // with store_: everybody's commits are seen
  ComposeOptions options_;
  platform::GatedQueues gate_;  // every consumer receives through it
  platform::IdSource ids_;
  identity::Identity identity_;
  workflow::Workflows workflows_;
  notify::webhooks::Webhooks webhooks_;
  OrderSource order_source_;
  notify::Office office_;
  http::Api api_;
};

ComposedPlatform::ComposedPlatform(Ports ports, ComposeOptions options)
    : order_ends_(ports.telemetry),
      streams_({ports.event_log, ports.executor, ports.clock}, tail_events(ports.store), ports.telemetry),
      store_(ports.store, [this](const std::vector<std::string>& types) { committed(types); }),
      ports_(with_store(ports, store_)),
      options_(std::move(options)),
      gate_(ports_.queues, ports_.executor, ports_.clock),
      ids_(ports_.clock, ports_.random),
      identity_({ports_.store, ports_.executor, ports_.clock, ports_.random, ports_.secrets, ports_.telemetry,
                 &ports_.http_client, personal_data(ports_.store, office_)},
                {.public_url = options_.public_url, .outside = options_.outside_issuer, .sign_up = options_.sign_up}),
      workflows_(consumer_ports(), tasks(), options_.kept.executions),
      webhooks_(webhook_ports(), options_.webhook_allow),
      order_source_(ports_.store),
      office_(office_ports(), office_options()),
      api_({ports_.store, ports_.clock, ports_.random, ports_.telemetry, identity_}, routes(), api_options()) {}

workflow::TaskRegistry ComposedPlatform::tasks() {
  auto all = workflow::emit_tasks(ports_.clock);
  all.merge(orders::tasks(order_ports()));
  return all;
}

http::Routes ComposedPlatform::routes() {
  auto all = identity_.routes();
  append(all, inventory::routes({ports_.store, ports_.clock}));
  append(all, orders::routes(order_ports(), workflows_));
  append(all, events::routes(event_ports()));
  all.push_back(streams_.route());
  const events::IngestPorts ingest{ports_.store, ports_.clock, ports_.random, ports_.telemetry};
  all.push_back(events::ingest_route(ingest));
  append(all, events::ingest_source_routes(ingest));
  append(all, webhooks_.routes());
  append(all, ops::queue_routes({ports_.store, ports_.queue_admin, ports_.clock, ids_}));
  append(all, ops::workflow_routes({ports_.store, ports_.clock, ids_, workflows_}));
  append(all, ops::routes({options_.exposition, [this] { return identity_.healthy(); }}));
  append(all, office_.routes());
  append(all, orders::restoration_routes(ports_.store));
  append(all, ops::snapshot_routes(options_.snapshots));
  append(all, ops::export_routes(options_.retention));
  append(all, ops::background_routes(
                  {ports_.store, ports_.clock, [this] { return orders::check_reconciled(ports_.store); }}));
  give_scopes(all);
  return all;
}

notify::OfficeOptions ComposedPlatform::office_options() {
  return {options_.mail, options_.retailer, options_.receipt_series, options_.public_url,
          [this] { return api_.requests_in_flight() >= base::bounds::kRequestsInFlightBusy; }};
}

http::ApiOptions ComposedPlatform::api_options() const {
  return {.rate_limit = options_.rate_limit,
          .public_url = options_.public_url,
          .cors_origins = options_.cors_origins,
          .log_lines_per_second = options_.access_log ? std::nullopt : http::ApiOptions().log_lines_per_second,
          .idempotency_kept = options_.kept.idempotency};
}

// Accepting comes first: under a burst of requests the sagas wait a little, and catch up after it.
std::vector<platform::ConsumerSpec> ComposedPlatform::saga_consumers() {
  auto specs = workflows_.consumers();
  for (auto& spec : specs) {
    spec.yields = [this] { return api_.requests_in_flight() >= base::bounds::kRequestsInFlightBusy; };
  }
  return specs;
}

void ComposedPlatform::start_consumers() {
  for (auto& spec : saga_consumers()) {
    ports_.executor.spawn(platform::run_consumer(consumer_ports(), std::move(spec)));
  }
  // A program that starts with the gate closed is to be inspected first: nothing leaves it either until it is opened.
  const bool closed = workflows_.gate().state().closed;
  auto specs = webhooks_.consumers();
  for (auto& spec : events::consumers(event_ports())) specs.push_back(std::move(spec));
  for (auto& spec : specs) {
    if (closed) spec.admits = [this](std::size_t wanted) { return workflows_.gate().admit(wanted); };
    ports_.executor.spawn(platform::run_consumer(consumer_ports(), std::move(spec)));
  }
  closed ? office_.work([this](std::size_t wanted) { return workflows_.gate().admit(wanted); }) : office_.work();
}

base::Task<base::Result<void>> ComposedPlatform::start() {
  auto queues = workflow::workflow_queues();
  queues.push_back(ops::operations_queue());
  for (auto& queue : queues) {
    auto declared = co_await ports_.queue_admin.declare(std::move(queue));
    if (!declared) co_return declared;
  }
  auto declared = co_await events::declare_queues(ports_.queue_admin);
  if (!declared) co_return declared;
  for (auto& queue : notify::fan_out_queues()) {
    declared = co_await ports_.queue_admin.declare(std::move(queue));
    if (!declared) co_return declared;
  }
  declared = co_await webhooks_.start(ports_.queue_admin);
  if (!declared) co_return declared;
  auto defined = orders::define_workflows(workflows_);
  if (!defined) co_return defined;
  auto published = co_await workflows_.publish();
  if (!published) co_return published;
  auto loaded = co_await workflows_.gate().load(options_.paused);
  if (!loaded) co_return loaded;
  auto ready = co_await identity_.start();
  if (!ready) co_return ready;
  ready = co_await office_.start();
  if (!ready) co_return ready;
  if (options_.demo) {
    auto seeded = co_await seed_demo(ports_.store, identity_);
    if (!seeded) co_return seeded;
  }
  // What operators ask for is carried out while the rest is paused.
  auto operating = consumer_ports();
  const platform::ConsumerPorts ungated{operating.executor, ports_.queues,    operating.store,
                                        operating.clock,    operating.random, operating.telemetry};
  ports_.executor.spawn(
      platform::run_consumer(ungated, ops::operations_consumer({ports_.store, ports_.queue_admin, ports_.clock})));
  auto background = co_await start_background_work();
  if (!background) co_return background;
  start_consumers();
  ports_.executor.spawn(webhooks_.sample());
  ports_.executor.spawn(workflows_.run_upkeep());
  ports_.executor.spawn(payments::watch_obligations(
      {ports_.executor, ports_.store, ports_.clock, ports_.telemetry, options_.obligation_alarm_age}));
  co_return base::Result<void>();
}

// The gate stands as it should before the first consumer asks.
base::Task<base::Result<void>> ComposedPlatform::start_background_work() {
  const auto work = co_await ops::find_background_work(ports_.store);
  if (!work) co_return base::fail(work.error());
  ops::apply_background_work(*work, gate_);
  auto& executor = ports_.executor;
  executor.spawn(ops::follow_background_work(ports_.store, gate_, executor, ports_.clock));
  executor.spawn(orders::run_reconciliation({order_ports(), executor, workflows_}));
  if (options_.retention == nullptr) co_return base::Result<void>();
  const ops::RetentionPorts retention{*options_.retention, executor, ports_.clock, ports_.telemetry};
  executor.spawn(ops::run_event_retention(retention, options_.kept.event_days));
  executor.spawn(ops::run_store_census(retention, options_.kept));
  co_return base::Result<void>();
}

}  // namespace

std::unique_ptr<Platform> compose(Ports ports, ComposeOptions options) {
  return std::make_unique<ComposedPlatform>(ports, std::move(options));
}

}  // namespace ow::app
