// The scopes an API key may hold: what each allows, in one documented list. A route names the one that
// suffices (http/router.h); docs/api-keys.md shows the list. Any thread.
#pragma once

#include <span>
#include <string_view>

namespace ow::http {

struct Scope {
  std::string_view name;
  std::string_view allows;
};

/// In order of name.
std::span<const Scope> all_scopes();
bool is_scope(std::string_view name);

}  // namespace ow::http
