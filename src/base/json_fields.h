// Members of a record that may be absent: how they are written (null) and read back. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/json.h"

namespace ow::base {

/// Null when empty.
inline Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

/// RFC 3339, or null.
inline Json time_or_null(const std::optional<Instant>& at) { return at ? Json(to_rfc3339(*at)) : Json(); }

/// The time that the member tells (RFC 3339): nothing when it is absent, of another type, or no time.
inline std::optional<Instant> time_at(const Json& json, std::string_view name) {
  const auto at = parse_rfc3339(json.string_at(name).value_or(""));
  return at ? std::optional(*at) : std::nullopt;
}

}  // namespace ow::base
