// Whatever happens in whatever order, money and stock balance once all is settled. Test thread only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <set>

#include <fmt/core.h>

#include "orders/order_world.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;

constexpr std::array<const char*, 8> kTokens = {"",
                                                "tok_decline",
                                                "tok_insufficient",
                                                "tok_slow",
                                                "tok_error500",
                                                "tok_lost_success",
                                                "tok_lost_failure",
                                                "tok_late_success"};

/// Shoppers, operators, the weather and crashes. Each act is made of one number, so that rapidcheck can
/// shrink a list of them.
class Chaos {
 public:
  Chaos() {
    world.add_product("mug", 20);
    world.add_product("tea", 15);
  }

  void act(std::uint16_t number) {
    random_ = sim::SimRandom(number);
    switch (random_.below(9)) {
      case 0:
      case 1:
      case 2:
        place();
        break;
      case 3:
        cancel();
        break;
      case 4:
        refund();
        break;
      case 5:
        world.run_for(std::chrono::milliseconds(random_.below(random_.chance(100) ? 1'000'000 : 4000)));
        break;
      case 6:
        change_stock();
        break;
      case 7:
        storm();
        break;
      case 8:
        upset_gateway();
        break;
    }
    world.run_for(std::chrono::milliseconds(random_.below(20)));
  }
  void crash() {
    world.node.process->kill(world.node.machine);
    world.run_for(1ms);
    world.crash();
  }
  /// The weather clears and everything ends.
  void calm() {
    world.world.network.set_weather({});
    world.bank.serve();
    world.settle_all();
    world.run_for(10min);
  }

  /// What must hold when all is calm; empty when it does.
  std::vector<std::string> audit() {
    auto found = world.audit(supplied);
    for (const auto& id : cancelled_) {
      const auto status = text(world.get("/api/orders/" + id), "status");
      if (status == "completed") found.push_back(id + " was cancelled in time and is completed");
    }
    if (!world.obligations().empty()) found.push_back("something is owed though the gateway can be reached");
    return found;
  }

  OrderWorld world;
  std::map<std::string, std::int64_t> supplied{{"mug", 20}, {"tea", 15}};

 private:
  void place() {
    std::vector<Line> lines;
    for (std::uint64_t i = 0; i <= random_.below(3); ++i) {
      lines.push_back({random_.chance(500) ? "mug" : "tea", random_.between(1, 4)});
    }
    placed_.push_back(world.place(lines, kTokens[random_.below(kTokens.size())]));
  }
  void cancel() {
    if (placed_.empty()) return;
    const auto& id = any();
    const auto status = world.call("POST", "/api/orders/" + id + "/cancel", "alice").status;
    EXPECT_TRUE(status == 202 || status == 409) << status;
    if (status == 202) cancelled_.insert(id);
  }
  void refund() {
    if (placed_.empty()) return;
    const auto status = world
                            .call("POST", "/api/orders/" + any() + "/refund", "oscar.operator",
                                  random_.chance(500) ? R"({"restock":true})" : "{}")
                            .status;
    EXPECT_TRUE(status == 202 || status == 409) << status;
  }
  void change_stock() {
    const auto delta = random_.between(-3, 5);
    const auto response =
        world.call("PATCH", "/api/products/mug", "oscar.operator", fmt::format(R"({{"stockDelta":{}}})", delta));
    if (response.status == 200) supplied["mug"] += delta;
  }
  void storm() {
    sim::NetworkWeather weather;
    if (random_.chance(700)) {
      weather = {.refused = 100, .reset = 100, .reply_lost = 100, .silent = 20, .late = 20, .duplicated = 50};
    }
    world.world.network.set_weather(weather);
  }
  void upset_gateway() {
    switch (random_.below(3)) {
      case 0:
        world.bank.take_away();
        break;
      case 1:
        world.bank.serve();
        break;
      case 2:
        world.bank.restart();
        break;
    }
  }
  const std::string& any() { return placed_[random_.below(placed_.size())]; }

  sim::SimRandom random_{0};
  std::vector<std::string> placed_;
  std::set<std::string> cancelled_;
};

RC_GTEST_PROP(BalanceProperty, money_and_stock_balance_after_any_interleaving, (std::vector<std::uint16_t> acts)) {
  Chaos chaos;
  for (const auto act : acts) chaos.act(act);
  chaos.calm();
  RC_ASSERT(chaos.audit() == std::vector<std::string>());
}

RC_GTEST_PROP(BalanceProperty, money_and_stock_balance_though_the_process_dies, (std::vector<std::uint16_t> acts)) {
  Chaos chaos;
  for (const auto act : acts) {
    chaos.act(act);
    if (act % 5 == 0) chaos.crash();
  }
  chaos.calm();
  RC_ASSERT(chaos.audit() == std::vector<std::string>());
}

}  // namespace
}  // namespace ow::tests
