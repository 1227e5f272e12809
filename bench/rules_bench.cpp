// The benchmark of event rules: events matched per second of processor time against 1 to 10,000 rules, with and
// without parsing, and memory per rule. Orders of about 1 KB. Main thread.
#include <malloc.h>

#include <fmt/format.h>

#include <functional>
#include <string>
#include <vector>

#include "bench/report.h"
#include "local/process_stats.h"
#include "rules/rule_index.h"

namespace ow::bench {
namespace {

using base::Json;

constexpr std::size_t kEvents = 2'000;
constexpr std::size_t kCustomers = 20'000;
constexpr std::size_t kProducts = 5'000;
constexpr double kSecondsEach = 1.5;

/// A plain generator: the same events and rules in every run.
class Numbers {
 public:
  std::size_t below(std::size_t bound) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>((state_ >> 33) % bound);
  }

 private:
  std::uint64_t state_ = 42;
};

const std::vector<std::string> kTypes = {"order.created", "order.processing", "order.completed", "order.failed",
                                         "payment.charged"};
const std::vector<std::string> kCountries = {"DE", "FR", "NL", "PL", "ES", "IT", "SE", "DK"};

std::string item_text(Numbers& numbers) {
  return fmt::format(R"({{"productId":"prod-{:05}","name":"Handmade article no. {}","quantity":{},"price":{}.{:02}}})",
                     numbers.below(kProducts), numbers.below(kProducts), 1 + numbers.below(9), numbers.below(200),
                     numbers.below(100));
}

std::string event_text(Numbers& numbers, std::size_t i) {
  std::string items;
  for (int line = 0; line < 5; ++line) items += (line == 0 ? "" : ",") + item_text(numbers);
  return fmt::format(
      R"({{"source":"orderwright/orders","detail-type":"{}","time":"2026-11-21T10:00:00.000Z","resources":["ord_{:026}"],)"
      R"("detail":{{"orderId":"ord_{:026}","status":"pending","customer":"usr_{:06}","country":"{}","channel":"web/checkout/v{}",)"
      R"("items":[{}],"total":{}.{:02},"currency":"EUR","tags":["tag-{}","newsletter"],"createdAt":"2026-11-21T10:00:00.000Z",)"
      R"("address":{{"ip":"10.{}.{}.7"}},"note":"Please leave the parcel with the neighbours, ring twice, and mind the dog in the yard."}}}})",
      kTypes[numbers.below(kTypes.size())], i, i, numbers.below(kCustomers),
      kCountries[numbers.below(kCountries.size())], numbers.below(1000), items, numbers.below(2000), numbers.below(100),
      numbers.below(3000), numbers.below(250), numbers.below(250));
}

/// What retailers ask for: one customer, one product, dear orders of a country, a campaign, a network …
std::string pattern_text(Numbers& numbers, std::size_t i) {
  const auto type = kTypes[numbers.below(kTypes.size())];
  const auto country = kCountries[numbers.below(kCountries.size())];
  const auto customer = numbers.below(kCustomers);
  const auto product = numbers.below(kProducts);
  switch (i % 10) {
    case 0:
    case 1:
    case 2:
      return fmt::format(R"({{"detail-type":["{}"],"detail":{{"customer":["usr_{:06}"]}}}})", type, customer);
    case 3:
    case 4:
      return fmt::format(
          R"({{"detail-type":[{{"prefix":"order."}}],"detail":{{"items":{{"productId":["prod-{:05}"],"quantity":[{{"numeric":[">",2]}}]}}}}}})",
          product);
    case 5:
      return fmt::format(R"({{"detail":{{"country":["{}"],"total":[{{"numeric":[">=",{}.{:02},"<",{}.5]}}]}}}})",
                         country, i % 1900, i % 100, i % 1900 + 1);
    case 6:
      return fmt::format(R"({{"detail":{{"tags":["tag-{}"],"status":[{{"anything-but":["failed","cancelled"]}}]}}}})",
                         numbers.below(3000));
    case 7:
      return fmt::format(R"({{"detail":{{"channel":[{{"wildcard":"web/*/v{}"}}],"country":["{}"]}}}})",
                         numbers.below(1000), country);
    case 8:
      return fmt::format(R"({{"detail-type":["{}"],"detail":{{"address":{{"ip":[{{"cidr":"10.{}.{}.0/24"}}]}}}}}})",
                         type, numbers.below(250), numbers.below(250));
    default:
      return fmt::format(
          R"({{"source":["orderwright/orders"],"$or":[{{"detail":{{"customer":["usr_{:06}"]}}}},{{"detail":{{"items":{{"productId":["prod-{:05}"]}},"voucher":[{{"exists":false}}]}}}}]}})",
          customer, product);
  }
}

double cpu_seconds() { return static_cast<double>(local::read_process_stats().cpu.count()) / 1e6; }

/// Events per second of processor time; the fastest of three runs, the machine being busy with other things.
double rate(const std::function<void(std::size_t event)>& handle) {
  double best = 0;
  for (int run = 0; run < 3; ++run) {
    const auto before = cpu_seconds();
    double took = 0;
    std::size_t done = 0;
    while (took < kSecondsEach / 3) {
      for (std::size_t i = 0; i < kEvents; ++i) handle(i);
      done += kEvents;
      took = cpu_seconds() - before;
    }
    best = std::max(best, static_cast<double>(done) / took);
  }
  return best;
}

struct Workload {
  std::vector<std::string> texts;
  std::vector<Json> events;
};

Workload make_workload() {
  Numbers numbers;
  Workload workload;
  for (std::size_t i = 0; i < kEvents; ++i) {
    workload.texts.push_back(event_text(numbers, i));
    workload.events.push_back(*base::parse_json(workload.texts.back()));
  }
  return workload;
}

void measure(const Workload& workload, std::size_t rules, Report& report) {
  Numbers numbers;
  const auto before = ::mallinfo2().uordblks;
  const auto cpu_before = cpu_seconds();
  rules::RuleIndex index;
  for (std::size_t i = 0; i < rules; ++i) index.add(*rules::Pattern::compile_text(pattern_text(numbers, i)));
  const auto made = cpu_seconds() - cpu_before;
  const auto bytes = static_cast<double>(::mallinfo2().uordblks - before);
  std::uint64_t matches = 0;
  for (const auto& event : workload.events) matches += index.match(event).size();
  const auto name = [rules](const char* what) { return fmt::format("{:>6} rules: {}", rules, what); };
  const bool judged = rules == 1'000;
  report.add(name("matches an event"), static_cast<double>(matches) / kEvents, "rules");
  report.add(name("events without parsing"), rate([&](std::size_t i) { index.match(workload.events[i]); }), "1/s",
             judged ? "500,000" : "");
  report.add(name("events with parsing"),
             rate([&](std::size_t i) { index.match(*base::parse_json(workload.texts[i])); }), "1/s",
             judged ? "100,000" : "");
  report.add(name("memory a rule"), bytes / static_cast<double>(rules), "bytes");
  report.add(name("time to add a rule"), made / static_cast<double>(rules) * 1e6, "us");
}

void measure_one_by_one(const Workload& workload, std::size_t rules, Report& report) {
  Numbers numbers;
  std::vector<rules::Pattern> patterns;
  for (std::size_t i = 0; i < rules; ++i) patterns.push_back(*rules::Pattern::compile_text(pattern_text(numbers, i)));
  report.add(fmt::format("{:>6} rules: events, one rule after the other", rules), rate([&](std::size_t i) {
                                                                                    if (i % 50 != 0) return;
                                                                                    for (const auto& pattern : patterns)
                                                                                      pattern.match(workload.events[i]);
                                                                                  }) / 50,
             "1/s");
}

}  // namespace

int run(const std::string& out) {
  const auto workload = make_workload();
  Report report;
  report.note(
      fmt::format("An event has {} bytes. Rates are of one thread's processor time.", workload.texts.front().size()));
  report.add("parsing alone", rate([&](std::size_t i) { (void)base::parse_json(workload.texts[i]); }), "1/s");
  for (const std::size_t rules : {1UL, 100UL, 1'000UL, 10'000UL}) measure(workload, rules, report);
  measure_one_by_one(workload, 1'000, report);
  report.finish(out);
  return 0;
}

}  // namespace ow::bench

int main(int argc, char** argv) { return ow::bench::run(argc > 1 ? argv[1] : "build/rules_bench.json"); }
