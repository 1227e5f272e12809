// The head of a response as bytes. Loop thread.
#pragma once

#include <string>
#include <string_view>

#include "base/instant.h"
#include "http/message.h"
#include "platform/clock.h"

namespace ow::http {

/// IMF-fixdate (RFC 9110 section 5.6.7), written once a second.
class DateLine {
 public:
  /// `date: Sun, 06 Nov 1994 08:49:37 GMT\r\n`
  const std::string& at(base::Instant now);

 private:
  std::int64_t second_ = -1;
  std::string line_;
};

struct AnswerForm {
  bool keep_alive = true;
  bool http_1_0 = false;
};

/// Status line and headers up to the empty line; content-length is the body's also when the body is not sent.
/// A line break in a header's value becomes a space, so no value can end its line.
void append_head(std::string& out, const Response& response, AnswerForm form, std::string_view date_line);

/// One chunk (RFC 9112 section 7.1); of no bytes: the last, without trailers.
void append_chunk(std::string& out, std::string_view bytes);

/// False when a response of this status never has a body (RFC 9110 section 6.4.1).
bool may_have_body(int status);

}  // namespace ow::http
