// The way of a webhook without the rest of the program: the store on a fresh directory, the fan-out, endpoints, the
// consumers and the delivery client as production puts them together. Main thread, which becomes the loop thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/embedded_node.h"
#include "harness/process.h"
#include "local/beast_http_client.h"
#include "local/system_resolver.h"
#include "notify/webhooks/webhooks.h"
#include "platform/id_source.h"

namespace ow::bench {

/// An endpoint on a port of this machine that wants events of type `bench.<number>` alone.
notify::webhooks::Endpoint endpoint_at(std::size_t number, std::uint16_t port);
std::vector<notify::Network> this_machine();
/// As serve has it.
local::HttpClientOptions webhook_connections();

class WebhookPath {
 public:
  using Work = std::function<base::Task<void>(WebhookPath& path)>;

  /// One endpoint a port.
  explicit WebhookPath(const std::vector<std::uint16_t>& ports);

  /// Makes the endpoints, does the work on the loop, and shuts all down.
  void run(Work work);

  /// Commits one event of about 700 bytes for each of these endpoints, each about a subject of its own.
  base::Task<void> publish(std::vector<std::size_t> endpoints);
  void start_consumers();
  /// Until nothing is queued any more.
  base::Task<void> delivered();
  base::Task<void> pause(base::Duration span);
  app::EmbeddedNode& node() { return *node_; }

 private:
  base::Task<base::Result<void>> begin(Work work);
  base::Task<bool> idle();

  tests::TemporaryDirectory directory_;
  std::vector<std::uint16_t> ports_;
  std::unique_ptr<app::EmbeddedNode> node_;
  notify::FanOut* fan_out_ = nullptr;
  std::unique_ptr<local::BeastHttpClient> client_;
  std::unique_ptr<local::SystemResolver> resolver_;
  std::unique_ptr<platform::IdSource> ids_;
  std::unique_ptr<notify::webhooks::Webhooks> webhooks_;
  std::uint64_t subjects_ = 0;
};

}  // namespace ow::bench
