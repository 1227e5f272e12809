// See edge_ports.h.
#include "http/edge_ports.h"

namespace ow::http {
namespace {

std::string full_name(std::string_view name, const platform::Labels& labels) {
  std::string out(name);
  for (const auto& [label, value] : labels) out += ' ' + value;
  return out;
}

struct CountInto final : platform::CounterMetric {
  explicit CountInto(std::uint64_t& value) : value_(value) {}
  void add(std::uint64_t amount) override { value_ += amount; }
  std::uint64_t& value_;
};
struct NoGauge final : platform::GaugeMetric {
  void set(double) override {}
};
struct ObserveInto final : platform::HistogramMetric {
  explicit ObserveInto(std::uint64_t& times) : times_(times) {}
  void observe(double) override { ++times_; }
  std::uint64_t& times_;
};

}  // namespace

platform::CounterMetric& TestTelemetry::counter(std::string_view name, platform::Labels labels) {
  return *counters_.emplace_back(std::make_unique<CountInto>(counted[full_name(name, labels)]));
}
platform::GaugeMetric& TestTelemetry::gauge(std::string_view, platform::Labels) {
  return *gauges_.emplace_back(std::make_unique<NoGauge>());
}
platform::HistogramMetric& TestTelemetry::histogram(std::string_view name, platform::Labels labels) {
  return *histograms_.emplace_back(std::make_unique<ObserveInto>(observed[full_name(name, labels)]));
}

platform::RecordPtr TestStore::live(const platform::Key& key) const {
  const auto found = records_.find(key);
  if (found == records_.end()) return nullptr;
  if (found->second.expires && *found->second.expires <= clock_.now()) return nullptr;
  return std::make_shared<platform::Record>(found->second);
}

bool TestStore::holds(const platform::Key& key, platform::Expect expect) const {
  const auto record = live(key);
  switch (expect.kind) {
    case platform::Expect::Kind::anything:
      return true;
    case platform::Expect::Kind::absent:
      return !record;
    case platform::Expect::Kind::exists:
      return record != nullptr;
    case platform::Expect::Kind::version:
      return record && record->version == expect.version;
  }
  return false;
}

base::Result<platform::CommitOutcome> TestStore::apply(const platform::Commit& commit) {
  if (const auto problem = commit.problem()) return base::fail(base::ErrorCode::malformed, "commit", *problem);
  for (const auto& [key, write] : commit.writes()) {
    if (holds(key, write.expect)) continue;
    return platform::CommitOutcome{platform::CommitOutcome::Kind::conflict,
                                   {platform::Conflict::Part::record, key, {}}};
  }
  for (const auto& [key, write] : commit.writes()) {
    if (!write.record) continue;
    records_[key] = *write.record;
    records_[key].version = ++last_version_;
  }
  return platform::CommitOutcome{};
}

base::Task<base::Result<std::vector<platform::RecordPtr>>> TestStore::get(std::vector<platform::Key> keys) {
  ++reads;
  std::vector<platform::RecordPtr> found;
  for (const auto& key : keys) found.push_back(live(key));
  co_return found;
}
base::Task<base::Result<std::vector<std::optional<platform::Counter>>>> TestStore::counters(
    std::vector<platform::Key> keys) {
  co_return std::vector<std::optional<platform::Counter>>(keys.size());
}
base::Task<base::Result<platform::Page>> TestStore::query(platform::Query) { co_return platform::Page{}; }

base::Task<base::Result<platform::CommitOutcome>> TestStore::commit(platform::Commit commit) {
  ++commits;
  if (!instead.empty()) {
    auto answer = std::move(instead.front());
    instead.pop_front();
    co_return answer;
  }
  if (!holding) co_return apply(commit);
  Waiting self{std::move(commit), {}};
  waiting_.push_back(&self);
  auto outcome = co_await self.done;
  co_return outcome;
}

void TestStore::settle(std::size_t index) {
  const auto at = std::next(waiting_.begin(), static_cast<std::ptrdiff_t>(index));
  Waiting& one = **at;
  waiting_.erase(at);
  one.done.complete(apply(one.commit));
}

}  // namespace ow::http
