// See rule_index.h.
#include "rules/rule_index.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/assert.h"

namespace ow::rules {
namespace {

using base::Json;

/// Removed patterns are swept out once they are this many more than those alive.
constexpr std::size_t kDeadBeyondAlive = 64;
constexpr StateId kStart = 0;
/// So many ways are judged one by one at less cost than looked up.
constexpr std::uint32_t kWaitingMax = 4;
/// A branch of more fields asks the event which of them it has, instead of asking for each.
constexpr std::size_t kFewFields = 16;
/// A removed pattern takes itself for matched, whatever the event.
constexpr std::uint64_t kRemoved = std::numeric_limits<std::uint64_t>::max();

class WholeEvent final : public EventView {
 public:
  explicit WholeEvent(const Json& event) : event_(event) {}
  const Json* member(std::string_view name) override { return event_.find(name); }
  const Json& whole() override { return event_; }

 private:
  const Json& event_;
};

}  // namespace

std::size_t RuleIndex::EdgeHash::operator()(const Edge& edge) const {
  const auto mixed = (static_cast<std::uint64_t>(edge.from) << 32 | edge.test.leaf) * 0x9e3779b97f4a7c15ULL;
  return mixed ^ (mixed >> 29) ^ edge.test.path;
}

// ---- Building ----

RuleIndex::Slot RuleIndex::add(Pattern pattern) {
  if (free_.empty()) {
    free_.push_back(static_cast<Slot>(patterns_.size()));
    patterns_.emplace_back();
    matched_by_.push_back(0);
  }
  const Slot slot = free_.back();
  free_.pop_back();
  patterns_[slot] = std::move(pattern);
  ++alive_;
  file(slot);
  return slot;
}

void RuleIndex::remove(Slot slot) {
  OW_ASSERT(slot < patterns_.size() && patterns_[slot], "only what was added is removed");
  patterns_[slot].reset();
  matched_by_[slot] = kRemoved;
  dead_.push_back(slot);
  --alive_;
  if (dead_.size() > alive_ + kDeadBeyondAlive) rebuild();
}

void RuleIndex::rebuild() {
  fields_ = {};
  leaves_ = {};
  rows_ = {};
  states_.assign(1, {});
  branches_.clear();
  branches_.resize(1);
  edges_.clear();
  free_.insert(free_.end(), dead_.begin(), dead_.end());
  dead_.clear();
  for (Slot slot = 0; slot < patterns_.size(); ++slot) {
    if (patterns_[slot]) file(slot);
  }
}

void RuleIndex::file(Slot slot) {
  matched_by_[slot] = 0;
  for (const auto& way : patterns_[slot]->ways()) file_way(slot, way);
}

void RuleIndex::file_way(Slot slot, Way way) {
  const auto same_path = [](const Condition& left, const Condition& right) { return left.path == right.path; };
  const bool exact = std::adjacent_find(way.begin(), way.end(), same_path) == way.end();
  sort_telling(way);
  std::vector<Test> tests;
  for (const auto& condition : way) tests.push_back({fields_.path_id(condition.path), leaves_.keep(*condition.leaf)});
  put(rows_.add(slot, exact, tests), kStart);
}

/// Files the way where it ends, or where few wait.
void RuleIndex::put(RowId row, StateId id) {
  const auto way = rows_.at(row);
  while (way.size() > states_[id].depth && states_[id].branch != 0) id = follow(id, way.test(states_[id].depth));
  link(row, id);
  if (way.size() > states_[id].depth && ++states_[id].waiting > kWaitingMax) burst(id);
}

void RuleIndex::link(RowId row, StateId id) { rows_.set_next(row, std::exchange(states_[id].rows, row)); }

void RuleIndex::burst(StateId id) {
  auto row = std::exchange(states_[id].rows, 0);
  states_[id].waiting = 0;
  states_[id].branch = static_cast<BranchId>(branches_.size());
  branches_.emplace_back();
  while (row != 0) {
    const auto next = rows_.at(row).next();
    put(row, id);
    row = next;
  }
}

StateId RuleIndex::follow(StateId from, Test test) {
  const auto next = static_cast<StateId>(states_.size());
  const auto [edge, is_new] = edges_.try_emplace({from, test}, next);
  if (is_new) {
    states_.push_back({.depth = states_[from].depth + 1});
    add_edge(branches_[states_[from].branch], test, next);
  }
  return edge->second;
}

void RuleIndex::add_edge(Branch& branch, Test test, StateId next) {
  auto& field = field_of(branch, test.path);
  const bool had_absent = !field.index.absent().empty();
  field.index.add(leaves_.leaf(test.leaf), next);
  if (!branch.by_path || had_absent || field.index.absent().empty()) return;
  branch.absent.push_back(static_cast<std::size_t>(&field - branch.fields.data()));
}

RuleIndex::Field& RuleIndex::field_of(Branch& branch, PathId path) {
  if (branch.by_path) {
    const auto [place, is_new] = branch.by_path->try_emplace(path, branch.fields.size());
    if (is_new) branch.fields.push_back({path, {}});
    return branch.fields[place->second];
  }
  for (auto& field : branch.fields) {
    if (field.path == path) return field;
  }
  branch.fields.push_back({path, {}});
  if (branch.fields.size() > kFewFields) index_fields(branch);
  return branch.fields.back();
}

void RuleIndex::index_fields(Branch& branch) {
  branch.by_path = std::make_unique<std::unordered_map<PathId, std::size_t>>();
  for (std::size_t place = 0; place < branch.fields.size(); ++place) {
    branch.by_path->emplace(branch.fields[place].path, place);
    if (!branch.fields[place].index.absent().empty()) branch.absent.push_back(place);
  }
}

// ---- Matching ----

const std::vector<RuleIndex::Slot>& RuleIndex::match(const Json& event) {
  WholeEvent view(event);
  return match(view);
}

/// First all states, then the rows of those reached: what a row's judgement reads is under way meanwhile.
const std::vector<RuleIndex::Slot>& RuleIndex::match(EventView& event) {
  event_ = &event;
  ++event_number_;
  fields_.begin(event);
  matched_.clear();
  opened_.clear();
  reached_.clear();
  open(kStart, WayEntry::kSeveralItems);
  for (std::size_t at = 0; at < opened_.size(); ++at) visit(opened_[at]);
  for (const auto state : reached_) judge(states_[state]);
  return matched_;
}

/// All values that lead to a state are looked up before one of its rows is judged.
void RuleIndex::visit(Opened opened) {
  auto& state = states_[opened.state];
  if (state.seen == event_number_) {
    if (state.item != opened.item) state.item = WayEntry::kSeveralItems;
    return;
  }
  state.seen = event_number_;
  state.item = opened.item;
  if (state.rows != 0) {
    rows_.prefetch(state.rows);
    reached_.push_back(opened.state);
  }
  if (state.branch != 0) walk(branches_[state.branch]);
}

void RuleIndex::walk(const Branch& branch) {
  if (!branch.by_path) {
    for (const auto& field : branch.fields) {
      open_by_values(field);
      open_by_absence(field);
    }
    return;
  }
  for (const auto path : fields_.present()) {
    const auto place = branch.by_path->find(path);
    if (place != branch.by_path->end()) open_by_values(branch.fields[place->second]);
  }
  for (const auto place : branch.absent) open_by_absence(branch.fields[place]);
}

void RuleIndex::open_by_values(const Field& field) {
  for (const auto& value : fields_.values(field.path)) {
    found_.clear();
    field.index.find(*value.json, found_);
    for (const auto state : found_) open(state, value.item);
  }
}

/// An item of an array may lack what another item has.
void RuleIndex::open_by_absence(const Field& field) {
  if (field.index.absent().empty()) return;
  if (!fields_.values(field.path).empty() && !fields_.through_array(field.path)) return;
  for (const auto state : field.index.absent()) open(state, WayEntry::kSeveralItems);
}

void RuleIndex::open(StateId state, std::uint32_t item) {
  __builtin_prefetch(&states_[state]);
  opened_.push_back({state, item});
}

void RuleIndex::judge(const State& state) {
  const WayEntry entry{state.depth, state.item};
  for (auto row = state.rows; row != 0;) {
    const auto way = rows_.at(row);
    if (holds(way, entry)) {
      matched_by_[way.slot()] = event_number_;
      matched_.push_back(way.slot());
    }
    row = way.next();
  }
}

/// False, too, of what matched already.
bool RuleIndex::holds(WayRow way, WayEntry entry) {
  WayJudge judge(fields_, leaves_);
  if (!judge.rest_holds(way, entry) || matched_by_[way.slot()] >= event_number_) return false;
  const auto verdict = judge.together(way, entry);
  return verdict == Verdict::unsure ? patterns_[way.slot()]->match(event_->whole()) : verdict == Verdict::yes;
}

}  // namespace ow::rules
