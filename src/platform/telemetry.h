// Port: numbers and lines about the running program. Handles are made once and kept; using one costs an
// atomic addition. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"

namespace ow::platform {

using Labels = std::vector<std::pair<std::string, std::string>>;

class CounterMetric {
 public:
  virtual ~CounterMetric() = default;
  virtual void add(std::uint64_t amount = 1) = 0;
};

class GaugeMetric {
 public:
  virtual ~GaugeMetric() = default;
  virtual void set(double value) = 0;
};

class HistogramMetric {
 public:
  virtual ~HistogramMetric() = default;
  /// Seconds for time, plain numbers otherwise.
  virtual void observe(double value) = 0;
};

enum class LogLevel : std::uint8_t { debug, info, warning, error };

class Telemetry {
 public:
  virtual ~Telemetry() = default;
  /// Prometheus names, unit last (`ow_commit_sync_seconds`). The same name and labels give the same handle,
  /// which lives as long as this.
  virtual CounterMetric& counter(std::string_view name, Labels labels = {}) = 0;
  virtual GaugeMetric& gauge(std::string_view name, Labels labels = {}) = 0;
  virtual HistogramMetric& histogram(std::string_view name, Labels labels = {}) = 0;
  /// One JSON line: time, level, event (a slug), then the fields. Never personal data, never a token.
  virtual void log(LogLevel level, std::string_view event, const Labels& fields = {}) = 0;
};

}  // namespace ow::platform
