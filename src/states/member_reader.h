// Reads the members of one object of a definition and gathers what is wrong with them, each problem with its
// place. Used while parsing only, by one thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "states/definition.h"

namespace ow::states {

/// What a number of a definition may be.
struct Bounds {
  std::int64_t min = 0;
  std::int64_t max = 99'999'999;
};

class MemberReader {
 public:
  MemberReader(const base::Json& text, std::string place, std::vector<std::string>& violations)
      : text_(text), place_(std::move(place)), violations_(violations) {}

  const base::Json* find(std::string_view name) const { return text_.find(name); }
  const base::Json& text() const { return text_; }
  std::string place_of(std::string_view name) const;
  std::vector<std::string>& violations() { return violations_; }

  void problem(std::string_view name, std::string_view rule);
  /// False, with a problem, when this is no object.
  bool is_object();
  void allow_only(std::initializer_list<std::string_view> names);
  void at_most_one_of(std::initializer_list<std::string_view> names);

  std::string text_member(std::string_view name, bool required);
  std::optional<std::int64_t> integer(std::string_view name, Bounds bounds);
  /// A whole number, or a path to one, never both.
  NumberMember number(std::string_view name, std::string_view path_name, Bounds bounds);
  NumberMember percentage(std::string_view name, std::string_view path_name);
  std::optional<Path> path(std::string_view name);
  PathMember nullable_path(std::string_view name, bool reference);
  std::optional<Template> payload(std::string_view name);
  std::optional<Template> object_payload(std::string_view name);
  std::optional<Expression> expression(std::string_view name);
  std::vector<std::string> error_names(std::string_view name);
  /// The items of a required non-empty array.
  std::vector<const base::Json*> items(std::string_view name, bool required);

 private:
  const base::Json& text_;
  std::string place_;
  std::vector<std::string>& violations_;
};

}  // namespace ow::states
