// Whether an event satisfies a way of which the index has found the first tests to hold. One thread at a time.
#pragma once

#include <cstdint>
#include <limits>

#include "rules/event_fields.h"
#include "rules/leaf_pool.h"
#include "rules/way_rows.h"

namespace ow::rules {

/// How the index came to a way: so many of its tests hold, each for some value, the last of them for values out of this
/// item of an array only.
struct WayEntry {
  static constexpr std::uint32_t kSeveralItems = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t held = 0;
  std::uint32_t item = kSeveralItems;
};

enum class Verdict : std::uint8_t {
  no,
  yes,
  unsure,  // each test holds; only the whole event can tell whether they do so together
};

/// Looks at an event and at leaves that outlive it.
class WayJudge {
 public:
  WayJudge(EventFields& fields, const LeafPool& leaves) : fields_(fields), leaves_(leaves) {}

  /// Whether each test that is left holds for some value, or for there being none.
  bool rest_holds(WayRow way, WayEntry entry);
  /// Of a way whose tests all hold: whether they do so within one item where they fall on one array.
  Verdict together(WayRow way, WayEntry entry);

 private:
  bool holds(Test test);
  unsigned doubt(WayRow way) const;
  bool is_beyond(Test test) const;
  bool first_of_array(WayRow way, std::uint32_t number) const;
  bool some_item_holds(WayRow way, std::uint32_t number, WayEntry entry);
  bool item_holds(WayRow way, PathId array, std::uint32_t item, std::uint32_t known);
  bool item_holds(Test test, std::uint32_t item);

  EventFields& fields_;
  const LeafPool& leaves_;
};

}  // namespace ow::rules
