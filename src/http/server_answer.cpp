// See server_answer.h.
#include "http/server_answer.h"

#include <ctime>

#include <fmt/format.h>
#include <boost/beast/http/status.hpp>

namespace ow::http {

namespace {

void append_value(std::string& out, std::string_view value) {
  for (const char c : value) out += (c == '\r' || c == '\n' || c == '\0') ? ' ' : c;
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  append_value(out, value);
  out += "\r\n";
}

std::string_view phrase(int status) {
  const auto text =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  return {text.data(), text.size()};
}

// RFC 9112 section 6.3: a body of unknown length is chunked, or to HTTP/1.0 ends with the connection.
void append_framing(std::string& out, const Response& response, AnswerForm form) {
  if (response.stream) {
    if (!form.http_1_0) out += "transfer-encoding: chunked\r\n";
    return;
  }
  out += "content-length: ";
  out += fmt::format_int(response.body.size()).c_str();
  out += "\r\n";
}

}  // namespace

void append_chunk(std::string& out, std::string_view bytes) {
  out += fmt::format("{:x}\r\n", bytes.size());
  out += bytes;
  out += "\r\n";
}

const std::string& DateLine::at(base::Instant now) {
  if (now.unix_s() == second_) return line_;
  second_ = now.unix_s();
  const auto seconds = static_cast<std::time_t>(second_);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  line_ = fmt::format("date: {}, {:02} {} {} {:02}:{:02}:{:02} GMT\r\n", kDays[utc.tm_wday], utc.tm_mday,
                      kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  return line_;
}

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

void append_head(std::string& out, const Response& response, AnswerForm form, std::string_view date_line) {
  out += "HTTP/1.1 ";
  out += fmt::format_int(response.status).c_str();
  out += ' ';
  out += phrase(response.status);
  out += "\r\n";
  out += date_line;
  if (may_have_body(response.status)) {
    if (!response.content_type.empty()) append_header(out, "content-type", response.content_type);
    append_framing(out, response, form);
  }
  if (!form.keep_alive) out += "connection: close\r\n";
  if (form.keep_alive && form.http_1_0) out += "connection: keep-alive\r\n";
  for (const auto& [name, value] : response.headers) append_header(out, name, value);
  out += "\r\n";
}

}  // namespace ow::http
