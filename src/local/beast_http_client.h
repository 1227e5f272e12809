// HttpClient on Beast, on the executor's loop: connections kept alive per host, bounded in all. Loop thread.
#pragma once

#include <cstddef>
#include <memory>

#include "local/asio_executor.h"
#include "platform/http_client.h"

namespace ow::local {

struct HttpClientOptions {
  std::size_t connections_per_host_max = 64;
  std::size_t connections_max = 256;
  std::string ca_file = {};  // PEM: trusted beside the system's authorities
};

class BeastHttpClient final : public platform::HttpClient {
 public:
  explicit BeastHttpClient(AsioExecutor& executor, HttpClientOptions options = {});
  ~BeastHttpClient() override;
  base::Task<base::Result<platform::HttpAnswer>> send(platform::HttpRequest request) override;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ow::local
