// See metrics.h. One mutex guards which series exist; their values are atomics that nobody waits for.
#include "ops/metrics.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <span>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/json.h"

namespace ow::ops {

namespace {

using platform::Labels;

class Counter final : public platform::CounterMetric {
 public:
  void add(std::uint64_t amount) override { value_.fetch_add(amount, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge final : public platform::GaugeMetric {
 public:
  void set(double value) override { value_.store(value, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

/// 10 us to 10 s in steps of 1, 2.5, 5.
constexpr std::array kSecondsBounds = {1e-5,   2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2,
                                       2.5e-2, 5e-2,   0.1,  0.25, 0.5,    1.0,  2.5,  5.0,    10.0};
/// Sizes and counts: powers of two to a million.
constexpr auto kSizeBounds = [] {
  std::array<double, 21> bounds{};
  for (std::size_t i = 0; i < bounds.size(); ++i) bounds[i] = static_cast<double>(1U << i);
  return bounds;
}();

class Histogram final : public platform::HistogramMetric {
 public:
  explicit Histogram(std::span<const double> bounds) : bounds_(bounds) {}
  void observe(double value) override {
    const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
    counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }
  std::span<const double> bounds() const { return bounds_; }
  /// Of one bucket alone; the one after the last bound is for everything above.
  std::uint64_t count(std::size_t bucket) const { return counts_[bucket].load(std::memory_order_relaxed); }
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::span<const double> bounds_;
  std::array<std::atomic<std::uint64_t>, kSizeBounds.size() + 1> counts_{};
  std::atomic<double> sum_{0};
};
static_assert(kSecondsBounds.size() <= kSizeBounds.size());

/// All series of one name.
template <typename Series>
using Family = std::map<Labels, Series>;
using AnyFamily = std::variant<Family<Counter>, Family<Gauge>, Family<Histogram>>;

void append_escaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
}

/// `{a="b",le="0.1"}`, nothing when there are no labels.
std::string label_text(const Labels& labels, std::string_view le = {}) {
  std::string out;
  const auto append = [&out](std::string_view name, std::string_view value) {
    out += out.empty() ? "{" : ",";
    out += name;
    out += "=\"";
    append_escaped(out, value);
    out += '"';
  };
  for (const auto& [name, value] : labels) append(name, value);
  if (!le.empty()) append("le", le);
  if (!out.empty()) out += '}';
  return out;
}

void append_line(std::string& out, std::string_view name, std::string_view labels, const std::string& value) {
  out += name;
  out += labels;
  out += ' ';
  out += value;
  out += '\n';
}

void append_series(std::string& out, const std::string& name, const Labels& labels, const Counter& counter) {
  append_line(out, name, label_text(labels), fmt::to_string(counter.value()));
}

void append_series(std::string& out, const std::string& name, const Labels& labels, const Gauge& gauge) {
  append_line(out, name, label_text(labels), fmt::format("{}", gauge.value()));
}

void append_series(std::string& out, const std::string& name, const Labels& labels, const Histogram& histogram) {
  const auto bounds = histogram.bounds();
  std::uint64_t below = 0;
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    below += histogram.count(i);
    const auto le = i < bounds.size() ? fmt::format("{}", bounds[i]) : "+Inf";
    append_line(out, name + "_bucket", label_text(labels, le), fmt::to_string(below));
  }
  append_line(out, name + "_sum", label_text(labels), fmt::format("{}", histogram.sum()));
  append_line(out, name + "_count", label_text(labels), fmt::to_string(below));
}

std::string_view type_name(const Family<Counter>&) { return "counter"; }
std::string_view type_name(const Family<Gauge>&) { return "gauge"; }
std::string_view type_name(const Family<Histogram>&) { return "histogram"; }

template <typename Series>
void append_family(std::string& out, const std::string& name, const Family<Series>& family) {
  out += fmt::format("# TYPE {} {}\n", name, type_name(family));
  for (const auto& [labels, series] : family) append_series(out, name, labels, series);
}

std::string_view level_name(platform::LogLevel level) {
  switch (level) {
    case platform::LogLevel::debug:
      return "debug";
    case platform::LogLevel::info:
      return "info";
    case platform::LogLevel::warning:
      return "warning";
    case platform::LogLevel::error:
      return "error";
  }
  return "error";
}

}  // namespace

struct Metrics::Impl {
  Impl(const platform::Clock& time, std::function<void(std::string_view)> write)
      : clock(time), write_line(std::move(write)) {}

  const platform::Clock& clock;
  std::function<void(std::string_view)> write_line;
  mutable std::mutex mutex;
  std::map<std::string, AnyFamily, std::less<>> families;

  /// Nodes of a map do not move, so the handle stays good.
  template <typename Series, typename... Arguments>
  Series& series(std::string_view name, Labels labels, Arguments... arguments) {
    std::sort(labels.begin(), labels.end());
    const std::lock_guard lock(mutex);
    auto found = families.find(name);
    if (found == families.end()) found = families.emplace(std::string(name), Family<Series>()).first;
    auto* family = std::get_if<Family<Series>>(&found->second);
    OW_ASSERT(family != nullptr, "a metric's name has one type");
    return family->try_emplace(std::move(labels), arguments...).first->second;
  }
};

Metrics::Metrics(const platform::Clock& clock, std::function<void(std::string_view line)> write_line)
    : impl_(std::make_unique<Impl>(clock, std::move(write_line))) {}

Metrics::~Metrics() = default;

platform::CounterMetric& Metrics::counter(std::string_view name, Labels labels) {
  return impl_->series<Counter>(name, std::move(labels));
}

platform::GaugeMetric& Metrics::gauge(std::string_view name, Labels labels) {
  return impl_->series<Gauge>(name, std::move(labels));
}

platform::HistogramMetric& Metrics::histogram(std::string_view name, Labels labels) {
  const bool time = name.ends_with("_seconds");
  const auto bounds = time ? std::span<const double>(kSecondsBounds) : std::span<const double>(kSizeBounds);
  return impl_->series<Histogram>(name, std::move(labels), bounds);
}

void Metrics::log(platform::LogLevel level, std::string_view event, const Labels& fields) {
  std::string line = "{\"time\":\"";
  line += base::to_rfc3339(impl_->clock.now());
  line += "\",\"level\":\"";
  line += level_name(level);
  line += "\",\"event\":";
  base::append_quoted(line, event);
  for (const auto& [name, value] : fields) {
    line += ',';
    base::append_quoted(line, name);
    line += ':';
    base::append_quoted(line, value);
  }
  line += '}';
  impl_->write_line(line);
}

std::string Metrics::exposition() const {
  const std::lock_guard lock(impl_->mutex);
  std::string out;
  for (const auto& [name, any_family] : impl_->families) {
    std::visit([&out, &named = name](const auto& family) { append_family(out, named, family); }, any_family);
  }
  return out;
}

}  // namespace ow::ops
