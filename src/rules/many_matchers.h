// Tests by kind, each kind in the table that looks up what a value matches. Part of ValueIndex. One thread at a
// time.
#pragma once

#include <array>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rules/interval_index.h"
#include "rules/matchers.h"
#include "rules/text_tables.h"

namespace ow::rules {

class ManyMatchers {
 public:
  /// `matcher` must outlive this.
  void add(const Matcher& matcher, StateId id);
  void find(const base::Json& value, StateIds& out);

 private:
  /// Tests that a look-up only narrows down, or that are tried one by one.
  struct Tried {
    const Matcher* matcher = nullptr;
    StateId id = 0;
  };
  struct TextTests {
    TextTable equal;
    AffixTable prefixes;
    AffixTable suffixes;
    bool used = false;
  };

  void add_exact(const base::Json& value, const Matcher& matcher, StateId id);
  void add_text(const TextMatcher& text, const Matcher& matcher, StateId id);
  void add_cidr(const CidrMatcher& cidr, StateId id);
  static void find_texts(const TextTests& tests, std::string_view text, StateIds& out);
  void find_text(const base::Json& value, StateIds& out);
  void find_number(const base::Json& value, StateIds& out);
  void find_address(std::string_view text, StateIds& out) const;
  void try_each(const std::vector<std::uint32_t>& candidates, const base::Json& value, StateIds& out) const;

  TextTests texts_;
  TextTests folded_;  // ignoring case
  std::vector<Tried> tried_;
  std::unordered_multimap<double, std::uint32_t> numbers_;     // equal numbers, into tried_
  IntervalIndex ranges_;                                       // into tried_
  WildcardTable wildcards_;                                    // into tried_
  std::vector<std::uint32_t> others_;                          // anything-but, into tried_
  std::map<std::pair<std::size_t, int>, TextTable> networks_;  // by address size and prefix bits
  std::array<StateIds, 3> literals_;                           // null, false, true
  StateIds any_;
  std::vector<std::uint32_t> candidates_;  // scratch
};

/// The first `bits` bits of an address, the others 0.
std::string network_text(const Address& address, int bits);

}  // namespace ow::rules
