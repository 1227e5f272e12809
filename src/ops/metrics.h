// Telemetry kept in memory and written as Prometheus text and JSON log lines. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "platform/clock.h"
#include "platform/telemetry.h"

namespace ow::ops {

class Metrics final : public platform::Telemetry {
 public:
  /// `write_line` gets each finished log line without its newline; any thread, must not block for long.
  Metrics(const platform::Clock& clock, std::function<void(std::string_view line)> write_line);
  ~Metrics() override;

  platform::CounterMetric& counter(std::string_view name, platform::Labels labels = {}) override;
  platform::GaugeMetric& gauge(std::string_view name, platform::Labels labels = {}) override;
  platform::HistogramMetric& histogram(std::string_view name, platform::Labels labels = {}) override;
  void log(platform::LogLevel level, std::string_view event, const platform::Labels& fields = {}) override;

  /// Prometheus text exposition format 0.0.4, sorted by name and labels.
  std::string exposition() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ow::ops
