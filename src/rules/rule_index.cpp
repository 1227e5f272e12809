// See rule_index.h.
#include "rules/rule_index.h"

#include <algorithm>

#include "base/assert.h"

namespace ow::rules {
namespace {

using base::Json;

/// Removed patterns are swept out once they are this many more than those alive.
constexpr std::size_t kDeadBeyondAlive = 64;
constexpr StateId kStart = 0;
/// One value out of an array is in some item for sure; two may be in different ones.
constexpr unsigned kUnsure = 2;
/// A state of more fields asks the event which of them it has, instead of asking for each.
constexpr std::size_t kFewFields = 16;

class WholeEvent final : public EventView {
 public:
  explicit WholeEvent(const Json& event) : event_(event) {}
  const Json* member(std::string_view name) override { return event_.find(name); }
  const Json& whole() override { return event_; }

 private:
  const Json& event_;
};

}  // namespace

std::size_t RuleIndex::EdgeHash::operator()(const EdgeKey& key) const {
  const auto mixed = (static_cast<std::uint64_t>(key.from) << 32 | key.path) * 0x9e3779b97f4a7c15ULL;
  return mixed ^ (mixed >> 29) ^ std::hash<const void*>()(key.leaf);
}

RuleIndex::RuleIndex() : states_(1) {}

// ---- Building ----

RuleIndex::Slot RuleIndex::add(Pattern pattern) {
  Slot slot = 0;
  if (free_.empty()) {
    slot = static_cast<Slot>(rules_.size());
    rules_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  rules_[slot] = {std::move(pattern), true, 0, {}};
  ++alive_;
  file(slot);
  return slot;
}

void RuleIndex::remove(Slot slot) {
  OW_ASSERT(slot < rules_.size() && rules_[slot].pattern, "only what was added is removed");
  rules_[slot] = {};
  dead_.push_back(slot);
  --alive_;
  if (dead_.size() > alive_ + kDeadBeyondAlive) rebuild();
}

void RuleIndex::rebuild() {
  fields_ = {};
  states_.clear();
  states_.resize(1);
  edges_.clear();
  leaves_.clear();
  free_.insert(free_.end(), dead_.begin(), dead_.end());
  dead_.clear();
  for (Slot slot = 0; slot < rules_.size(); ++slot) {
    if (rules_[slot].pattern) file(slot);
  }
}

void RuleIndex::file(Slot slot) {
  auto& rule = rules_[slot];
  rule.exact = true;
  rule.ways.assign(rule.pattern->ways().size(), {});
  for (std::uint32_t way = 0; way < rule.ways.size(); ++way) file_way(slot, way);
}

void RuleIndex::file_way(Slot slot, std::uint32_t number) {
  auto& rule = rules_[slot];
  Way way = rule.pattern->ways()[number];
  const auto same_path = [](const Condition& left, const Condition& right) { return left.path == right.path; };
  if (std::adjacent_find(way.begin(), way.end(), same_path) != way.end()) rule.exact = false;
  sort_telling(way);
  StateId state = kStart;
  for (const auto& condition : way) {
    const auto path = fields_.path_id(condition.path);
    rule.ways[number].push_back({path, condition.leaf});
    state = follow(state, path, *condition.leaf);
  }
  states_[state].endings.push_back({slot, number});
}

StateId RuleIndex::follow(StateId from, PathId path, const Leaf& leaf) {
  const EdgeKey key{from, path, kept(leaf)};
  const auto next = static_cast<StateId>(states_.size());
  const auto [edge, is_new] = edges_.try_emplace(key, next);
  if (is_new) {
    states_.emplace_back();
    add_edge(states_[from], path, *key.leaf, next);
  }
  return edge->second;
}

void RuleIndex::add_edge(State& state, PathId path, const Leaf& leaf, StateId next) {
  auto& field = field_of(state, path);
  const bool had_absent = !field.index.absent().empty();
  field.index.add(leaf, next);
  if (!state.by_path || had_absent || field.index.absent().empty()) return;
  state.absent.push_back(static_cast<std::size_t>(&field - state.fields.data()));
}

const Leaf* RuleIndex::kept(const Leaf& leaf) {
  auto& mine = leaves_[leaf_text(leaf)];
  if (!mine) mine = std::make_unique<const Leaf>(leaf);
  return mine.get();
}

RuleIndex::Field& RuleIndex::field_of(State& state, PathId path) {
  if (state.by_path) {
    const auto [place, is_new] = state.by_path->try_emplace(path, state.fields.size());
    if (is_new) state.fields.push_back({path, {}});
    return state.fields[place->second];
  }
  for (auto& field : state.fields) {
    if (field.path == path) return field;
  }
  state.fields.push_back({path, {}});
  if (state.fields.size() > kFewFields) {
    state.by_path = std::make_unique<std::unordered_map<PathId, std::size_t>>();
    for (std::size_t place = 0; place < state.fields.size(); ++place) {
      state.by_path->emplace(state.fields[place].path, place);
      if (!state.fields[place].index.absent().empty()) state.absent.push_back(place);
    }
  }
  return state.fields.back();
}

// ---- Matching ----

const std::vector<RuleIndex::Slot>& RuleIndex::match(const Json& event) {
  WholeEvent view(event);
  return match(view);
}

const std::vector<RuleIndex::Slot>& RuleIndex::match(EventView& event) {
  event_ = &event;
  ++event_number_;
  fields_.begin(event);
  matched_.clear();
  open_.assign(1, kStart);
  while (!open_.empty()) {
    const auto state = open_.back();
    open_.pop_back();
    visit(state);
  }
  return matched_;
}

void RuleIndex::visit(StateId id) {
  auto& state = states_[id];
  if (state.seen == event_number_) return;
  state.seen = event_number_;
  for (const auto ending : state.endings) take(ending, state.doubt);
  if (!state.by_path) {
    for (const auto& field : state.fields) {
      visit_values(field, state.doubt);
      visit_absence(field, state.doubt);
    }
    return;
  }
  for (const auto path : fields_.present()) {
    const auto place = state.by_path->find(path);
    if (place != state.by_path->end()) visit_values(state.fields[place->second], state.doubt);
  }
  for (const auto place : state.absent) visit_absence(state.fields[place], state.doubt);
}

void RuleIndex::visit_values(const Field& field, unsigned doubt) {
  const auto first = open_.size();
  for (const auto& value : fields_.values(field.path)) field.index.find(*value.json, open_);
  if (open_.size() != first) open_from(first, fields_.through_array(field.path) ? doubt + 1 : doubt);
}

/// An item of an array may lack what another item has.
void RuleIndex::visit_absence(const Field& field, unsigned doubt) {
  const auto& absent = field.index.absent();
  if (absent.empty()) return;
  const bool there = !fields_.values(field.path).empty();
  const bool through_array = fields_.through_array(field.path);
  if (there && !through_array) return;
  const auto first = open_.size();
  open_.insert(open_.end(), absent.begin(), absent.end());
  open_from(first, through_array ? kUnsure : doubt);
}

void RuleIndex::open_from(std::size_t first, unsigned doubt) {
  for (auto at = first; at < open_.size(); ++at) {
    auto& next = states_[open_[at]];
    if (next.seen != event_number_) next.doubt = doubt;
  }
}

void RuleIndex::take(Ending ending, unsigned doubt) {
  auto& rule = rules_[ending.slot];
  if (!rule.pattern || rule.seen == event_number_) return;
  if (doubt >= kUnsure || !rule.exact) {
    if (!agrees(rule, ending.way)) return;
  }
  rule.seen = event_number_;
  matched_.push_back(ending.slot);
}

/// Each test of the way holds for some value; whether they do so together.
bool RuleIndex::agrees(const Rule& rule, std::uint32_t way) {
  const auto items = rule.exact ? items_agree(rule.ways[way]) : std::nullopt;
  return items ? *items : rule.pattern->match(event_->whole());
}

/// Nothing: only the whole event can tell, since something may be absent or lies in arrays within arrays.
std::optional<bool> RuleIndex::items_agree(const std::vector<Test>& tests) {
  together_.clear();
  for (const auto& test : tests) {
    if (takes_absence(*test.leaf) || fields_.through_nested_arrays(test.path)) return std::nullopt;
    if (fields_.through_array(test.path)) together_.push_back(test);
  }
  const auto array_of = [this](const Test& test) { return fields_.array_of(test.path); };
  std::ranges::sort(together_, {}, array_of);
  for (auto from = together_.begin(); from != together_.end();) {
    const auto to = std::find_if(from, together_.end(), [&](const Test& test) { return array_of(test) != array_of(*from); });
    if (to - from > 1 && !some_item_holds({from, to})) return false;
    from = to;
  }
  return true;
}

bool RuleIndex::some_item_holds(std::span<const Test> tests) {
  const auto others = tests.subspan(1);
  return std::ranges::any_of(fields_.values(tests.front().path), [&](const FieldValue& value) {
    return matches(*tests.front().leaf, *value.json) &&
           std::ranges::all_of(others, [&](const Test& test) { return item_holds(test, value.item); });
  });
}

bool RuleIndex::item_holds(const Test& test, std::uint32_t item) {
  return std::ranges::any_of(fields_.values(test.path), [&](const FieldValue& value) {
    return value.item == item && matches(*test.leaf, *value.json);
  });
}

}  // namespace ow::rules
