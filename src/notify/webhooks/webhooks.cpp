// See webhooks.h.
#include "notify/webhooks/webhooks.h"

#include <algorithm>

#include "notify/webhooks/bounds.h"
#include "notify/webhooks/desk.h"

namespace ow::notify::webhooks {

Webhooks::Webhooks(WebhookPorts ports, std::vector<Network> allowed)
    : ports_(std::move(ports)),
      registry_(ports_.store, ports_.clock, ports_.random, ports_.fan_out),
      sender_(ports_.client, ports_.resolver, ports_.clock, AddressGuard(std::move(allowed))),
      health_(ports_, registry_, sender_),
      expansion_(ports_, registry_),
      courier_(ports_, registry_, sender_, health_),
      chores_(ports_) {}

http::Routes Webhooks::routes() { return webhooks::routes(Desk{ports_, registry_, sender_, chores_}); }

base::Task<base::Result<void>> Webhooks::start(platform::QueueAdmin& admin) {
  platform::QueueSpec spec;
  spec.name = kDeliveryQueue;
  spec.visibility = kDeliveryVisibility;
  spec.receive_limit = kDeliveryReceivesMax;
  auto declared = co_await admin.declare(std::move(spec));
  if (!declared) co_return declared;
  co_return co_await registry_.load();
}

std::vector<platform::ConsumerSpec> Webhooks::consumers() {
  std::vector<platform::ConsumerSpec> all;
  all.push_back(expansion_.consumer());
  all.push_back({std::string(kDeliveryQueue), kInFlightMax,
                 [this](platform::Delivery delivery) { return work(std::move(delivery)); }});
  for (auto& spec : all) spec.together = true;
  return all;
}

base::Task<base::Result<platform::Commit>> Webhooks::work(platform::Delivery delivery) {
  auto work = work_from(delivery.body);
  if (!work) co_return base::fail(std::move(work.error()));
  if (work->kind == "lane") co_return co_await courier_.deliver(delivery.id.text, std::move(*work));
  if (work->kind == "wake") co_return co_await chores_.wake(std::move(*work));
  if (work->kind == "forget") co_return co_await chores_.forget(std::move(*work));
  if (work->kind == "recover") co_return co_await chores_.recover(std::move(*work));
  if (work->kind == "replay") co_return co_await chores_.replay(std::move(*work));
  if (work->kind == "health") co_return co_await health_.notice(std::move(*work));
  if (work->kind == "probe") co_return co_await health_.probe(std::move(*work));
  co_return base::fail(base::ErrorCode::internal, "bad_message", "Webhooks know no work called " + work->kind + ".");
}

base::Task<void> Webhooks::sample() {
  while (!ports_.executor.stopping()) {
    show_endpoints();
    co_await show_age(std::string(kThrottled));
    co_await show_age(std::string(kDelayed));
    static_cast<void>(co_await ports_.executor.sleep_until(ports_.clock.ticks() + kSampleEvery));
  }
}

base::Task<void> Webhooks::show_age(std::string held) {
  platform::Query query{.index = std::string(kHeldIndex), .partition = held, .limit = 1};
  const auto page = co_await ports_.store.query(query);
  if (!page) co_return;
  double age = 0;
  if (!page->records.empty()) {
    const auto& entries = page->records.front().indexes;
    const auto since =
        entries.empty() ? base::Result<base::Instant>(ports_.clock.now()) : base::parse_rfc3339(entries.front().sort);
    if (since) age = static_cast<double>((ports_.clock.now() - *since).count()) / 1e6;
  }
  ports_.telemetry.gauge("ow_webhook_oldest_seconds", {{"waits", held}}).set(std::max(age, 0.0));
}

void Webhooks::show_endpoints() {
  for (const auto status : {Status::active, Status::paused, Status::disabled}) {
    const auto count =
        std::ranges::count_if(registry_.seen(), [&](const auto& one) { return one.second->status == status; });
    ports_.telemetry.gauge("ow_webhook_endpoints", {{"status", std::string(status_text(status))}})
        .set(static_cast<double>(count));
  }
  ports_.telemetry.gauge("ow_webhook_in_flight").set(registry_.in_flight());
}

}  // namespace ow::notify::webhooks
