// The benchmark of the order flow: accepts and lifecycles per second against the machine's limits, keys and
// bytes per order, CPU, memory, start. Every 201 counted left after its sync. Main thread.
#include <fmt/format.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "bench/load.h"
#include "bench/machine_limits.h"
#include "bench/report.h"
#include "bench/server_under_test.h"

namespace ow::bench {
namespace {

struct Options {
  std::string binary = "build/orderwright";
  std::string out = "build/bench.json";
  int burst_s = 10;
  int sustained_s = 60;
  int fan_out_s = 2;
  int connections = 256;
  bool fan_out_only = false;
};

double metric(const Sample& sample, const std::string& name) {
  const auto found = sample.metrics.find(name);
  return found == sample.metrics.end() ? 0 : found->second;
}

struct Span {
  Sample before;
  Sample after;
  double of(const std::string& name) const { return metric(after, name) - metric(before, name); }
  double cpu_us() const { return (after.cpu_seconds - before.cpu_seconds) * 1e6; }
};

LoadResult post_orders(const ServerUnderTest& server, const Options& options, const std::string& directory, int seconds,
                       double rate = 0) {
  return run_load({.url = server.url() + "/api/orders",
                   .token = server.token("demo-shopper", "shopper-demo-password"),
                   .connections = options.connections,
                   .seconds = seconds,
                   .rate = rate},
                  directory);
}

void add_load(Report& report, const std::string& name, const LoadResult& load, const std::string& aim = {}) {
  report.add(name, load.requests_per_second, "1/s", aim);
  report.add(name + ", p50", load.p50_ms, "ms");
  report.add(name + ", p99", load.p99_ms, "ms");
  if (load.failed > 0) report.add(name + ", FAILED", static_cast<double>(load.failed), "requests", "0");
}

double measure_fixed(Report& report, const Options& options, const std::string& self) {
  const tests::TemporaryDirectory directory;
  const auto port = tests::free_port();
  auto server = tests::Process::start({self, "--fixed-server", std::to_string(port)}, directory.path() + "/fixed.log");
  ::usleep(200'000);
  const auto load = run_load({.url = fmt::format("http://127.0.0.1:{}/", port),
                              .token = std::string(700, 'x'),
                              .connections = options.connections,
                              .seconds = options.burst_s},
                             directory.path());
  add_load(report, "(c) fixed 201, nothing stored", load);
  report.add("(c) synced appends of 2.5 KB", synced_appends_per_second(directory.path(), 2500), "1/s");
  return load.requests_per_second;
}

double finished_orders(const Sample& sample) { return metric(sample, R"(ow_orders_ended_total{status="completed"})"); }

// The burst: sagas run, but yield to the requests.
void measure_burst(Report& report, const Options& options, double fixed) {
  const tests::TemporaryDirectory directory;
  ServerUnderTest server(options.binary, directory.path());
  const auto load = post_orders(server, options, directory.path(), options.burst_s);
  add_load(report, "(a) accepts, burst, saga yielding", load, ">= 30000");
  report.add("(a) accepts / fixed answers", load.requests_per_second / fixed, "ratio", ">= 0.25");
  report.add("(a) lifecycles finished meanwhile", finished_orders(server.sample()) / options.burst_s, "1/s");
  server.stop();
}

// Accepts alone: background work is paused, so the figures hold one accept and nothing else.
void measure_accept(Report& report, const Options& options) {
  const tests::TemporaryDirectory directory;
  ServerUnderTest server(options.binary, directory.path(), {"--paused"});
  report.add("(e) start to first answer", server.start_ms(), "ms", "<= 100");
  report.add("(e) memory idle", server.sample().resident_mib, "MiB", "<= 64");
  Span span{server.sample(), {}};
  const auto load = post_orders(server, options, directory.path(), options.burst_s);
  span.after = server.sample();
  add_load(report, "(d) accepts alone, saga paused", load);
  const auto accepts = static_cast<double>(load.requests);
  report.add("(d) keys per accept", span.of("ow_commit_keys_total") / accepts, "keys", "<= 7");
  report.add("(d) bytes per accept", span.of("ow_commit_bytes_total") / accepts, "bytes");
  report.add("(d) CPU per accept", span.cpu_us() / accepts, "us");
  report.add("(d) commits per sync", span.of("ow_commit_batch_size_sum") / span.of("ow_commit_batch_size_count"),
             "commits");
  report.add("(d) cache misses per commit", span.of("ow_cache_misses_total") / accepts, "misses");
  const auto half = post_orders(server, options, directory.path(), options.burst_s, load.requests_per_second / 2);
  add_load(report, "(a) accepts at half load", half, "p99 < 10 ms");
  server.stop();
}

// Waits until the work is done; the seconds that took.
double drain(const ServerUnderTest& server, double expected) {
  double waited = 0;
  while (finished_orders(server.sample()) < expected && waited < 600) {
    ::usleep(50'000);
    waited += 0.05;
  }
  return waited;
}

/// Few enough that requests do not count as a burst, so sagas do not wait and set the pace: what is accepted is
/// completed at once.
constexpr int kSteadyConnections = 40;

void measure_steady(Report& report, const Options& options) {
  const tests::TemporaryDirectory directory;
  ServerUnderTest server(options.binary, directory.path());
  Options steady = options;
  steady.connections = kSteadyConnections;
  Span span{server.sample(), {}};
  const auto load = post_orders(server, steady, directory.path(), 2 * options.burst_s);
  const auto orders = static_cast<double>(load.requests);
  const double drained_s = drain(server, orders);
  span.after = server.sample();
  report.add("(b) lifecycles, accept to completed, in step", orders / (2 * options.burst_s + drained_s), "1/s",
             ">= 6000");
  report.add("(b) left when the load ended, worth", drained_s, "s");
  report.add("(d) CPU per lifecycle, in step", span.cpu_us() / orders, "us");
  server.stop();
}

void measure_lifecycle(Report& report, const Options& options) {
  const tests::TemporaryDirectory directory;
  ServerUnderTest server(options.binary, directory.path());
  Span span{server.sample(), {}};
  const auto load = post_orders(server, options, directory.path(), options.sustained_s);
  const double during = finished_orders(server.sample());
  const auto orders = static_cast<double>(load.requests);
  const double drained_s = drain(server, orders);
  span.after = server.sample();
  add_load(report, "(a) accepts, sustained, saga running", load);
  report.add("(b) lifecycles while accepting", during / options.sustained_s, "1/s");
  report.add("(b) lifecycles, sustained load to its end", orders / (options.sustained_s + drained_s), "1/s");
  report.add("(d) keys per lifecycle", span.of("ow_commit_keys_total") / orders, "keys", "<= 30");
  report.add("(d) bytes per lifecycle", span.of("ow_commit_bytes_total") / orders, "bytes", "<= 8192");
  report.add("(d) CPU per lifecycle", span.cpu_us() / orders, "us");
  report.add("(e) memory after load", span.after.resident_mib, "MiB");
  if (server.stop() != 0) report.note("the server did not stop gracefully");
}

constexpr const char* kFannedOutTo[] = {"mail", "receipts"};

/// Mails handed over and receipts issued.
double fanned_out(const Sample& sample) {
  return metric(sample, R"(ow_messages_handled_total{queue="mail"})") + metric(sample, "ow_receipts_issued_total");
}

/// What it costs to tell of an order: orders first complete while the fan-out's queues are paused, then those are
/// resumed. Each order has a mail address, so each gets a mail (an .eml file) and a numbered receipt.
void measure_fan_out(Report& report, const Options& options) {
  const tests::TemporaryDirectory directory;
  ServerUnderTest server(options.binary, directory.path());
  for (const auto* queue : kFannedOutTo) server.command("/api/queues/" + std::string(queue) + "/pause");
  Span orders{server.sample(), {}};
  const auto load = run_load({.url = server.url() + "/api/orders",
                              .token = server.token("demo-shopper", "shopper-demo-password"),
                              .customer_email = "shopper@example.org",
                              .connections = 8,
                              .seconds = options.fan_out_s},
                             directory.path());
  const auto placed = static_cast<double>(load.requests);
  drain(server, placed);
  orders.after = server.sample();
  for (const auto* queue : kFannedOutTo) server.command("/api/queues/" + std::string(queue) + "/resume");
  Span telling{orders.after, {}};
  const auto told = 2 * placed;
  for (int waited = 0; fanned_out(server.sample()) < told && waited < 2400; ++waited) ::usleep(250'000);
  telling.after = server.sample();
  const auto messages = fanned_out(telling.after);
  report.note(fmt::format(
      "fan-out is on in all lifecycles: {:.2f} messages an order, to mail and receipts; webhooks: ./dev bench-webhooks",
      messages / placed));
  report.add("(f) orders measured", finished_orders(orders.after), "orders");
  report.add("(f) CPU per lifecycle, fan-out waiting", orders.cpu_us() / placed, "us");
  report.add("(f) CPU per order of mail and receipt", telling.cpu_us() / placed, "us");
  report.add("(f) keys per order of mail and receipt", telling.of("ow_commit_keys_total") / placed, "keys");
  report.add("(f) bytes per order of mail and receipt", telling.of("ow_commit_bytes_total") / placed, "bytes");
  if (messages < told) report.add("(f) NOT told", told - messages, "messages", "0");
  server.stop();
}

int run(const Options& options, const std::string& self) {
  Report report;
  report.note("rate limit off; generator (wrk, one thread) on the same two cores; every answer after its sync");
  report.note(
      "lifecycles include the sandbox gateway inside the process: one HTTP call and one synced ledger entry each");
  if (!options.fan_out_only) {
    const double fixed = measure_fixed(report, options, self);
    measure_burst(report, options, fixed);
    measure_accept(report, options);
    measure_steady(report, options);
    measure_lifecycle(report, options);
  }
  measure_fan_out(report, options);
  report.finish(options.out);
  fmt::print("  written to {}\n", options.out);
  return 0;
}

bool take(Options& options, const std::string& name, const std::string& value) {
  if (name == "--binary")
    options.binary = value;
  else if (name == "--out")
    options.out = value;
  else if (name == "--burst")
    options.burst_s = std::stoi(value);
  else if (name == "--sustained")
    options.sustained_s = std::stoi(value);
  else if (name == "--fan-out")
    options.fan_out_s = std::stoi(value);
  else if (name == "--fan-out-only")
    options.fan_out_s = std::stoi(value), options.fan_out_only = true;
  else if (name == "--connections")
    options.connections = std::stoi(value);
  else
    return false;
  return true;
}

}  // namespace
}  // namespace ow::bench

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 2 && words[0] == "--fixed-server") return ow::bench::serve_fixed_answer(std::stoi(words[1]));
  ow::bench::Options options;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    if (i + 1 < words.size() && ow::bench::take(options, words[i], words[i + 1])) continue;
    fmt::print(stderr,
               "usage: bench [--binary FILE] [--out FILE] [--burst S] [--sustained S] [--fan-out S | --fan-out-only S] "
               "[--connections N]\n");
    return 2;
  }
  return ow::bench::run(options, argv[0]);
}
