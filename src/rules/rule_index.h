// Many patterns matched at once: an automaton whose states are what of a pattern has matched so far. Patterns that
// begin alike share states, and from a state the event's value looks up where to go, so the cost of an event
// follows from the event and from how many patterns match it, hardly from how many there are. Memory is linear in
// the patterns. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "rules/event_fields.h"
#include "rules/pattern.h"
#include "rules/value_index.h"

namespace ow::rules {

class RuleIndex {
 public:
  using Slot = std::uint32_t;

  RuleIndex();

  /// The slot names the pattern from now on; slots of removed patterns are given out again.
  Slot add(Pattern pattern);
  void remove(Slot slot);
  std::size_t size() const { return alive_; }

  /// The slots of all patterns that match, each once, in no order; valid until the next call.
  const std::vector<Slot>& match(EventView& event);
  const std::vector<Slot>& match(const base::Json& event);

 private:
  struct Field {
    PathId path = 0;
    ValueIndex index;
  };
  struct Ending {
    Slot slot = 0;
    std::uint32_t way = 0;  // of the pattern
  };
  struct State {
    std::vector<Field> fields;
    /// Of many fields only: places in `fields`, and those of fields that may be wanted absent.
    std::unique_ptr<std::unordered_map<PathId, std::size_t>> by_path;
    std::vector<std::size_t> absent;
    std::vector<Ending> endings;  // ways of which nothing is left to match
    std::uint64_t seen = 0;
    /// How far the values on the way here may lie in different items of an array: from kUnsure on, they may.
    unsigned doubt = 0;
  };
  struct Test {
    PathId path = 0;
    const Leaf* leaf = nullptr;  // of the pattern
  };
  struct Rule {
    std::optional<Pattern> pattern;  // nothing: free
    bool exact = true;               // no way names one path twice
    std::uint64_t seen = 0;
    std::vector<std::vector<Test>> ways;
  };
  struct EdgeKey {
    StateId from = 0;
    PathId path = 0;
    const Leaf* leaf = nullptr;
    bool operator==(const EdgeKey&) const = default;
  };
  struct EdgeHash {
    std::size_t operator()(const EdgeKey& key) const;
  };

  void file(Slot slot);
  void file_way(Slot slot, std::uint32_t number);
  StateId follow(StateId from, PathId path, const Leaf& leaf);
  const Leaf* kept(const Leaf& leaf);
  static void add_edge(State& state, PathId path, const Leaf& leaf, StateId next);
  static Field& field_of(State& state, PathId path);
  void rebuild();

  void visit(StateId id);
  void visit_values(const Field& field, unsigned doubt);
  void visit_absence(const Field& field, unsigned doubt);
  void open_from(std::size_t first, unsigned doubt);
  void take(Ending ending, unsigned doubt);
  bool agrees(const Rule& rule, std::uint32_t way);
  std::optional<bool> items_agree(const std::vector<Test>& tests);
  bool some_item_holds(std::span<const Test> tests);
  bool item_holds(const Test& test, std::uint32_t item);

  EventFields fields_;
  std::vector<State> states_;
  std::unordered_map<EdgeKey, StateId, EdgeHash> edges_;
  std::unordered_map<std::string, std::unique_ptr<const Leaf>> leaves_;
  std::vector<Rule> rules_;
  std::vector<Slot> free_;  // usable
  std::vector<Slot> dead_;  // still named by states
  std::size_t alive_ = 0;

  // Of the event under way.
  EventView* event_ = nullptr;
  std::uint64_t event_number_ = 0;
  std::vector<StateId> open_;
  std::vector<Slot> matched_;
  std::vector<Test> together_;  // scratch
};

}  // namespace ow::rules
