// See json_text.h.
#include "base/json_text.h"

#include <array>
#include <charconv>

namespace ow::base {

JsonText& JsonText::value(std::int64_t number) {
  separate();
  std::array<char, 20> digits;  // of -2^63
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out_.append(digits.data(), end);
  return *this;
}

JsonText& JsonText::value(const Json& tree) {
  if (tree.is_string()) return value(std::string_view(tree.as_string()));
  if (tree.is_bool()) return value(tree.as_bool());
  if (tree.is_object()) {
    begin_object();
    for (const auto& [its_name, item] : tree.as_object()) name(its_name).value(item);
    return end_object();
  }
  if (tree.is_array()) {
    begin_array();
    for (const auto& item : tree.as_array()) value(item);
    return end_array();
  }
  separate();
  out_ += tree.is_number() ? std::string_view(tree.as_number().text) : "null";
  return *this;
}

}  // namespace ow::base
