// Short forms for the tests of this room. Test thread only.
#pragma once

#include <string_view>

#include "base/assert.h"
#include "notify/ip_address.h"

namespace ow::notify {

inline IpAddress address(std::string_view text) {
  const auto parsed = parse_address(text);
  OW_ASSERT(parsed.has_value(), "the test names an address");
  return *parsed;
}

inline Network network(std::string_view text) {
  const auto parsed = Network::parse(text);
  OW_ASSERT(parsed.has_value(), "the test names a network");
  return *parsed;
}

}  // namespace ow::notify
