// Shorthand for the JSON Schemas of routes. Any thread.
#pragma once

#include <cstddef>
#include <initializer_list>

#include "base/json.h"

namespace ow::http {

inline base::Json typed(const char* type) { return base::Json::object({{"type", type}}); }
inline base::Json nullable(const char* type) {
  return base::Json::object({{"type", base::Json::array({type, "null"})}});
}
inline base::Json text_schema() { return typed("string"); }
inline base::Json text_up_to(std::size_t length) {
  return base::Json::object({{"type", "string"}, {"maxLength", static_cast<std::int64_t>(length)}});
}
inline base::Json array_of(base::Json item) {
  return base::Json::object({{"type", "array"}, {"items", std::move(item)}});
}
/// An object of these members and maybe others.
inline base::Json open_object(base::Json properties, std::initializer_list<const char*> required = {}) {
  auto schema = base::Json::object({{"type", "object"}, {"properties", std::move(properties)}});
  if (required.size() > 0) schema.set("required", base::Json::Array(required.begin(), required.end()));
  return schema;
}
/// An object of these members and no others.
inline base::Json closed_object(base::Json properties, std::initializer_list<const char*> required = {}) {
  auto schema = open_object(std::move(properties), required);
  schema.set("additionalProperties", false);
  return schema;
}
/// A page of a list, as page_json() (listing.h) makes it.
inline base::Json list_of(base::Json item) {
  return open_object(base::Json::object({{"items", array_of(std::move(item))}, {"nextCursor", nullable("string")}}));
}

}  // namespace ow::http
