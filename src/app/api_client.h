// The command line as an HTTP client of a running server: one call at a time, JSON in and out. Main thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/result.h"
#include "local/beast_http_client.h"

namespace ow::app {

/// Options that every client command takes.
std::vector<OptionSpec> client_options(std::vector<OptionSpec> more = {});

struct ApiCall {
  std::string method = "GET";
  std::string path;  // with its query
  base::Json body = {};
  std::string idempotency_key = {};
};

class ApiClient {
 public:
  /// Server from --server, else OW_SERVER, else the local default; token from OW_TOKEN.
  explicit ApiClient(const Invocation& invocation);

  /// The answer's JSON of a 2xx. Errors: what the server's problem details say; unavailable or timed_out when
  /// it cannot be reached.
  base::Result<base::Json> call(ApiCall call);

 private:
  std::string server_;
  std::string token_;
};

/// Sends one request to anywhere and waits for it.
base::Result<platform::HttpAnswer> send_and_wait(platform::HttpRequest request);

/// Complains and says with which code to exit.
Exit exit_with(const base::Error& error, bool json);

using base::percent_encode;

}  // namespace ow::app
