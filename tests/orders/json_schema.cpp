// See json_schema.h.
#include "orders/json_schema.h"

#include <functional>
#include <map>
#include <regex>

namespace ow::tests {
namespace {

using base::Json;
using Sentences = std::vector<std::string>;

bool is_of(const Json& value, const std::string& type) {
  if (type == "string") return value.is_string();
  if (type == "number") return value.is_number();
  if (type == "integer") return value.is_number() && value.as_number().integer().has_value();
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  return type == "boolean" ? value.is_bool() : type == "null" && value.is_null();
}

int compare(const Json& value, const Json& bound) {
  return base::compare_numbers(value.as_number().text, bound.as_number().text);
}

void append(Sentences& to, Sentences more) { to.insert(to.end(), more.begin(), more.end()); }

Sentences check_properties(const Json& schema, const Json& value, const std::string& at) {
  Sentences found;
  const Json* properties = schema.find("properties");
  const bool closed = schema.bool_at("additionalProperties") == false;
  for (const auto& [name, member] : value.as_object()) {
    const Json* inner = properties->find(name);
    if (inner == nullptr && closed) found.push_back(at + " has an unknown member " + name);
    if (inner != nullptr) append(found, violations_of(*inner, member, at + "." + name));
  }
  return found;
}

Sentences check_required(const Json& names, const Json& value, const std::string& at) {
  Sentences found;
  for (const auto& name : names.as_array()) {
    if (value.find(name.as_string()) == nullptr) found.push_back(at + " lacks " + name.as_string());
  }
  return found;
}

Sentences check_items(const Json& schema, const Json& value, const std::string& at) {
  Sentences found;
  for (const auto& item : value.as_array()) append(found, violations_of(schema, item, at + "[]"));
  return found;
}

bool is_one_of(const Json& choices, const Json& value) {
  const auto& all = choices.as_array();
  return std::find(all.begin(), all.end(), value) != all.end();
}

using Check = std::function<bool(const Json& bound, const Json& value)>;

const std::map<std::string, Check>& checks() {
  static const std::map<std::string, Check> all = {
      {"type", [](const Json& bound, const Json& value) { return is_of(value, bound.as_string()); }},
      {"const", [](const Json& bound, const Json& value) { return bound == value; }},
      {"enum", is_one_of},
      {"pattern",
       [](const Json& bound, const Json& value) {
         return std::regex_search(value.as_string(), std::regex(bound.as_string()));
       }},
      {"minLength",
       [](const Json& bound, const Json& value) {
         return value.as_string().size() >= static_cast<std::size_t>(*bound.as_number().integer());
       }},
      {"maxLength",
       [](const Json& bound, const Json& value) {
         return value.as_string().size() <= static_cast<std::size_t>(*bound.as_number().integer());
       }},
      {"minimum", [](const Json& bound, const Json& value) { return compare(value, bound) >= 0; }},
      {"maximum", [](const Json& bound, const Json& value) { return compare(value, bound) <= 0; }},
      {"minItems",
       [](const Json& bound, const Json& value) {
         return value.as_array().size() >= static_cast<std::size_t>(*bound.as_number().integer());
       }},
      {"maxItems", [](const Json& bound, const Json& value) {
         return value.as_array().size() <= static_cast<std::size_t>(*bound.as_number().integer());
       }}};
  return all;
}

bool is_annotation(const std::string& keyword) {
  return keyword == "$schema" || keyword == "$id" || keyword == "title" || keyword == "description" ||
         keyword == "additionalProperties";
}

}  // namespace

std::vector<std::string> violations_of(const Json& schema, const Json& value, const std::string& at) {
  if (const auto type = schema.string_at("type"); type && !is_of(value, std::string(*type))) {
    return {at + " is no " + std::string(*type)};
  }
  Sentences found;
  for (const auto& [keyword, bound] : schema.as_object()) {
    if (is_annotation(keyword)) continue;
    if (keyword == "properties") {
      append(found, check_properties(schema, value, at));
    } else if (keyword == "required") {
      append(found, check_required(bound, value, at));
    } else if (keyword == "items") {
      append(found, check_items(bound, value, at));
    } else if (!checks().contains(keyword)) {
      found.push_back(at + ": this validator does not know " + keyword);
    } else if (!checks().at(keyword)(bound, value)) {
      found.push_back(at + " breaks " + keyword + " " + base::to_text(bound) + " with " + base::to_text(value));
    }
  }
  return found;
}

}  // namespace ow::tests
