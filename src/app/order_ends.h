// Counts orders that came to their end, as ow_orders_ended_total{status}. An order ends once. Loop thread.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/telemetry.h"

namespace ow::app {

class OrderEnds {
 public:
  explicit OrderEnds(platform::Telemetry& telemetry) {
    for (std::size_t i = 0; i < kEnds.size(); ++i) {
      ended_[i] = &telemetry.counter("ow_orders_ended_total", {{"status", std::string(kEnds[i].second)}});
    }
  }

  /// Types of events that were committed.
  void count(const std::vector<std::string>& types) {
    for (const auto& type : types) {
      for (std::size_t i = 0; i < kEnds.size(); ++i) {
        if (type == kEnds[i].first) ended_[i]->add();
      }
    }
  }

 private:
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kEnds = {
      {{"order.completed", "completed"}, {"order.failed", "failed"}, {"order.cancelled", "cancelled"}}};

  std::array<platform::CounterMetric*, kEnds.size()> ended_{};
};

}  // namespace ow::app
