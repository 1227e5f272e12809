// A list of a running server, shown to people as a table and to programs as it came. Main thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/command_line.h"
#include "base/json.h"

namespace ow::app {

/// A member of the answer that continues the list, and the option to give it to.
struct Onward {
  std::string member;
  std::string option;
};

struct Listing {
  std::string path;  // with its query
  std::vector<std::string> heading;
  std::function<std::vector<std::string>(const base::Json& item)> row_of;
  std::vector<Onward> onward = {{"nextCursor", "cursor"}};
};

Exit show_list(const Invocation& invocation, const Listing& listing);

/// `&name=value` for each of these options that was given, percent-encoded.
std::string query_of(const Invocation& invocation, const std::vector<std::string>& names);

/// The member as text: strings as they are, other values as JSON, "-" when absent or null.
std::string text_at(const base::Json& object, std::string_view name);

}  // namespace ow::app
