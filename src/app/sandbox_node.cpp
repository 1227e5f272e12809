// See sandbox_node.h.
#include "app/sandbox_node.h"

#include <fmt/format.h>

#include "app/embedded_node.h"
#include "app/event_rules.h"
#include "http/server.h"
#include "sandbox/gateway.h"

namespace ow::app {

struct SandboxNode::Impl {
  std::unique_ptr<EmbeddedNode> node;
  std::unique_ptr<sandbox::Gateway> gateway;
  std::unique_ptr<http::Server> server;
  std::string address;

  base::Task<void> shut_down() {
    co_await server->drain();
    co_await node->shut_down();
  }
};

SandboxNode::SandboxNode(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SandboxNode::~SandboxNode() = default;

base::Result<std::unique_ptr<SandboxNode>> SandboxNode::open(const std::string& directory, const std::string& address,
                                                             std::uint16_t port) {
  auto node = EmbeddedNode::open(directory, no_event_rules());
  if (!node) return base::fail(node.error());
  auto impl = std::make_unique<Impl>();
  impl->node = std::move(*node);
  auto& local = *impl->node;
  impl->address = address;
  impl->gateway = std::make_unique<sandbox::Gateway>(
      sandbox::GatewayPorts{local.engine().store(), local.executor(), local.clock(), local.random()});
  impl->server = std::make_unique<http::Server>(
      local.executor().loop(), local.clock(), local.metrics(),
      [gateway = impl->gateway.get()](http::Request request) { return gateway->handle(std::move(request)); });
  if (auto opened = impl->server->listen({.address = address, .port = port}); !opened)
    return base::fail(opened.error());
  return std::unique_ptr<SandboxNode>(new SandboxNode(std::move(impl)));
}

std::string SandboxNode::url() const {
  const bool v6 = impl_->address.find(':') != std::string::npos;
  return fmt::format("http://{}:{}", v6 ? "[" + impl_->address + "]" : impl_->address, impl_->server->port());
}

void SandboxNode::run() { impl_->node->executor().run(); }

void SandboxNode::stop() {
  auto* impl = impl_.get();
  impl->node->executor().post([impl] { impl->node->executor().spawn(impl->shut_down()); });
}

}  // namespace ow::app
