// The ways of many patterns, each a row of numbers: whose it is and all its tests side by side, so that judging a way
// reads one stretch of memory. Rows are linked into lists. One thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rules/event_fields.h"
#include "rules/leaf_pool.h"

namespace ow::rules {

/// Number of a pattern in an index.
using RuleSlot = std::uint32_t;

/// The values at a place must satisfy a leaf.
struct Test {
  PathId path = 0;
  LeafId leaf = 0;
};

/// Number of a row; 0: none.
using RowId = std::uint32_t;

/// A row as it lies in memory, in words of 32 bits:
///   the next row of its list | slot | 2 * number of tests + exact | path, leaf | path, leaf | ...
class WayRow {
 public:
  static constexpr std::size_t kHeadWords = 3;

  explicit WayRow(const std::uint32_t* words) : words_(words) {}
  RowId next() const { return words_[0]; }
  RuleSlot slot() const { return words_[1]; }
  std::uint32_t size() const { return words_[2] >> 1; }
  /// Whether no two tests are of one path.
  bool exact() const { return (words_[2] & 1) != 0; }
  Test test(std::uint32_t number) const {
    const auto* at = words_ + kHeadWords + 2 * std::size_t{number};
    return {at[0], at[1]};
  }

 private:
  const std::uint32_t* words_;
};

class WayRows {
 public:
  RowId add(RuleSlot slot, bool exact, std::span<const Test> tests);
  void set_next(RowId row, RowId next) { words_[row] = next; }
  /// Valid until the next add().
  WayRow at(RowId row) const { return WayRow(words_.data() + row); }
  void prefetch(RowId row) const { __builtin_prefetch(words_.data() + row); }

 private:
  std::vector<std::uint32_t> words_{0};
};

}  // namespace ow::rules
