// Many tests of a text at once: which of them hold costs what the text's length does, not their number.
// One thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
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
    std::uint32_t entry = 0;  // where in entries_; 0: free
  };
  /// Its text lies right behind it, and so mostly in the same line of the cache.
  struct Entry {
    StateId id = 0;
    std::uint32_t more = 0;  // where the next entry of this text is; 0: none
    std::uint32_t size = 0;  // of the text
  };

  Entry entry_at(std::uint32_t at) const;
  std::string_view text_at(std::uint32_t at) const;
  std::size_t slot_of(std::string_view text, std::size_t hash) const;
  void grow();

  std::vector<Slot> slots_;
  std::string entries_ = std::string(1, '\0');  // as they lie in memory, each with its text
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

/// Ids filed under runs of up to four bytes, the first of which is in the highest bits. Open addressing, as above.
class GramTable {
 public:
  using Gram = std::uint32_t;

  void add(Gram gram, std::uint32_t id);
  void find(Gram gram, std::vector<std::uint32_t>& out) const;
  /// How many ids are filed under it.
  std::size_t count(Gram gram) const;
  bool empty() const { return entries_.empty(); }

 private:
  struct Slot {
    Gram gram = 0;
    std::uint32_t entry = 0;  // from 1; 0: free
  };
  struct Entry {
    std::uint32_t id = 0;
    std::uint32_t more = 0;   // the next entry of this gram; 0: none
    std::uint32_t count = 0;  // of entries from this one on
  };

  std::size_t slot_of(Gram gram) const;
  void grow();

  std::vector<Slot> slots_;
  std::vector<Entry> entries_;
  std::size_t used_ = 0;
};

/// Wildcards, each filed under a few bytes that a value must hold, among them marks of where it begins and ends; those
/// with the rarest bytes first. `id` is the caller's number of the wildcard.
class WildcardTable {
 public:
  void add(std::string_view wildcard, std::uint32_t id);
  /// Every wildcard that may match, and some that do not; the same one perhaps more than once.
  void find_candidates(std::string_view value, std::vector<std::uint32_t>& out) const;

 private:
  static constexpr std::size_t kGramMax = 4;

  std::array<GramTable, kGramMax> by_length_;  // of grams, from 1
};

}  // namespace ow::rules
