// The simulated gateway as a process of its own behind the simulated network. Test thread only.
#pragma once

#include <memory>
#include <string>

#include "sandbox/gateway.h"
#include "sandbox/sim_node.h"

namespace ow::tests {

inline constexpr auto kGatewayUrl = "http://gateway";

class GatewayHost {
 public:
  explicit GatewayHost(sim::SimWorld& world) : node_(world, "gateway") { start(); }
  ~GatewayHost() { node_.world.network.take_away(kGatewayUrl); }

  /// The process ends and begins again; its ledger stays.
  void restart() {
    take_away();
    node_.close();
    node_.machine.disk.crash_keeping(node_.machine.disk.unsynced());
    node_.open();
    start();
  }
  /// Nobody answers at its address until start().
  void take_away() { node_.world.network.take_away(kGatewayUrl); }
  void start() {
    gateway_ = std::make_unique<sandbox::Gateway>(
        sandbox::GatewayPorts{node_.store(), node_.executor(), node_.world.clock, node_.process->random});
    serve();
  }
  void serve() {
    node_.world.network.serve(kGatewayUrl, node_.executor(),
                              [this](platform::HttpRequest request) { return handle(std::move(request)); });
  }

  base::Json get(const std::string& path) { return base::parse_json(send("GET", path, "").body).value(); }
  http::Response send(const std::string& method, const std::string& path, const std::string& body,
                      http::Headers headers = {}) {
    http::Request request{.method = method, .target = path, .headers = std::move(headers), .body = body, .peer = ""};
    return node_.executor().run(gateway_->handle(std::move(request)));
  }
  /// All entries of a kind, or of all kinds.
  base::Json::Array ledger(const std::string& kind = {}) {
    base::Json::Array found;
    const auto page = get("/ledger");
    for (const auto& entry : page.find("items")->as_array()) {
      if (kind.empty() || entry.string_at("kind") == kind) found.push_back(entry);
    }
    return found;
  }
  SimNode& node() { return node_; }

 private:
  base::Task<platform::HttpAnswer> handle(platform::HttpRequest request) {
    http::Request inner{.method = request.method,
                        .target = request.url.substr(std::string_view(kGatewayUrl).size()),
                        .headers = request.headers,
                        .body = request.body,
                        .peer = ""};
    const auto response = co_await gateway_->handle(std::move(inner));
    co_return platform::HttpAnswer{response.status, {}, response.body};
  }

  SimNode node_;
  std::unique_ptr<sandbox::Gateway> gateway_;
};

}  // namespace ow::tests
