// Telemetry that a test can read: sums by name and labels, the last log lines. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "platform/telemetry.h"

namespace ow::sim {

inline constexpr std::size_t kLogLinesMax = 400;

class SimTelemetry final : public platform::Telemetry {
 public:
  platform::CounterMetric& counter(std::string_view name, platform::Labels labels) override;
  platform::GaugeMetric& gauge(std::string_view name, platform::Labels labels) override;
  platform::HistogramMetric& histogram(std::string_view name, platform::Labels labels) override;
  void log(platform::LogLevel level, std::string_view event, const platform::Labels& fields) override;

  /// Sum over all labels of a counter's name; 0 when never made.
  std::uint64_t count(std::string_view name) const;
  /// The last value set under exactly these labels; 0 when never.
  double value(std::string_view name, const platform::Labels& labels = {}) const;
  /// How many times a histogram of this name observed, over all labels.
  std::uint64_t observations(std::string_view name) const;

  /// "warning sync_failed file=x", newest last; the oldest go.
  const std::deque<std::string>& lines() const { return lines_; }
  /// True when a kept line is of this event.
  bool logged(std::string_view event) const;

 private:
  struct Series final : platform::CounterMetric, platform::GaugeMetric, platform::HistogramMetric {
    std::uint64_t counted = 0;
    double last = 0;
    std::uint64_t observed = 0;
    void add(std::uint64_t amount) override { counted += amount; }
    void set(double value) override { last = value; }
    void observe(double) override { ++observed; }
  };
  Series& series(std::string_view name, const platform::Labels& labels);

  std::map<std::string, std::map<platform::Labels, std::unique_ptr<Series>>, std::less<>> series_;
  std::deque<std::string> lines_;
};

}  // namespace ow::sim
