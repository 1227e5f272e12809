// See message.h.
#include "http/message.h"

#include <algorithm>

namespace ow::http {

bool Principal::has(std::string_view role) const { return std::find(roles.begin(), roles.end(), role) != roles.end(); }

bool KeyGrant::allows(std::string_view scope) const {
  return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

std::optional<std::string_view> Request::header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return std::nullopt;
}

Response Response::json(int status, const base::Json& value) { return json_text(status, base::to_text(value)); }

Response Response::json_text(int status, std::string text) {
  Response response;
  response.status = status;
  response.body = std::move(text);
  return response;
}

}  // namespace ow::http
