// Many patterns matched at once: a trie whose states are what of a pattern has matched so far. Patterns that begin
// alike share states, and from a state the event's value looks up where to go, so the cost of an event follows from
// the event and from how many patterns match it, hardly from how many there are. A state in which few ways are left
// just lists them (a burst trie): what is left of a way lies in one row and is judged test by test, which costs one
// visit to memory instead of several for each state that it would pass through. Memory is linear in the patterns.
// One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "rules/event_fields.h"
#include "rules/leaf_pool.h"
#include "rules/pattern.h"
#include "rules/value_index.h"
#include "rules/way_judge.h"
#include "rules/way_rows.h"

namespace ow::rules {

class RuleIndex {
 public:
  using Slot = RuleSlot;

  /// The slot names the pattern from now on; slots of removed patterns are given out again.
  Slot add(Pattern pattern);
  void remove(Slot slot);
  std::size_t size() const { return alive_; }

  /// The slots of all patterns that match, each once, in no order; valid until the next call.
  const std::vector<Slot>& match(EventView& event);
  const std::vector<Slot>& match(const base::Json& event);

 private:
  using BranchId = std::uint32_t;

  /// Two to a line of the cache.
  struct State {
    std::uint64_t seen = 0;     // the event that came here last
    std::uint32_t item = 0;     // ... by a value of this item of an array; see WayEntry
    RowId rows = 0;             // ways that end here, and, while there is no branch, ways that wait here
    BranchId branch = 0;        // 0: none
    std::uint32_t depth = 0;    // tests on the way here
    std::uint32_t waiting = 0;  // rows that have tests left
  };
  struct Field {
    PathId path = 0;
    ValueIndex index;
  };
  /// Where to go from a state on which many ways wait.
  struct Branch {
    std::vector<Field> fields;
    /// Of many fields only: places in `fields`, and those of fields that may be wanted absent.
    std::unique_ptr<std::unordered_map<PathId, std::size_t>> by_path;
    std::vector<std::size_t> absent;
  };
  struct Edge {
    StateId from = 0;
    Test test;
    bool operator==(const Edge& other) const {
      return from == other.from && test.path == other.test.path && test.leaf == other.test.leaf;
    }
  };
  struct EdgeHash {
    std::size_t operator()(const Edge& edge) const;
  };
  struct Opened {
    StateId state = 0;
    std::uint32_t item = 0;
  };

  void file(Slot slot);
  void file_way(Slot slot, Way way);
  void put(RowId row, StateId state);
  void link(RowId row, StateId state);
  void burst(StateId state);
  StateId follow(StateId from, Test test);
  void add_edge(Branch& branch, Test test, StateId next);
  static Field& field_of(Branch& branch, PathId path);
  static void index_fields(Branch& branch);
  void rebuild();

  void visit(Opened opened);
  void walk(const Branch& branch);
  void open_by_values(const Field& field);
  void open_by_absence(const Field& field);
  void open(StateId state, std::uint32_t item);
  void judge(const State& state);
  bool holds(WayRow way, WayEntry entry);

  EventFields fields_;
  LeafPool leaves_;
  WayRows rows_;
  std::vector<State> states_{1};
  std::vector<Branch> branches_{1};
  std::unordered_map<Edge, StateId, EdgeHash> edges_;
  std::vector<std::optional<Pattern>> patterns_;  // by slot; nothing: free
  std::vector<std::uint64_t> matched_by_;         // by slot: the last event that matched; kNever of those removed
  std::vector<Slot> free_;                        // usable
  std::vector<Slot> dead_;                        // still named by rows
  std::size_t alive_ = 0;

  // Of the event under way.
  EventView* event_ = nullptr;
  std::uint64_t event_number_ = 0;
  std::vector<Opened> opened_;    // to visit, and visited
  std::vector<StateId> reached_;  // visited ones that have rows
  std::vector<Slot> matched_;
  StateIds found_;  // scratch
};

}  // namespace ow::rules
