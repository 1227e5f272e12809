// The values of an event at the places that patterns ask for, read at most once and only when asked. One thread at
// a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "rules/text_tables.h"

namespace ow::rules {

/// The top-level members of an event's EventBridge form.
class EventView {
 public:
  virtual ~EventView() = default;
  /// nullptr when there is none. Stays valid as long as the view.
  virtual const base::Json* member(std::string_view name) = 0;
  /// The whole form.
  virtual const base::Json& whole() = 0;
};

/// Number of a place in events, such as detail.lines.sku.
using PathId = std::uint32_t;

/// A scalar, and in which item of the array on the way to it; 0 when there is none, else from 1.
struct FieldValue {
  const base::Json* json = nullptr;
  std::uint32_t item = 0;
};

class EventFields {
 public:
  /// The same path has the same number.
  PathId path_id(const std::vector<std::string_view>& path);
  std::size_t paths() const { return nodes_.size() - 1; }

  /// From here on values are those of this event, which must outlive the look-ups.
  void begin(EventView& event);
  /// All scalars at the path, of every item where the way leads through arrays.
  const std::vector<FieldValue>& values(PathId path);
  /// The paths that have values, each once.
  const std::vector<PathId>& present();

  // After values().

  /// Whether the way to the path leads through an array of objects or arrays: then its values need not belong to those
  /// of other paths, and an item may lack what another has.
  bool through_array(PathId path) const { return nodes_[path].array != 0; }
  /// The path of the outermost such array; 0: none.
  PathId array_of(PathId path) const { return nodes_[path].array; }
  /// Whether there is a second one within its items.
  bool through_nested_arrays(PathId path) const { return nodes_[path].nested; }

 private:
  struct Child {
    PathId id = 0;
    std::uint32_t place = 0;            // among the members of the object where it was found last
    const base::Json* value = nullptr;  // scratch: in the object that is being read
  };
  struct Node {
    std::string name;
    PathId top = 0;  // its first step
    std::vector<Child> children;
    std::unordered_map<std::string, PathId, TextHash, std::equal_to<>> by_name;  // of many children only
    std::uint64_t read = 0;
    PathId array = 0;
    bool nested = false;
    std::vector<FieldValue> values;
  };

  PathId child(PathId parent, std::string_view name);
  PathId find_child(const Node& node, std::string_view name) const;
  void clear(PathId path);
  void read(PathId path, const base::Json& value, std::uint32_t item);
  void read_items(PathId path, const base::Json& array, std::uint32_t item);
  void prefetch_items(PathId path, const base::Json::Array& items) const;
  void read_members(PathId path, const base::Json& object, std::uint32_t item);
  static void find_member(Child& child, std::string_view name, const base::Json::Object& members);
  void read_many(PathId path, const base::Json& object, std::uint32_t item);
  void mark(PathId path, PathId array);

  std::vector<Node> nodes_{1};
  EventView* event_ = nullptr;
  std::uint64_t event_number_ = 0;
  std::vector<PathId> present_;
  std::uint64_t all_read_ = 0;  // the event of which present_ tells
};

}  // namespace ow::rules
