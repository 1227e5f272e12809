// The benchmark of the engine alone: commits as accepted orders make them, over the store of production, in processor
// time each, by thread. What it does not hold is the HTTP side. Main thread is the loop.
#include <dirent.h>

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include "base/assert.h"
#include "bench/report.h"
#include "engine/embedded_engine.h"
#include "engine/journal/journaled_key_value.h"
#include "engine/rocks/key_value.h"
#include "harness/process.h"
#include "local/asio_executor.h"
#include "local/lane_thread.h"
#include "local/machine.h"
#include "local/posix_log_disk.h"

namespace ow::bench {
namespace {

class NoRules final : public platform::EventRules {
 public:
  std::vector<platform::RuleTarget> match(const platform::EventDraft&) const override { return {}; }
};

/// Counts, and says nothing.
class Counts final : public platform::Telemetry {
 public:
  struct Sum final : platform::CounterMetric, platform::GaugeMetric, platform::HistogramMetric {
    void add(std::uint64_t amount) override { total += static_cast<double>(amount); }
    void set(double value) override { total = value; }
    void observe(double value) override {
      total += value;
      ++times;
    }
    double total = 0;
    double times = 0;
  };
  platform::CounterMetric& counter(std::string_view name, platform::Labels) override { return sum(name); }
  platform::GaugeMetric& gauge(std::string_view name, platform::Labels) override { return sum(name); }
  platform::HistogramMetric& histogram(std::string_view name, platform::Labels) override { return sum(name); }
  void log(platform::LogLevel, std::string_view, const platform::Labels&) override {}

  Sum& sum(std::string_view name) { return sums_[std::string(name)]; }

 private:
  std::map<std::string, Sum> sums_;
};

platform::Record record(std::string partition, std::string sort, const char* kind, std::size_t bytes) {
  platform::Record made;
  made.key = {std::move(partition), std::move(sort)};
  made.kind = kind;
  made.value = "\"" + std::string(bytes, 'v') + "\"";
  return made;
}

/// What an accepted order of four lines writes: seven keys, about 2 KB.
platform::Commit accept(std::uint64_t number, std::uint64_t random, base::Instant now) {
  const auto id = fmt::format("ord_01kb{:022}", number);
  const auto time = base::to_rfc3339(now);
  auto order = record("order#" + id, "order", "order", 620);
  order.indexes = {{"customer-orders", "usr_01kb0000000000000000000007", time + id}, {"all-orders", "all", time + id}};
  auto kept = record("idempotency/usr_01kb0000000000000000000007", fmt::format("POST /api/orders {:016x}", random),
                     "idempotency", 330);
  kept.expires = now + std::chrono::hours(24);
  platform::Commit commit;
  commit.put(std::move(order), platform::Expect::absent());
  commit.put(std::move(kept), platform::Expect::absent());
  commit.event({id, "order.created", "orderwright/orders", "\"" + std::string(520, 'e') + "\"", now, {}});
  platform::OutMessage message;
  message.queue = "workflow";
  message.id = base::MessageId("start/" + id);
  message.group = id;
  message.body = "\"" + std::string(180, 'm') + "\"";
  commit.send(std::move(message));
  return commit;
}

/// One machine as `serve` opens it, without a server.
struct Machine {
  explicit Machine(const std::string& directory) {
    const auto background = [this](platform::Job job) { drain_lane.submit(std::move(job)); };
    auto disk = local::open_log_disk(directory + "/journal");
    OW_ASSERT(disk.has_value(), "the directory of a benchmark is new");
    auto opened = engine::open_journaled_rocks({.directory = directory}, std::move(*disk), {.background = background});
    OW_ASSERT(opened.has_value(), "a new store opens");
    key_value = std::move(*opened);
    auto made = engine::EmbeddedEngine::open({*key_value, executor, clock, random, rules, counts});
    OW_ASSERT(made.has_value(), "a new engine opens");
    engine = std::move(*made);
  }

  local::SystemClock clock;
  local::SystemRandom random;
  NoRules rules;
  Counts counts;
  std::unique_ptr<platform::KeyValue> key_value;
  local::LaneThread drain_lane;
  local::AsioExecutor executor;
  std::unique_ptr<engine::EmbeddedEngine> engine;
};

struct Load {
  std::uint64_t commits = 200'000;
  std::uint64_t begun = 0;
  int clients = 256;
};

base::Task<void> run_client(Machine& machine, Load& load) {
  while (load.begun < load.commits) {
    auto outcome =
        co_await machine.engine->store().commit(accept(++load.begun, machine.random.next(), machine.clock.now()));
    OW_ASSERT(outcome && outcome->committed(), "a new order is accepted");
  }
  if (--load.clients == 0) {
    co_await machine.engine->close();
    machine.executor.request_stop();
  }
}

base::Task<void> declare_and_start(Machine& machine, Load& load) {
  auto declared = co_await machine.engine->queue_admin().declare({.name = "workflow"});
  OW_ASSERT(declared.has_value(), "a queue can be declared");
  for (int client = load.clients; client > 0; --client) machine.executor.spawn(run_client(machine, load));
}

/// Microseconds of processor time by thread.
std::map<std::string, double> cpu_by_thread() {
  std::map<std::string, double> cpu;
  DIR* const threads = ::opendir("/proc/self/task");
  while (const auto* entry = ::readdir(threads)) {
    if (entry->d_name[0] == '.') continue;
    std::istringstream fields(tests::read_file(fmt::format("/proc/self/task/{}/schedstat", entry->d_name)));
    double nanoseconds = 0;
    fields >> nanoseconds;
    cpu[entry->d_name] = nanoseconds / 1e3;
  }
  ::closedir(threads);
  return cpu;
}

void report_cpu(Report& report, const std::map<std::string, double>& before, double commits) {
  double all = 0;
  for (const auto& [thread, cpu] : cpu_by_thread()) {
    const double mine = (cpu - (before.contains(thread) ? before.at(thread) : 0)) / commits;
    all += mine;
    if (mine < 0.5) continue;
    auto name = tests::read_file("/proc/self/task/" + thread + "/comm");
    name.pop_back();
    report.add(fmt::format("CPU per commit, {} {}", name, thread), mine, "us");
  }
  report.add("CPU per commit, all threads", all, "us");
}

int run(std::uint64_t commits) {
  const tests::TemporaryDirectory directory;
  Machine machine(directory.path());
  Load load{.commits = commits};
  const auto before = cpu_by_thread();
  const auto began = machine.clock.ticks();
  machine.executor.spawn(declare_and_start(machine, load));
  machine.executor.run();
  const std::chrono::duration<double> took = machine.clock.ticks() - began;
  const auto count = static_cast<double>(commits);
  Report report;
  report.add("commits", count / took.count(), "1/s");
  report_cpu(report, before, count);
  report.add("keys per commit", machine.counts.sum("ow_commit_keys_total").total / count, "keys");
  report.add("bytes per commit", machine.counts.sum("ow_commit_bytes_total").total / count, "bytes");
  report.add("cache misses per commit", machine.counts.sum("ow_cache_misses_total").total / count, "misses");
  const auto& batches = machine.counts.sum("ow_commit_batch_size");
  report.add("commits per sync", batches.total / batches.times, "commits");
  report.print();
  return 0;
}

}  // namespace
}  // namespace ow::bench

int main(int argc, char** argv) { return ow::bench::run(argc > 1 ? std::stoull(argv[1]) : 200'000); }
