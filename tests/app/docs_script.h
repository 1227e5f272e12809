// The examples of a page of docs/, to be run. Any thread.
#pragma once

#include <string>

namespace ow::tests {

/// All ```sh blocks of a page, in order, as one script that ends at the first failure.
inline std::string script_of(const std::string& page) {
  std::string script = "set -euo pipefail\n";
  for (std::size_t at = 0; (at = page.find("\n```sh\n", at)) != std::string::npos;) {
    at += 7;
    const auto end = page.find("\n```", at);
    script += page.substr(at, end - at) + "\n";
    at = end;
  }
  return script;
}

}  // namespace ow::tests
