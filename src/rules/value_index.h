// Which of many leaves a value matches: few are tried one by one, many are looked up. One thread at a time.
#pragma once

#include <memory>
#include <vector>

#include "base/json.h"
#include "rules/pattern_node.h"
#include "rules/text_tables.h"

namespace ow::rules {

class ManyMatchers;

class ValueIndex {
 public:
  ValueIndex();
  ValueIndex(ValueIndex&&) noexcept;
  ValueIndex& operator=(ValueIndex&&) noexcept;
  ~ValueIndex();

  /// `leaf` must outlive this.
  void add(const Leaf& leaf, StateId id);

  /// The ids of the leaves that match the scalar; some perhaps more than once.
  void find(const base::Json& value, StateIds& out) const;
  /// The ids of the leaves that want no value.
  const StateIds& absent() const { return absent_; }

 private:
  struct Entry {
    const Matcher* matcher = nullptr;
    StateId id = 0;
  };

  void add(const Entry& entry);

  std::vector<Entry> few_;
  std::unique_ptr<ManyMatchers> many_;
  StateIds absent_;
};

}  // namespace ow::rules
