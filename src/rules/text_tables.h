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

/// Open addressing: a text that is not there mostly costs one look into memory, however many there are.
class TextTable {
 public:
  void add(std::string_view text, StateId id);
  void find(std::string_view text, StateIds& out) const;

 private:
  struct Slot {
    std::uint32_t tag = 0;    // of the text's hash
    std::uint32_t entry = 0;  // from 1; 0: free
  };
  struct Entry {
    std::uint32_t at = 0;  // in `texts_`
    std::uint32_t size = 0;
    StateId id = 0;
    std::uint32_t more = 0;  // the next entry of this text; 0: none
  };

  std::string_view text_of(const Entry& entry) const { return std::string_view(texts_).substr(entry.at, entry.size); }
  std::size_t slot_of(std::string_view text, std::size_t hash) const;
  void grow();

  std::vector<Slot> slots_;
  std::vector<Entry> entries_;
  std::string texts_;
  std::size_t used_ = 0;
};

/// Texts that must open or close a value: one look-up for each length that occurs.
class AffixTable {
 public:
  void add(std::string_view text, StateId id);
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
