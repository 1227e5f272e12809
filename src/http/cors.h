// Cross-origin requests (WHATWG Fetch, "HTTP-CORS protocol") for the configured origins. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace ow::http {

class Cors {
 public:
  /// "*" allows every origin; empty switches CORS off.
  explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

  /// Lets an allowed origin read the answer.
  void decorate(const Request& request, Response& response) const;

  /// The answer to OPTIONS: the path's methods and, for an allowed origin's preflight, what it may send.
  Response options(const Request& request, std::string_view allow) const;

 private:
  bool allows(std::string_view origin) const;
  std::vector<std::string> origins_;
};

}  // namespace ow::http
