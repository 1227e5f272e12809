// The house as CMakeLists.txt lays it out: which room may include which. Test thread only.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace ow::house {

/// Room -> rooms it may include besides itself.
using Rooms = std::map<std::string, std::set<std::string>, std::less<>>;

/// Reads the `ow_room(name ROOMS a b … PRIVATE_LINKS ow_c …)` lines.
Rooms read_rooms(std::string_view cmake);

}  // namespace ow::house
