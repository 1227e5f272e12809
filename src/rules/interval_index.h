// Which of many numeric ranges hold a number: logarithmic in their number, plus those that do. One thread at a
// time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ow::rules {

class IntervalIndex {
 public:
  /// Both ends belong to the range. Ends that were rounded to a double are still in order, so what find() gives
  /// holds every range that the exact ends would.
  void add(double low, double high, std::uint32_t id);
  void find(double value, std::vector<std::uint32_t>& out);

 private:
  struct Range {
    double low = 0;
    double high = 0;
    std::uint32_t id = 0;
  };

  void build();
  void build_node(std::size_t node, std::size_t from, std::size_t to);
  void visit(std::size_t node, std::size_t from, std::size_t to, double value, std::vector<std::uint32_t>& out) const;

  std::vector<Range> ranges_;    // by low end, once built
  std::vector<double> highest_;  // a binary tree over ranges_: the highest end below each node
  bool built_ = false;
};

}  // namespace ow::rules
