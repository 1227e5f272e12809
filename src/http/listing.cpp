// See listing.h.
#include "http/listing.h"

#include <charconv>

#include <fmt/core.h>

namespace ow::http {

bool is_operator(const RequestContext& context) {
  return context.principal && (context.principal->has("operator") || context.principal->has("admin"));
}

std::string query_text(const RequestContext& context, const std::string& name) {
  const auto found = context.query.find(name);
  return found == context.query.end() ? std::string() : found->second;
}

base::Result<std::size_t> page_limit(const RequestContext& context, std::size_t limit_max) {
  const auto text = query_text(context, "limit");
  if (text.empty()) return limit_max;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc() || end != text.data() + text.size() || limit < 1 || limit > limit_max) {
    return base::fail({base::ErrorCode::malformed,
                       "bad_limit",
                       "The query is not valid.",
                       {fmt::format("limit must be an integer from 1 to {}", limit_max)}});
  }
  return limit;
}

base::Json page_json(base::Json::Array items, const std::string& next_cursor) {
  return base::Json::object(
      {{"items", std::move(items)}, {"nextCursor", next_cursor.empty() ? base::Json() : base::Json(next_cursor)}});
}

}  // namespace ow::http
