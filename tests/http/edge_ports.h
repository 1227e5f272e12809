// The ports of the edge's tests: a store whose commits wait until the test settles them, a clock that the
// test moves, telemetry that remembers. Test thread only.
#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/task.h"
#include "platform/clock.h"
#include "platform/random.h"
#include "platform/store.h"
#include "platform/telemetry.h"

namespace ow::http {

class TestClock final : public platform::Clock {
 public:
  base::Instant now() const override { return base::Instant{1'700'000'000'000'000} + at; }
  base::Duration ticks() const override { return at; }
  base::Duration at = std::chrono::seconds(1000);
};

class TestRandom final : public platform::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(next() >> 32);
  }
  std::uint64_t next() override { return state_ = state_ * 6364136223846793005U + 1442695040888963407U; }

 private:
  std::uint64_t state_ = 42;
};

class TestTelemetry final : public platform::Telemetry {
 public:
  struct Line {
    platform::LogLevel level;
    std::string event;
    platform::Labels fields;
  };

  platform::CounterMetric& counter(std::string_view name, platform::Labels labels) override;
  platform::GaugeMetric& gauge(std::string_view name, platform::Labels labels) override;
  platform::HistogramMetric& histogram(std::string_view name, platform::Labels labels) override;
  void log(platform::LogLevel level, std::string_view event, const platform::Labels& fields) override {
    lines.push_back({level, std::string(event), fields});
  }

  /// By name and label values: "ow_http_requests_total POST /deposits 201".
  std::map<std::string, std::uint64_t> counted;
  std::map<std::string, std::uint64_t> observed;
  std::vector<Line> lines;

 private:
  std::deque<std::unique_ptr<platform::CounterMetric>> counters_;
  std::deque<std::unique_ptr<platform::GaugeMetric>> gauges_;
  std::deque<std::unique_ptr<platform::HistogramMetric>> histograms_;
};

/// Records only. Commits answer at once, or wait for settle() while `holding`.
class TestStore final : public platform::Store {
 public:
  explicit TestStore(const platform::Clock& clock) : clock_(clock) {}

  base::Task<base::Result<std::vector<platform::RecordPtr>>> get(std::vector<platform::Key> keys) override;
  base::Task<base::Result<std::vector<std::optional<platform::Counter>>>> counters(
      std::vector<platform::Key> keys) override;
  base::Task<base::Result<platform::Page>> query(platform::Query query) override;
  base::Task<base::Result<platform::CommitOutcome>> commit(platform::Commit commit) override;

  std::size_t waiting() const { return waiting_.size(); }
  void settle(std::size_t index);

  bool holding = false;
  int reads = 0;
  int commits = 0;
  /// Answered instead of committing, once each.
  std::deque<base::Result<platform::CommitOutcome>> instead;

 private:
  struct Waiting {
    platform::Commit commit;
    base::Completion<base::Result<platform::CommitOutcome>> done;
  };

  platform::RecordPtr live(const platform::Key& key) const;
  bool holds(const platform::Key& key, platform::Expect expect) const;
  base::Result<platform::CommitOutcome> apply(const platform::Commit& commit);

  const platform::Clock& clock_;
  std::map<platform::Key, platform::Record> records_;
  platform::Version last_version_ = 0;
  std::list<Waiting*> waiting_;
};

}  // namespace ow::http
