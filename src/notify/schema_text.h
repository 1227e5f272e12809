// Shorthand for the JSON Schemas of the routes of this room. Any thread.
#pragma once

#include "base/json.h"

namespace ow::notify {

inline base::Json typed(const char* type) { return base::Json::object({{"type", type}}); }
inline base::Json nullable(const char* type) {
  return base::Json::object({{"type", base::Json::array({type, "null"})}});
}
inline base::Json text_up_to(std::size_t length) {
  return base::Json::object({{"type", "string"}, {"maxLength", static_cast<std::int64_t>(length)}});
}
/// An object of these members and no others.
inline base::Json object_of(base::Json properties, base::Json required = base::Json::array()) {
  auto schema = base::Json::object({{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}});
  if (!required.as_array().empty()) schema.set("required", std::move(required));
  return schema;
}
inline base::Json list_of(base::Json item) {
  return base::Json::object(
      {{"type", "object"},
       {"properties", base::Json::object({{"items", base::Json::object({{"type", "array"}, {"items", std::move(item)}})},
                                          {"nextCursor", nullable("string")}})}});
}

}  // namespace ow::notify
