// See rooms.h.
#include "tests/house/rooms.h"

#include <algorithm>
#include <sstream>

namespace ow::house {
namespace {

bool is_section(std::string_view word) {
  return word == "ROOMS" || word == "LINKS" || word == "PRIVATE_LINKS" || word == "EXCLUDE";
}

}  // namespace

Rooms read_rooms(std::string_view cmake) {
  constexpr std::string_view kCall = "\now_room(";
  Rooms rooms;
  for (std::size_t at = cmake.find(kCall); at != std::string_view::npos; at = cmake.find(kCall, at + 1)) {
    const std::size_t start = at + kCall.size();
    std::istringstream words{std::string(cmake.substr(start, cmake.find(')', start) - start))};
    std::string name, word, section;
    words >> name;
    auto& allowed = rooms[name];
    while (words >> word) {
      if (is_section(word))
        section = word;
      else if (section == "ROOMS")
        allowed.insert(word);
      else if (word.starts_with("ow_"))
        allowed.insert(word.substr(3));
    }
  }
  return rooms;
}

}  // namespace ow::house
