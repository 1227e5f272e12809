// See problem.h.
#include "http/problem.h"

#include <algorithm>

namespace ow::http {
namespace {

constexpr int kRetryAfterDefaultS = 1;

/// What the client may read of an error.
struct Shown {
  std::string_view reason;
  std::string_view message;
};

Shown shown(int status, const base::Error& error) {
  if (status == 500) return {"internal_error", "Something failed inside; the log has it under the request id."};
  if (status == 507) return {"storage_full", "The disk is full: writes are refused until space returns."};
  const std::string_view phrase = status_phrase(status);
  return {error.reason.empty() ? "error" : std::string_view(error.reason),
          error.message.empty() ? phrase : std::string_view(error.message)};
}

// "out_of_stock" -> "Out of stock"
std::string title_of(std::string_view reason) {
  std::string title(reason);
  std::replace(title.begin(), title.end(), '_', ' ');
  if (!title.empty() && title[0] >= 'a' && title[0] <= 'z') title[0] = static_cast<char>(title[0] - 'a' + 'A');
  return title;
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  base::append_quoted(out, text);
}

void append_violations(std::string& out, const std::vector<std::string>& violations) {
  if (violations.empty()) return;
  out += ",\"violations\":";
  char before = '[';
  for (const auto& violation : violations) {
    out += std::exchange(before, ',');
    base::append_quoted(out, violation);
  }
  out += ']';
}

std::string problem_text(int status, Shown shown, const base::Error& error, std::string_view request_id) {
  std::string out;
  out.reserve(320);
  out += "{\"type\":";
  base::append_quoted(out, "/errors/" + std::string(shown.reason));
  append_member(out, "title", title_of(shown.reason));
  out += ",\"status\":" + std::to_string(status);
  append_member(out, "detail", shown.message);
  append_member(out, "error", shown.reason);
  append_member(out, "message", shown.message);
  append_member(out, "requestId", request_id);
  append_violations(out, error.violations);
  out += '}';
  return out;
}

}  // namespace

int status_of(base::ErrorCode code) {
  switch (code) {
    case base::ErrorCode::malformed:
      return 400;
    case base::ErrorCode::unauthenticated:
      return 401;
    case base::ErrorCode::forbidden:
      return 403;
    case base::ErrorCode::not_found:
      return 404;
    case base::ErrorCode::conflict:
      return 409;
    case base::ErrorCode::gone:
      return 410;
    case base::ErrorCode::too_large:
      return 413;
    case base::ErrorCode::unprocessable:
      return 422;
    case base::ErrorCode::rate_limited:
      return 429;
    case base::ErrorCode::internal:
      return 500;
    case base::ErrorCode::unsupported:
      return 501;
    case base::ErrorCode::unavailable:
      return 503;
    case base::ErrorCode::timed_out:
      return 504;
    case base::ErrorCode::storage_full:
      return 507;
  }
  return 500;
}

std::string_view status_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 507:
      return "Insufficient Storage";
    default:
      return "Error";
  }
}

Response problem(const base::Error& error, std::string_view request_id) {
  return problem(status_of(error.code), error, request_id);
}

Response problem(int status, const base::Error& error, std::string_view request_id) {
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = problem_text(status, shown(status, error), error, request_id);
  const bool must_wait = status == 429 || status == 503;
  if (must_wait || error.retry_after_s) {
    const int seconds = std::max(1, error.retry_after_s.value_or(kRetryAfterDefaultS));
    response.headers.emplace_back("Retry-After", std::to_string(seconds));
  }
  return response;
}

}  // namespace ow::http
