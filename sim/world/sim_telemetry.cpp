// See sim_telemetry.h.
#include "sim/world/sim_telemetry.h"

#include <algorithm>
#include <array>

namespace ow::sim {

using platform::Labels;

SimTelemetry::Series& SimTelemetry::series(std::string_view name, const Labels& labels) {
  auto& slot = series_[std::string(name)][labels];
  if (!slot) slot = std::make_unique<Series>();
  return *slot;
}

platform::CounterMetric& SimTelemetry::counter(std::string_view name, Labels labels) { return series(name, labels); }

platform::GaugeMetric& SimTelemetry::gauge(std::string_view name, Labels labels) { return series(name, labels); }

platform::HistogramMetric& SimTelemetry::histogram(std::string_view name, Labels labels) {
  return series(name, labels);
}

void SimTelemetry::log(platform::LogLevel level, std::string_view event, const Labels& fields) {
  static constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};
  std::string line(kLevels[static_cast<std::size_t>(level)]);
  line.append(" ").append(event);
  for (const auto& [name, value] : fields) line.append(" ").append(name).append("=").append(value);
  lines_.push_back(std::move(line));
  if (lines_.size() > kLogLinesMax) lines_.pop_front();
}

std::uint64_t SimTelemetry::count(std::string_view name) const {
  const auto found = series_.find(name);
  std::uint64_t sum = 0;
  if (found == series_.end()) return sum;
  for (const auto& [labels, one] : found->second) sum += one->counted;
  return sum;
}

std::uint64_t SimTelemetry::observations(std::string_view name) const {
  const auto found = series_.find(name);
  std::uint64_t sum = 0;
  if (found == series_.end()) return sum;
  for (const auto& [labels, one] : found->second) sum += one->observed;
  return sum;
}

double SimTelemetry::value(std::string_view name, const Labels& labels) const {
  const auto found = series_.find(name);
  if (found == series_.end()) return 0;
  const auto one = found->second.find(labels);
  return one == found->second.end() ? 0 : one->second->last;
}

bool SimTelemetry::logged(std::string_view event) const {
  return std::any_of(lines_.begin(), lines_.end(), [&](const std::string& line) {
    const std::string_view rest = std::string_view(line).substr(line.find(' ') + 1);
    return rest.substr(0, rest.find(' ')) == event;
  });
}

}  // namespace ow::sim
