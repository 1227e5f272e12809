// `rule …` and `replay …` against a running server, which is killed in between: rules and replays survive.
#include <gmock/gmock.h>

#include <csignal>
#include <thread>

#include "app/binary.h"

namespace ow::tests {
namespace {

using base::Json;
using testing::HasSubstr;

Json made(const Outcome& outcome) {
  EXPECT_EQ(outcome.exit, 0) << outcome.out << outcome.err;
  return outcome.json();
}

class RuleCommandTest : public BinaryTest {
 protected:
  Outcome run(const std::vector<std::string>& words) { return server_->run(words, "demo-operator"); }
  void start() {
    server_.emplace(path("data"));
    ASSERT_TRUE(server_->came_up());
  }
  std::string order() {
    const auto placed = server_->run({"order", "place", "--item", "mug", "--json"});
    const auto id = text_of(placed.json(), "orderId");
    server_->settled(id);
    return id;
  }
  std::int64_t held(std::string_view queue) {
    const auto list = run({"queue", "list", "--json"}).json();
    for (const auto& each : list.find("items")->as_array()) {
      if (each.string_at("name") == queue) return *each.integer_at("ready") + *each.integer_at("delayed");
    }
    return -1;
  }
  Json ended(const std::string& replay) {
    for (int i = 0; i < 600; ++i) {
      auto shown = made(run({"replay", "show", replay, "--json"}));
      if (text_of(shown, "status") != "running") return shown;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    ADD_FAILURE() << "the replay does not end";
    return {};
  }

  std::optional<ServeProcess> server_;
};

TEST_F(RuleCommandTest, rules_route_replay_and_survive_a_kill) {
  start();
  const auto pattern = file("pattern.json", R"({"detail-type":["order.completed"]})");
  order();
  EXPECT_THAT(run({"rule", "try", "--pattern", pattern}).out, HasSubstr("1 of the newest"));
  made(run(
      {"rule", "create", "--name", "done", "--pattern", pattern, "--queue", "done", "--make", "ordered", "--json"}));
  EXPECT_EQ(run({"rule", "create", "--name", "done", "--pattern", pattern, "--queue", "done"}).exit, 1);
  order();
  EXPECT_EQ(held("done"), 1);
  server_->stop(SIGKILL);
  start();
  EXPECT_THAT(run({"rule", "list"}).out, testing::ContainsRegex("\ndone +enabled +done "));
  order();
  EXPECT_EQ(held("done"), 2);
  const auto counted = made(run({"replay", "start", "--dry-run", "--rule", "done", "--json"}));
  EXPECT_EQ(ended(text_of(counted, "replayId")).integer_at("matched"), 3);
  EXPECT_EQ(held("done"), 2);
  ended(text_of(made(run({"replay", "start", "--rule", "done", "--reason", "lost", "--json"})), "replayId"));
  EXPECT_EQ(held("done"), 5);
  EXPECT_THAT(run({"replay", "list"}).out, HasSubstr("dry run"));
  EXPECT_EQ(run({"rule", "disable", "done"}).exit, 0);
  EXPECT_EQ(run({"rule", "delete", "done"}).exit, 0);
  EXPECT_EQ(run({"rule", "show", "done"}).exit, 1);
  EXPECT_EQ(run({"rule", "create", "--name", "x"}).exit, 2);
  EXPECT_EQ(run({"replay", "start", "--rate", "fast"}).exit, 1);
}

}  // namespace
}  // namespace ow::tests
