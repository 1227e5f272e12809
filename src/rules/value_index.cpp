// See value_index.h.
#include "rules/value_index.h"

#include "rules/many_matchers.h"

namespace ow::rules {
namespace {

/// Up to so many tests are cheaper tried than looked up.
constexpr std::size_t kFewMax = 8;

}  // namespace

ValueIndex::ValueIndex() = default;
ValueIndex::ValueIndex(ValueIndex&&) noexcept = default;
ValueIndex& ValueIndex::operator=(ValueIndex&&) noexcept = default;
ValueIndex::~ValueIndex() = default;

void ValueIndex::add(const Leaf& leaf, StateId id) {
  for (const auto& matcher : leaf) {
    const auto* exists = std::get_if<ExistsMatcher>(&matcher);
    if (exists != nullptr && !exists->expected) {
      absent_.push_back(id);
    } else {
      add(Entry{&matcher, id});
    }
  }
}

void ValueIndex::add(const Entry& entry) {
  if (many_) return many_->add(*entry.matcher, entry.id);
  few_.push_back(entry);
  if (few_.size() <= kFewMax) return;
  many_ = std::make_unique<ManyMatchers>();
  for (const auto& each : few_) many_->add(*each.matcher, each.id);
  few_ = {};
}

void ValueIndex::find(const base::Json& value, StateIds& out) const {
  if (many_) return many_->find(value, out);
  for (const auto& each : few_) {
    if (matches(*each.matcher, value)) out.push_back(each.id);
  }
}

}  // namespace ow::rules
