// The command line as an HTTP client of a running server: one call at a time, JSON in and out. Main thread.
#pragma once

#include <functional>
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

struct FollowCall {
  std::string path;  // with its query
  platform::Headers headers = {};
  base::Duration delay = {};  // before the call
  std::function<bool(std::string_view bytes)> take;
};

class ApiClient {
 public:
  /// Server from --server, else OW_SERVER, else the local default; token from OW_TOKEN.
  explicit ApiClient(const Invocation& invocation);

  /// The answer's JSON of a 2xx. Errors: what the server's problem details say; unavailable or timed_out when
  /// it cannot be reached.
  base::Result<base::Json> call(ApiCall call);
  /// A GET whose body is taken piece by piece until it ends or `take` says false.
  base::Result<void> follow(FollowCall call);

 private:
  platform::Headers headers(std::string accept) const;
  base::Error unreachable(base::Error error) const;

  std::string server_;
  std::string token_;
  std::string ca_file_;
};

/// Sends one request to anywhere and waits for it.
base::Result<platform::HttpAnswer> send_and_wait(platform::HttpRequest request, const std::string& ca_file = {});

/// Between two calls that ask whether something has ended.
void wait_for(base::Duration span);

/// Complains and says with which code to exit.
Exit exit_with(const base::Error& error, bool json);

using base::percent_encode;

}  // namespace ow::app
