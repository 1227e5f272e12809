// The benchmark of webhook deliveries: per second and per CPU, the delivery client alone and the whole way from an
// event to the committed result, beside what bare sockets reach; and how long others wait while some hang. The
// program runs on one core, its receiver on the other. Main thread.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "bench/report.h"
#include "bench/webhook_path.h"
#include "bench/webhook_sink.h"
#include "local/machine.h"
#include "local/process_stats.h"
#include "notify/webhooks/sender.h"

namespace ow::bench {
namespace {

using namespace std::chrono_literals;
using notify::webhooks::Parcel;
using notify::webhooks::Sender;

constexpr int kProgramCore = 0;
constexpr std::size_t kBusyEndpoints = 32;
constexpr std::size_t kSendersEach = 4;
constexpr std::size_t kEndpoints = 1000;
constexpr std::size_t kHanging = 100;
constexpr auto kTick = 10ms;
constexpr auto kWarmUp = 4s;

struct Options {
  std::string out = "build/webhook_bench.json";
  std::size_t deliveries = 50'000;
  std::size_t path_deliveries = 30'000;
  int rate = 1000;   // events per second while some hang
  int seconds = 20;  // of each such run
  int rounds = 2;    // of quiet and hanging
  std::string only;  // "client", "path", "hang"
};

double seconds_between(base::Duration begin, base::Duration end) {
  return static_cast<double>((end - begin).count()) / 1e6;
}

std::string example_body() {
  return fmt::format(
      R"({{"specversion":"1.0","id":"evt_01JD00000000000000000000XX","source":"orderwright/orders","type":"order.completed",)"
      R"("subject":"ord_01JD00000000000000000000XX","sequence":"5","datacontenttype":"application/json","data":{{"filler":"{}"}}}})",
      std::string(500, 'x'));
}

std::string example_request(std::uint16_t port) {
  const auto body = example_body();
  return fmt::format(
      "POST /hook HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncontent-type: application/json\r\nuser-agent: "
      "Orderwright-Webhooks/1\r\n"
      "webhook-id: evt_01JD00000000000000000000XX\r\nwebhook-timestamp: 1700000000\r\n"
      "webhook-signature: v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\ncontent-length: {}\r\n\r\n{}",
      port, body.size(), body);
}

/// Deliveries, what they took, and the same as figures.
struct Pass {
  base::Duration begin;
  double cpu_before = 0;
};

Pass begin_pass(const platform::Clock& clock, const WebhookSink& sink) { return {clock.ticks(), cpu_us_without(sink)}; }

void end_pass(Report& report, const std::string& name, const Pass& pass, const platform::Clock& clock,
              const WebhookSink& sink, std::size_t deliveries, const BareExchanges& bare) {
  const auto count = static_cast<double>(deliveries);
  const double cpu = (cpu_us_without(sink) - pass.cpu_before) / count;
  const double rate = count / seconds_between(pass.begin, clock.ticks());
  report.add(name + ": deliveries", rate, "1/s", ">= 25000");
  report.add(name + ": CPU per delivery", cpu, "us", "<= 40");
  report.add(name + ": deliveries per second of CPU", 1e6 / cpu, "1/s", ">= 25000");
  report.add(name + ": CPU / bare exchange", cpu / bare.cpu_us, "ratio");
}

BareExchanges measure_bare(Report& report, const platform::Clock& clock) {
  WebhookSink sink(clock, 1);
  const auto bare = bare_exchanges(clock, sink.ports().front(), example_request(sink.ports().front()),
                                   kBusyEndpoints * kSendersEach, 2);
  report.add("bare sockets: exchanges", bare.per_second, "1/s");
  report.add("bare sockets: CPU per exchange", bare.cpu_us, "us");
  return bare;
}

base::Task<void> send_many(Sender& sender, Sender::EndpointPtr endpoint, std::size_t& left, std::size_t& running,
                           local::AsioExecutor& executor) {
  while (left > 0) {
    --left;
    const auto outcome = co_await sender.send(endpoint, Parcel{"evt_01JD00000000000000000000XX", example_body()});
    OW_ASSERT(outcome.success(), "the sink accepts every delivery");
  }
  if (--running == 0) executor.request_stop();
}

void measure_client(Report& report, const platform::Clock& clock, const Options& options, const BareExchanges& bare) {
  WebhookSink sink(clock, kBusyEndpoints);
  local::AsioExecutor executor;
  local::BeastHttpClient client(executor, webhook_connections());
  local::SystemResolver resolver(executor, clock);
  Sender sender(client, resolver, clock, notify::AddressGuard(this_machine()));
  std::size_t left = options.deliveries;
  std::size_t running = kBusyEndpoints * kSendersEach;
  for (std::size_t i = 0; i < kBusyEndpoints * kSendersEach; ++i) {
    const auto port = i % kBusyEndpoints;
    executor.spawn(send_many(sender,
                             std::make_shared<const notify::webhooks::Endpoint>(endpoint_at(port, sink.ports()[port])),
                             left, running, executor));
  }
  const auto pass = begin_pass(clock, sink);
  executor.run();
  end_pass(report, "delivery client alone", pass, clock, sink, options.deliveries, bare);
}

base::Task<void> deliver_all(WebhookPath& path, const WebhookSink& sink, Pass& pass, std::size_t deliveries) {
  std::vector<std::size_t> endpoints;
  for (std::size_t i = 0; i < deliveries; ++i) endpoints.push_back(i % kBusyEndpoints);
  co_await path.publish(std::move(endpoints));
  pass = begin_pass(path.node().clock(), sink);
  path.start_consumers();
  co_await path.delivered();
}

void measure_path(Report& report, const platform::Clock& clock, const Options& options, const BareExchanges& bare) {
  WebhookSink sink(clock, kBusyEndpoints);
  WebhookPath path(sink.ports());
  Pass pass;
  path.run([&](WebhookPath& running) { return deliver_all(running, sink, pass, options.path_deliveries); });
  OW_ASSERT(sink.answered() >= options.path_deliveries, "every delivery arrived");
  end_pass(report, "event to committed result", pass, clock, sink, options.path_deliveries, bare);
}

/// A fixed sequence, the same in every run.
std::vector<std::size_t> next_endpoints(std::uint64_t& state, std::size_t count) {
  std::vector<std::size_t> endpoints;
  for (std::size_t i = 0; i < count; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    endpoints.push_back(static_cast<std::size_t>((state >> 33) % kEndpoints));
  }
  return endpoints;
}

base::Task<void> feed(WebhookPath& path, WebhookSink& sink, const Options& options,
                      std::vector<std::int64_t>& latencies) {
  const auto& clock = path.node().clock();
  path.start_consumers();
  std::uint64_t state = 42;
  const auto each = static_cast<std::size_t>(options.rate * kTick / 1s);
  const auto begin = clock.ticks();
  const auto end = begin + kWarmUp + std::chrono::seconds(options.seconds);
  bool warm = false;
  for (auto due = begin; due < end; due += kTick) {
    static_cast<void>(co_await path.node().executor().sleep_until(due));
    if (!warm && due >= begin + kWarmUp) {
      static_cast<void>(sink.take_latencies());
      warm = true;
    }
    path.node().executor().spawn(path.publish(next_endpoints(state, each)));
  }
  co_await path.pause(1s);
  latencies = sink.take_latencies();
  sink.end_hanging();
}

double quantile_ms(std::vector<std::int64_t>& latencies, double part) {
  OW_ASSERT(!latencies.empty(), "deliveries arrived");
  const auto nth = latencies.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(latencies.size() - 1));
  std::nth_element(latencies.begin(), nth, latencies.end());
  return static_cast<double>(*nth) / 1e3;
}

/// p99 of the endpoints that answer, in milliseconds.
double measure_hanging(Report& report, const platform::Clock& clock, const Options& options, std::size_t hanging) {
  WebhookSink sink(clock, kEndpoints, hanging);
  WebhookPath path(sink.ports());
  std::vector<std::int64_t> latencies;
  path.run([&](WebhookPath& running) { return feed(running, sink, options, latencies); });
  const auto name = fmt::format("{} of {} endpoints hang: ", hanging, kEndpoints);
  report.add(name + "deliveries to others", static_cast<double>(latencies.size()) / options.seconds, "1/s");
  report.add(name + "others, p50", quantile_ms(latencies, 0.5), "ms");
  const auto p99 = quantile_ms(latencies, 0.99);
  report.add(name + "others, p99", p99, "ms");
  return p99;
}

void measure_isolation(Report& report, const platform::Clock& clock, const Options& options) {
  double quiet = 0;
  double hanging = 0;
  for (int round = 0; round < options.rounds; ++round) {
    quiet += measure_hanging(report, clock, options, 0);
    hanging += measure_hanging(report, clock, options, kHanging);
  }
  report.add("others' p99, hanging / quiet", hanging / quiet, "ratio", "<= 1.2");
}

int run(const Options& options) {
  const local::SystemClock clock;
  stay_on_core(kProgramCore);
  static_cast<void>(local::raise_open_files_limit());
  Report report;
  const auto wanted = [&](std::string_view part) { return options.only.empty() || options.only == part; };
  report.note(
      fmt::format("core {} runs the program with all its threads, the other the sink; a body has {} bytes; one event a "
                  "subject, one endpoint an event",
                  kProgramCore, example_body().size()));
  report.note(
      "CPU is of all threads but the sink's; deliveries per second of CPU is what one core would do that waits for "
      "nothing");
  const auto bare = measure_bare(report, clock);
  if (wanted("client")) measure_client(report, clock, options, bare);
  if (wanted("path")) measure_path(report, clock, options, bare);
  if (wanted("hang")) measure_isolation(report, clock, options);
  report.finish(options.out);
  return 0;
}

bool take(Options& options, const std::string& name, const std::string& value) {
  if (name == "--out")
    options.out = value;
  else if (name == "--only")
    options.only = value;
  else if (name == "--deliveries")
    options.deliveries = std::stoul(value);
  else if (name == "--path-deliveries")
    options.path_deliveries = std::stoul(value);
  else if (name == "--rate")
    options.rate = std::stoi(value);
  else if (name == "--seconds")
    options.seconds = std::stoi(value);
  else if (name == "--rounds")
    options.rounds = std::stoi(value);
  else
    return false;
  return true;
}

}  // namespace
}  // namespace ow::bench

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  ow::bench::Options options;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (i + 1 < words.size() && ow::bench::take(options, words[i], words[i + 1])) continue;
    fmt::print(stderr,
               "usage: webhook_bench [--only client|path|hang] [--deliveries N] [--path-deliveries N] [--rate N] "
               "[--seconds S] "
               "[--rounds N] [--out FILE]\n");
    return 2;
  }
  return ow::bench::run(options);
}
