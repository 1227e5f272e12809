// See interval_index.h.
#include "rules/interval_index.h"

#include <algorithm>

namespace ow::rules {
namespace {

constexpr std::size_t kLeafRanges = 8;

}  // namespace

void IntervalIndex::add(double low, double high, std::uint32_t id) {
  ranges_.push_back({low, high, id});
  built_ = false;
}

void IntervalIndex::find(double value, std::vector<std::uint32_t>& out) {
  if (!built_) build();
  visit(0, 0, ranges_.size(), value, out);
}

void IntervalIndex::build() {
  std::sort(ranges_.begin(), ranges_.end(), [](const Range& left, const Range& right) { return left.low < right.low; });
  highest_.assign(4 * (ranges_.size() / kLeafRanges + 1), 0);
  if (!ranges_.empty()) build_node(0, 0, ranges_.size());
  built_ = true;
}

void IntervalIndex::build_node(std::size_t node, std::size_t from, std::size_t to) {
  if (node >= highest_.size()) highest_.resize(node + 1);
  double highest = ranges_[from].high;
  for (std::size_t at = from; at < to; ++at) highest = std::max(highest, ranges_[at].high);
  highest_[node] = highest;
  if (to - from <= kLeafRanges) return;
  const auto middle = from + (to - from) / 2;
  build_node(2 * node + 1, from, middle);
  build_node(2 * node + 2, middle, to);
}

void IntervalIndex::visit(std::size_t node, std::size_t from, std::size_t to, double value,
                          std::vector<std::uint32_t>& out) const {
  if (from == to || ranges_[from].low > value || highest_[node] < value) return;
  if (to - from > kLeafRanges) {
    const auto middle = from + (to - from) / 2;
    visit(2 * node + 1, from, middle, value, out);
    visit(2 * node + 2, middle, to, value, out);
    return;
  }
  for (std::size_t at = from; at < to && ranges_[at].low <= value; ++at) {
    if (ranges_[at].high >= value) out.push_back(ranges_[at].id);
  }
}

}  // namespace ow::rules
