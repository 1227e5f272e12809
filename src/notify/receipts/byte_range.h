// Conditional and range requests for one representation with a strong entity tag (RFC 9110 sections 13 and 14). Pure; any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/message.h"

namespace ow::notify {

/// What of the bytes a request gets.
struct Selection {
  int status = 200;  // 200, 206, 304, 412, 416
  std::uint64_t from = 0;
  std::uint64_t length = 0;
};

/// `etag` with its quotation marks. Several ranges and units but bytes are answered whole, as RFC 9110 section 14.2 lets
/// a server do; so is a range with HEAD.
Selection select(const http::Request& request, std::string_view etag, std::uint64_t size);

/// 200, 206, 304, 412 or 416 with Accept-Ranges, ETag and Content-Range as they belong.
http::Response answer_selection(const Selection& selection, const std::string& bytes, const std::string& etag);

}  // namespace ow::notify
