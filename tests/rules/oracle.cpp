// See oracle.h. An event becomes the list of its scalars, each with its path and the items of arrays it lies in; a
// pattern becomes the list of its fields for each choice of alternatives. A pattern matches when every field finds a
// scalar, or none where none is wanted, and no two scalars lie in different items of one array.
#include "rules/oracle.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace ow::tests {
namespace {

using base::Json;
using Path = std::vector<std::string>;

/// Array (by its place in the event) -> item.
using Items = std::map<std::string, std::size_t>;

struct Scalar {
  Path path;
  Items items;
  Json value;
};

void flatten(const Json& json, const Path& path, const std::string& place, const Items& items,
             std::vector<Scalar>& out) {
  if (json.is_object()) {
    for (const auto& [name, value] : json.as_object()) {
      auto below = path;
      below.push_back(name);
      flatten(value, below, place + "." + name, items, out);
    }
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.as_array().size(); ++i) {
      auto inside = items;
      inside[place] = i;
      flatten(json.as_array()[i], path, place + "[" + std::to_string(i) + "]", inside, out);
    }
  } else {
    out.push_back({path, items, json});
  }
}

struct Field {
  Path path;
  Json tests;
};
using Choice = std::vector<Field>;

bool is_or(const std::string& name, const Json& value) {
  return name == "$or" && value.is_array() && value.as_array().size() >= 2 && value.as_array().front().is_object();
}

std::vector<Choice> both(const std::vector<Choice>& left, const std::vector<Choice>& right) {
  std::vector<Choice> all;
  for (const auto& one : left) {
    for (const auto& other : right) {
      all.push_back(one);
      all.back().insert(all.back().end(), other.begin(), other.end());
    }
  }
  return all;
}

std::vector<Choice> choices(const Json& pattern, const Path& path) {
  std::vector<Choice> all{Choice{}};
  for (const auto& [name, value] : pattern.as_object()) {
    auto below = path;
    below.push_back(name);
    if (is_or(name, value)) {
      std::vector<Choice> alternatives;
      for (const auto& each : value.as_array()) {
        const auto of_each = choices(each, path);
        alternatives.insert(alternatives.end(), of_each.begin(), of_each.end());
      }
      all = both(all, alternatives);
    } else if (value.is_array()) {
      all = both(all, {{{below, value}}});
    } else {
      all = both(all, choices(value, below));
    }
  }
  return all;
}

// ---- Tests of one scalar ----

bool wild(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*') return wild(pattern.substr(1), text) || (!text.empty() && wild(pattern, text.substr(1)));
  const std::size_t escape = pattern.front() == '\\' ? 1 : 0;
  return !text.empty() && pattern[escape] == text.front() && wild(pattern.substr(escape + 1), text.substr(1));
}

std::string small(std::string text) {
  for (auto& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

bool text_test(const std::string& name, const Json& wanted, std::string text) {
  auto want = wanted;
  if (want.is_object()) {
    want = small(want.find("equals-ignore-case")->as_string());
    text = small(text);
  }
  if (name == "equals-ignore-case") return small(text) == small(want.as_string());
  if (name == "prefix") return text.substr(0, want.as_string().size()) == want.as_string();
  if (name == "wildcard") return wild(want.as_string(), text);
  return text.size() >= want.as_string().size() &&
         text.substr(text.size() - want.as_string().size()) == want.as_string();
}

bool numeric(const Json& wanted, const Json& value) {
  for (std::size_t i = 0; i < wanted.as_array().size(); i += 2) {
    const auto& sign = wanted.as_array()[i].as_string();
    const int order = base::compare_numbers(value.as_number().text, wanted.as_array()[i + 1].as_number().text);
    const bool holds = sign == "="    ? order == 0
                       : sign == "<"  ? order < 0
                       : sign == "<=" ? order <= 0
                       : sign == ">"  ? order > 0
                                      : order >= 0;
    if (!holds) return false;
  }
  return true;
}

/// IPv4 only: 32 bits as a number.
std::optional<std::uint32_t> address(std::string_view text) {
  std::uint32_t bits = 0;
  int parts = 0;
  while (parts < 4) {
    const auto dot = text.find('.');
    const auto part = std::string(text.substr(0, dot));
    if (part.empty() || part.size() > 3 || part.find_first_not_of("0123456789") != std::string::npos)
      return std::nullopt;
    if ((part.size() > 1 && part.front() == '0') || std::stoul(part) > 255) return std::nullopt;
    bits = bits << 8 | static_cast<std::uint32_t>(std::stoul(part));
    ++parts;
    if (dot == std::string_view::npos) return parts == 4 ? std::optional(bits) : std::nullopt;
    text = text.substr(dot + 1);
  }
  return std::nullopt;
}

bool in_network(const std::string& network, const std::string& text) {
  const auto slash = network.find('/');
  const auto bits = std::stoi(network.substr(slash + 1));
  const auto mine = address(text);
  const auto base = address(network.substr(0, slash));
  return mine && (bits == 0 || (*mine >> (32 - bits)) == (*base >> (32 - bits)));
}

bool one_test(const Json& test, const Json& value);

bool anything_but(const Json& refused, const Json& value) {
  const bool tests = refused.is_object();
  const auto& wanted = tests ? refused.as_object().front().second : refused;
  const auto list = wanted.is_array() ? wanted.as_array() : Json::Array{wanted};
  return std::none_of(list.begin(), list.end(), [&](const Json& each) {
    return one_test(tests ? Json::object({{refused.as_object().front().first, each}}) : each, value);
  });
}

bool one_test(const Json& test, const Json& value) {
  if (!test.is_object()) return test == value;
  const auto& [name, wanted] = test.as_object().front();
  if (name == "exists") return wanted.as_bool();
  if (name == "anything-but") return anything_but(wanted, value);
  if (name == "numeric") return value.is_number() && numeric(wanted, value);
  if (name == "cidr") return value.is_string() && in_network(wanted.as_string(), value.as_string());
  return value.is_string() && text_test(name, wanted, value.as_string());
}

bool wants_none(const Json& tests) {
  return std::any_of(tests.as_array().begin(), tests.as_array().end(), [](const Json& test) {
    const auto* exists = test.find("exists");
    return exists != nullptr && !exists->as_bool();
  });
}

bool any_test(const Json& tests, const Json& value) {
  return std::any_of(tests.as_array().begin(), tests.as_array().end(),
                     [&](const Json& test) { return one_test(test, value); });
}

bool agree(const Items& left, const Items& right) {
  return std::all_of(left.begin(), left.end(), [&right](const auto& item) {
    const auto other = right.find(item.first);
    return other == right.end() || other->second == item.second;
  });
}

/// Fields from `at` on, the scalars chosen so far lying in `items`. Fields are taken in order of their names, as
/// EventBridge does: an absence is judged within the items that the fields before it chose.
bool fits(const Choice& choice, std::size_t at, const Items& items, const std::vector<Scalar>& event) {
  if (at == choice.size()) return true;
  const auto& field = choice[at];
  bool there = false;
  for (const auto& scalar : event) {
    if (scalar.path != field.path || !agree(items, scalar.items)) continue;
    there = true;
    if (!any_test(field.tests, scalar.value)) continue;
    auto inside = items;
    inside.insert(scalar.items.begin(), scalar.items.end());
    if (fits(choice, at + 1, inside, event)) return true;
  }
  return !there && wants_none(field.tests) && fits(choice, at + 1, items, event);
}

std::string joined(const Path& path) {
  std::string name;
  for (const auto& step : path) name += "." + step;
  return name;
}

}  // namespace

bool documented_match(const Json& pattern, const Json& event) {
  std::vector<Scalar> scalars;
  flatten(event, {}, "", {}, scalars);
  const auto all = choices(pattern, {});
  return std::any_of(all.begin(), all.end(), [&](Choice choice) {
    std::sort(choice.begin(), choice.end(), [](const Field& left, const Field& right) {
      return std::pair(joined(left.path), to_text(left.tests)) < std::pair(joined(right.path), to_text(right.tests));
    });
    return fits(choice, 0, {}, scalars);
  });
}

}  // namespace ow::tests
