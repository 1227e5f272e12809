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

}  // namespace ow::base
