// See production.h.
#include "app/production.h"

#include <fmt/format.h>

#include <thread>

#include "app/compose.h"
#include "app/embedded_node.h"
#include "app/event_rules.h"
#include "app/node_snapshots.h"
#include "app/sandbox_node.h"
#include "http/server.h"
#include "local/beast_http_client.h"
#include "local/file_blobs.h"
#include "local/outbox_mailer.h"
#include "local/pango_typesetter.h"
#include "local/process_stats.h"
#include "local/service_notices.h"
#include "local/signals.h"
#include "local/smtp_mailer.h"
#include "local/system_resolver.h"
#include "payments/http_gateway.h"

namespace ow::app {
namespace {

// Per receiver and in all; the most that may be in flight at once is bounded by notify/webhooks.
local::HttpClientOptions webhook_connections(const std::string& ca_file) {
  return {.connections_per_host_max = 32, .connections_max = 4096, .ca_file = ca_file};
}

// The sandbox gateway on a thread of its own, so that its syncs never wait for the platform's.
class GatewayThread {
 public:
  explicit GatewayThread(std::unique_ptr<SandboxNode> node)
      : node_(std::move(node)), thread_([this] { node_->run(); }) {}
  ~GatewayThread() {
    node_->stop();
    thread_.join();
  }
  std::string url() const { return node_->url(); }

 private:
  std::unique_ptr<SandboxNode> node_;
  std::thread thread_;
};

struct Running {
  std::unique_ptr<GatewayThread> sandbox;
  std::unique_ptr<EmbeddedNode> node;
  notify::FanOut* fan_out = nullptr;  // the node's
  std::unique_ptr<local::BeastHttpClient> client;
  std::unique_ptr<local::BeastHttpClient> webhook_client;
  std::unique_ptr<local::SystemResolver> resolver;
  std::unique_ptr<payments::HttpGateway> gateway;
  std::unique_ptr<local::FileSecrets> secrets;
  std::unique_ptr<platform::Mailer> mailer;
  std::unique_ptr<local::FileBlobs> blobs;
  std::unique_ptr<local::PangoTypesetter> typesetter;
  std::unique_ptr<NodeSnapshots> snapshots;
  std::unique_ptr<Platform> platform;
  std::unique_ptr<http::Server> server;
  std::unique_ptr<local::Signals> signals;
  local::ServiceNotices notices = local::ServiceNotices::from_environment();
  base::Result<void> outcome;
  bool stopping = false;
};

std::string url_of(const Config& config) {
  if (!config.public_url.empty()) return config.public_url;
  const bool v6 = config.address.find(':') != std::string::npos;
  return fmt::format("{}://{}:{}", config.tls_certificate.empty() ? "http" : "https",
                     v6 ? "[" + config.address + "]" : config.address, config.port);
}

base::Result<void> open_gateway(const Config& config, Running& running) {
  std::string url = config.gateway_url;
  if (url.empty()) {
    auto node = SandboxNode::open(config.data + "/gateway", "127.0.0.1", 0);
    if (!node) return base::fail(node.error());
    running.sandbox = std::make_unique<GatewayThread>(std::move(*node));
    url = running.sandbox->url();
  }
  running.gateway = std::make_unique<payments::HttpGateway>(*running.client, url);
  return {};
}

base::Result<void> open_mailer(const Config& config, Running& running) {
  auto& executor = running.node->executor();
  if (config.notify.smtp.url.empty()) {
    running.mailer = std::make_unique<local::OutboxMailer>(executor, config.data + "/outbox");
    return {};
  }
  auto smtp = local::SmtpMailer::make(executor, config.notify.smtp);
  if (!smtp) return base::fail(smtp.error());
  running.mailer = std::move(*smtp);
  return {};
}

base::Result<void> open(const Config& config, Running& running) {
  auto rules = std::make_unique<PlatformRules>();
  running.fan_out = &rules->fan_out();
  auto node = EmbeddedNode::open(config.data, std::move(rules), config.kept.dead_letters);
  if (!node) return base::fail(node.error());
  running.node = std::move(*node);
  running.client = std::make_unique<local::BeastHttpClient>(running.node->executor(),
                                                            local::HttpClientOptions{.ca_file = config.ca_file});
  running.webhook_client =
      std::make_unique<local::BeastHttpClient>(running.node->executor(), webhook_connections(config.ca_file));
  running.resolver = std::make_unique<local::SystemResolver>(running.node->executor(), running.node->clock());
  running.snapshots = std::make_unique<NodeSnapshots>(
      *running.node, config.data,
      local::SnapshotArchive(config.snapshots, static_cast<std::size_t>(config.snapshots_kept)));
  running.secrets = std::make_unique<local::FileSecrets>(config.data + "/secrets");
  running.blobs = std::make_unique<local::FileBlobs>(running.node->executor(), config.data + "/blobs");
  running.typesetter = std::make_unique<local::PangoTypesetter>(running.node->executor());
  if (auto opened = open_mailer(config, running); !opened) return opened;
  return open_gateway(config, running);
}

void show_process(ops::Metrics& metrics) {
  const auto stats = local::read_process_stats();
  metrics.gauge("ow_process_resident_bytes").set(static_cast<double>(stats.resident_bytes));
  metrics.gauge("ow_process_open_files").set(static_cast<double>(stats.open_files));
  metrics.gauge("ow_process_threads").set(static_cast<double>(stats.threads));
  metrics.gauge("ow_process_cpu_seconds").set(static_cast<double>(stats.cpu.count()) / 1e6);
}

std::unique_ptr<Platform> compose_production(const Config& config, const std::string& url, Running& running) {
  auto& node = *running.node;
  ComposeOptions options;
  options.public_url = url;
  options.rate_limit = config.rate_limit;
  options.cors_origins = config.cors_origins;
  options.outside_issuer = config.outside_issuer;
  options.demo = config.demo;
  options.webhook_allow = config.webhook_allow;
  options.paused = config.paused;
  options.access_log = config.access_log;
  options.mail = config.notify.mail;
  options.retailer = config.notify.retailer;
  options.receipt_series = config.notify.receipt_series;
  options.sign_up = config.sign_up;
  options.snapshots = running.snapshots.get();
  options.retention = &node.engine().retention();
  options.kept = config.kept;
  options.obligation_alarm_age = std::chrono::minutes(config.obligation_alarm_minutes);
  options.exposition = [&metrics = node.metrics()] {
    show_process(metrics);
    return metrics.exposition();
  };
  return compose({node.executor(), node.clock(), node.random(), node.engine().store(), node.engine().queues(),
                  node.engine().queue_admin(), node.engine().event_log(), *running.gateway, *running.client,
                  *running.webhook_client, *running.resolver, *running.secrets, node.metrics(), *running.fan_out,
                  *running.mailer, *running.blobs, *running.typesetter},
                 std::move(options));
}

http::ServerOptions server_options(const Config& config) {
  http::ServerOptions options;
  options.address = config.address;
  options.port = config.port;
  options.tls_certificate = config.tls_certificate;
  options.tls_key = config.tls_key;
  options.hsts_max_age_s = config.hsts_max_age_s;
  return options;
}

// A renewed certificate comes into use without a restart; one that does not do changes nothing.
void reload(Running& running) {
  const auto reloaded = running.server->reload_tls();
  auto& metrics = running.node->metrics();
  if (reloaded) metrics.log(platform::LogLevel::info, "reloaded", {});
  if (!reloaded) metrics.log(platform::LogLevel::error, "reload_failed", {{"cause", reloaded.error().message}});
}

// Tokens are issued in the name of the server's URL, so "any free port" is settled before anything is composed.
// Nobody knows the port until it is printed, so nobody calls before the start is done.
base::Result<Config> with_known_port(Config config, Running& running) {
  if (config.port != 0) return config;
  if (auto opened = running.server->listen(server_options(config)); !opened) {
    return base::fail(opened.error());
  }
  config.port = running.server->port();
  return config;
}

void print_tour(const std::string& url) {
  fmt::print("Place an order and read it back:\n");
  fmt::print(
      "  curl -s {0}/api/orders -H \"Authorization: Bearer $(build/orderwright token --server {0} --user "
      "demo-shopper)\" "
      "-H 'Content-Type: application/json' -d '{{\"items\":[{{\"productId\":\"mug\",\"name\":\"Mug\",\"quantity\":1,"
      "\"price\":9.90}}],\"total\":9.90}}'\n",
      url);
  fmt::print(
      "  curl -s {0}/api/orders?limit=1 -H \"Authorization: Bearer $(build/orderwright token --server {0} --user "
      "demo-shopper)\"\n",
      url);
}

base::Task<void> stop(Running& running) {
  if (running.stopping) co_return;
  running.stopping = true;
  running.notices.stopping();
  running.signals->cancel();
  if (running.server) co_await running.server->drain();
  co_await running.node->shut_down();
}

// The loop thread runs as long as this does.
base::Task<void> report_alive(Running& running, base::Duration every) {
  do {
    running.notices.alive();
  } while (co_await running.node->executor().sleep_until(running.node->clock().ticks() + every));
}

base::Task<void> start(const Config& config, Running& running) {
  running.outcome = co_await running.platform->start();
  if (running.outcome && running.server->port() == 0) {
    running.outcome = running.server->listen(server_options(config));
  }
  if (!running.outcome) {
    co_await stop(running);
    co_return;
  }
  if (config.snapshot_hours) {
    running.node->executor().spawn(running.snapshots->run_schedule(std::chrono::hours(*config.snapshot_hours)));
  }
  fmt::print("Orderwright is listening on {}\n", url_of(config));
  if (config.demo) print_tour(url_of(config));
  std::fflush(stdout);
  running.notices.ready("Serving " + url_of(config));
  if (const auto every = running.notices.watchdog_every()) {
    running.node->executor().spawn(report_alive(running, *every));
  }
}

}  // namespace

Exit serve(const Config& config) {
  local::raise_open_files_limit();
  Running running;
  if (auto opened = open(config, running); !opened) {
    complain(opened.error(), false);
    return Exit::refused;
  }
  auto& executor = running.node->executor();
  running.server = std::make_unique<http::Server>(
      executor.loop(), running.node->clock(), running.node->metrics(),
      [&running](http::Request request) { return running.platform->handle(std::move(request)); });
  const auto known = with_known_port(config, running);
  if (!known) {
    complain(known.error(), false);
    return Exit::refused;
  }
  running.platform = compose_production(*known, url_of(*known), running);
  running.signals = std::make_unique<local::Signals>(
      executor, [&running] { running.node->executor().spawn(stop(running)); }, [&running] { reload(running); });
  executor.spawn(start(*known, running));
  executor.run();
  if (running.outcome) return Exit::done;
  complain(running.outcome.error(), false);
  return Exit::refused;
}

Exit serve_gateway(const std::string& data, const std::string& address, std::uint16_t port) {
  auto node = SandboxNode::open(data, address, port);
  if (!node) {
    complain(node.error(), false);
    return Exit::refused;
  }
  fmt::print("The sandbox gateway is listening on {}\n", (*node)->url());
  std::fflush(stdout);
  (*node)->run();
  return Exit::done;
}

}  // namespace ow::app
