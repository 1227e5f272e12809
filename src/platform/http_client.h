// Port: HTTP to the outside. Loop thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"

namespace ow::platform {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // absolute, http or https
  Headers headers = {};
  std::string body = {};
  base::Duration timeout = std::chrono::seconds(10);
  std::size_t answer_bytes_max = 64 << 10;
  /// A longer answer ends after its first `answer_bytes_max` bytes, instead of being an error.
  bool cut_long_answer = false;
  /// Connects to one of these (texts without brackets) in this order and to no other address; TLS and the Host
  /// header still go by the URL. Empty: to what the URL's host resolves to.
  std::vector<std::string> addresses = {};
};

struct HttpAnswer {
  int status = 0;
  Headers headers = {};  // names in lower case
  std::string body = {};
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  /// Sends once, never follows redirects, never retries after the first byte was sent. Errors:
  /// unavailable (certainly nothing was processed: no connection), timed_out (outcome unknown: reset or
  /// late), malformed (URL, addresses), too_large (answer), internal (answer is not HTTP).
  virtual base::Task<base::Result<HttpAnswer>> send(HttpRequest request) = 0;
};

}  // namespace ow::platform
