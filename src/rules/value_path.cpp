// See value_path.h.
#include "rules/value_path.h"

#include <charconv>

namespace ow::rules {
namespace {

/// `name` behind a dot: up to the next step.
std::optional<std::string> take_name(std::string_view& rest) {
  const auto end = std::min(rest.find_first_of(".["), rest.size());
  if (end == 0) return std::nullopt;
  std::string name(rest.substr(0, end));
  rest.remove_prefix(end);
  return name.find_first_of("*?@'\"]()") == std::string::npos ? std::optional(std::move(name)) : std::nullopt;
}

/// `'name']` or `"name"]` behind a bracket.
std::optional<std::string> take_quoted(std::string_view& rest) {
  const char quote = rest.front();
  const auto end = rest.find(quote, 1);
  if (end == std::string_view::npos || rest.substr(end + 1, 1) != "]") return std::nullopt;
  std::string name(rest.substr(1, end - 1));
  rest.remove_prefix(end + 2);
  return name;
}

/// `12]` behind a bracket.
std::optional<std::size_t> take_index(std::string_view& rest) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
  if (error != std::errc() || end == rest.data() + rest.size() || *end != ']') return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()) + 1);
  return index;
}

template <typename Step, typename Taken>
bool append(std::vector<Step>& steps, Taken taken) {
  if (taken) steps.emplace_back(std::move(*taken));
  return taken.has_value();
}

}  // namespace

std::optional<ValuePath> ValuePath::parse(std::string_view text) {
  if (!text.starts_with('$')) return std::nullopt;
  ValuePath path;
  auto rest = text.substr(1);
  while (!rest.empty()) {
    const char opening = rest.front();
    rest.remove_prefix(1);
    if (rest.empty() || (opening != '.' && opening != '[')) return std::nullopt;
    const bool quoted = opening == '[' && (rest.front() == '\'' || rest.front() == '"');
    const bool taken = opening == '.' ? append(path.steps_, take_name(rest))
                       : quoted       ? append(path.steps_, take_quoted(rest))
                                      : append(path.steps_, take_index(rest));
    if (!taken) return std::nullopt;
  }
  return path;
}

const base::Json* ValuePath::find(const base::Json& root) const {
  const auto* at = &root;
  for (const auto& step : steps_) {
    if (const auto* name = std::get_if<std::string>(&step)) {
      at = at->find(*name);
    } else {
      const auto index = std::get<std::size_t>(step);
      at = at->is_array() && index < at->as_array().size() ? &at->as_array()[index] : nullptr;
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

}  // namespace ow::rules
