// Many tests of a text at once: which of them hold costs what the text's length does, not their number.
// One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ow::rules {

/// What an index gives for a test that holds.
using StateId = std::uint32_t;
using StateIds = std::vector<StateId>;

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

class TextTable {
 public:
  void add(std::string text, StateId id) { ids_.emplace(std::move(text), id); }
  void find(std::string_view text, StateIds& out) const;

 private:
  std::unordered_multimap<std::string, StateId, TextHash, std::equal_to<>> ids_;
};

/// Texts that must open or close a value: one look-up for each length that occurs.
class AffixTable {
 public:
  void add(std::string text, StateId id);
  void find_prefixes(std::string_view value, StateIds& out) const;
  void find_suffixes(std::string_view value, StateIds& out) const;

 private:
  TextTable table_;
  std::vector<std::size_t> lengths_;  // ascending
};

/// Wildcards, each filed under a few bytes that a value must hold; those with the rarest bytes first. `id` is the
/// caller's number of the wildcard.
class WildcardTable {
 public:
  void add(std::string_view wildcard, std::uint32_t id);
  /// Every wildcard that may match, and some that do not; the same one perhaps more than once.
  void find_candidates(std::string_view value, std::vector<std::uint32_t>& out) const;

 private:
  static constexpr std::size_t kGramMax = 4;
  using Grams = std::unordered_map<std::uint32_t, std::vector<std::uint32_t>>;

  std::map<std::size_t, Grams> by_length_;  // gram length -> gram -> wildcards
  std::vector<std::uint32_t> without_text_;
};

}  // namespace ow::rules
