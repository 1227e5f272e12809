// See machines.h.
#include "sim/run/machines.h"

#include "harness/journaled_memory.h"
#include "sim/run/client.h"
#include "sim/run/copier.h"
#include "sim/run/probe.h"

namespace ow::sim {
namespace {

// Small, so that a short run fills overlays and uses segments again.
constexpr std::uint64_t kSimSegmentBytes = 64 << 10;
constexpr std::size_t kSimOverlayKeys = 100;

// The target of a URL below its base.
std::string target_of(const std::string& url, std::string_view base_url) { return url.substr(base_url.size()); }

http::Request request_from(platform::HttpRequest sent, std::string_view base_url) {
  http::Request request;
  request.method = std::move(sent.method);
  request.target = target_of(sent.url, base_url);
  request.headers = std::move(sent.headers);
  request.body = std::move(sent.body);
  request.peer = "127.0.0.1";
  return request;
}

platform::HttpAnswer answer_from(http::Response response) {
  auto headers = std::move(response.headers);
  headers.emplace_back("content-type", response.content_type);
  return {response.status, std::move(headers), std::move(response.body)};
}

base::Task<platform::HttpAnswer> ask_platform(app::Platform& platform, platform::HttpRequest sent) {
  co_return answer_from(co_await platform.handle(request_from(std::move(sent), kPlatformUrl)));
}

base::Task<platform::HttpAnswer> ask_gateway(sandbox::Gateway& gateway, platform::HttpRequest sent) {
  co_return answer_from(co_await gateway.handle(request_from(std::move(sent), kGatewayUrl)));
}

}  // namespace

GatewayMachine::GatewayMachine(SimWorld& world)
    : world_(world), machine_(world, "gateway"), rules_(app::no_event_rules()) {
  key_value_ = MemoryKeyValue::open(machine_.disk).value();
  process_ = std::make_unique<SimProcess>(world_, machine_);
  engine_ = engine::EmbeddedEngine::open(
                {*key_value_, process_->executor, world_.clock, process_->random, *rules_, machine_.telemetry})
                .value();
  process_->executor.spawn(engine_->run_timers());
  gateway_ = std::make_unique<sandbox::Gateway>(
      sandbox::GatewayPorts{engine_->store(), process_->executor, world_.clock, process_->random});
  world_.network.serve(kGatewayUrl, process_->executor, [gateway = gateway_.get()](platform::HttpRequest request) {
    return ask_gateway(*gateway, std::move(request));
  });
}

GatewayMachine::~GatewayMachine() {
  world_.network.take_away(kGatewayUrl);
  process_.reset();
}

PlatformLife::PlatformLife(SimWorld& world, SimMachine& machine, const Plan& plan,
                           std::vector<tests::Finding>& findings, Toil& toil)
    : world_(world), machine_(machine), plan_(plan), findings_(findings), toil_(toil) {
  process_ = std::make_unique<SimProcess>(world_, machine_);
  open_engine();
  put_together();
  process_->executor.spawn(start());
}

PlatformLife::~PlatformLife() {
  world_.network.take_away(kPlatformUrl);
  process_.reset();
}

void PlatformLife::open_engine() {
  // On the weak half what expired is never deleted, as a slow compaction or a table's time to live may have it.
  const auto expired = [&clock = world_.clock](std::string_view key, std::string_view value) {
    return engine::expired(key, value, clock.now());
  };
  key_value_ = open_store(plan_.weak ? engine::Expired() : expired);
  engine_ = engine::EmbeddedEngine::open(
                {*key_value_, process_->executor, world_.clock, process_->random, rules_, machine_.telemetry},
                {.fail_stop = [this](const base::Error&) { kill(); }})
                .value();
  process_->executor.spawn(engine_->run_timers());
}

std::unique_ptr<platform::KeyValue> PlatformLife::open_store(engine::Expired expired) {
  if (!plan_.journaled) return MemoryKeyValue::open(machine_.disk, std::move(expired)).value();
  engine::JournalOptions options;
  options.segment_bytes = kSimSegmentBytes;
  options.overlay_keys = kSimOverlayKeys;
  options.background = [&executor = process_->executor](platform::Job job) {
    executor.submit(platform::Lane::read, std::move(job));
  };
  options.expired = std::move(expired);
  return tests::open_journaled_memory(machine_.disk, std::move(options)).value();
}

void PlatformLife::put_together() {
  auto& random = machine_.random;
  if (plan_.weak) {
    weak_store_ = std::make_unique<WeakStore>(engine_->store(), process_->executor, world_.clock, random.fork("store"));
    weak_queues_ =
        std::make_unique<WeakQueues>(engine_->queues(), process_->executor, world_.clock, random.fork("queues"));
    weak_event_log_ =
        std::make_unique<WeakEventLog>(engine_->event_log(), process_->executor, world_.clock, random.fork("log"));
    weak_queue_admin_ = std::make_unique<WeakQueueAdmin>(engine_->queue_admin(), process_->executor, world_.clock,
                                                         random.fork("admin"));
  }
  platform::Store& store = plan_.weak ? static_cast<platform::Store&>(*weak_store_) : engine_->store();
  platform::Queues& queues = plan_.weak ? static_cast<platform::Queues&>(*weak_queues_) : engine_->queues();
  platform::EventLog& log = plan_.weak ? static_cast<platform::EventLog&>(*weak_event_log_) : engine_->event_log();
  platform::QueueAdmin& admin =
      plan_.weak ? static_cast<platform::QueueAdmin&>(*weak_queue_admin_) : engine_->queue_admin();
  store_ = std::make_unique<BuggyStore>(store, process_->executor, plan_.bug);
  http_gateway_ = std::make_unique<payments::HttpGateway>(process_->http, kGatewayUrl);
  gateway_ = std::make_unique<BuggyGateway>(*http_gateway_, plan_.bug);
  mailer_ = std::make_unique<BuggyMailer>(process_->mailer, plan_.bug);
  app::ComposeOptions options;
  options.public_url = kPlatformUrl;
  options.demo = true;
  platform_ = app::compose({process_->executor, world_.clock, process_->random, *store_, queues, admin, log, *gateway_,
                            process_->http, process_->http, process_->resolver, machine_.secrets, machine_.telemetry,
                            rules_.fan_out(), *mailer_, machine_.blobs, process_->typesetter},
                           options);
}

base::Task<void> PlatformLife::start() {
  auto started = co_await platform_->start();
  // A full disk or a weak store may refuse the demo data; a real process would be started again.
  const auto passes = [](base::ErrorCode code) {
    return code == base::ErrorCode::storage_full || code == base::ErrorCode::unavailable ||
           code == base::ErrorCode::timed_out;
  };
  while (!started && passes(started.error().code)) {
    co_await process_->executor.sleep_until(world_.clock.ticks() + std::chrono::milliseconds(200));
    started = co_await platform_->start();
  }
  if (!started) {
    findings_.push_back({"start", started.error().message});
    co_return;
  }
  world_.network.serve(kPlatformUrl, process_->executor, [platform = platform_.get()](platform::HttpRequest request) {
    return ask_platform(*platform, std::move(request));
  });
  const platform::ConsumerPorts toilers{
      process_->executor, plan_.weak ? *weak_queues_ : engine_->queues(), *store_, world_.clock, process_->random,
      machine_.telemetry};
  process_->executor.spawn(run_toil(toilers, engine_->queue_admin(), engine_->event_log(), toil_));
  if (plan_.replays) process_->executor.spawn(run_copier(toilers, engine_->queue_admin()));
  if (plan_.weak) co_return;  // a weak queue promises no order
  auto& queues = engine_->queues();
  process_->executor.spawn(
      run_probe({process_->executor, queues, *store_, world_.clock, process_->random, machine_.telemetry},
                engine_->queue_admin(), findings_));
}

base::Task<void> PlatformLife::read_log(std::vector<base::Json>& events, bool& done) {
  std::string cursor;
  while (true) {
    const auto page = co_await engine_->event_log().after(cursor, 500);
    if (!page || page->events.empty()) break;
    for (const auto& event : page->events) {
      events.push_back(base::Json::object({{"id", event.id.text},
                                           {"source", event.source},
                                           {"type", event.type},
                                           {"subject", event.subject},
                                           {"sequence", std::to_string(event.number)},
                                           {"time", base::to_rfc3339(event.time)},
                                           {"data", base::parse_json(event.data).value_or(base::Json())}}));
    }
    cursor = page->next_cursor;
  }
  done = true;
}

}  // namespace ow::sim
