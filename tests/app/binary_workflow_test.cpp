// `serve --paused`, and pauses that outlive the process. One test process, servers of its own.
#include <gmock/gmock.h>

#include "app/binary.h"

namespace ow::tests {
namespace {

using testing::HasSubstr;

class PausedServer : public BinaryTest {
 protected:
  static Outcome run(ServeProcess& server, std::vector<std::string> words) {
    return server.run(std::move(words), "demo-operator");
  }
};

TEST_F(PausedServer, starts_everything_paused_stays_so_and_resumes_at_a_rate) {
  const auto data = path("data");
  std::string order;
  {
    ServeProcess server(data, {"--demo", "--paused"});
    ASSERT_TRUE(server.came_up()) << server.err();
    EXPECT_EQ(run(server, {"workflow", "status"}).out, "all executions are paused\n");
    order = server.place(mug_order());
    server.stop(9);
  }
  ServeProcess server(data);
  ASSERT_TRUE(server.came_up()) << server.err();
  EXPECT_EQ(run(server, {"workflow", "status"}).out, "all executions are paused\n");
  EXPECT_EQ(text_of(server.get("/api/orders/" + order), "status"), "pending");
  const auto resumed = run(server, {"workflow", "resume", "--all", "--rate", "20", "--reason", "all is well"});
  EXPECT_EQ(resumed.exit, 0) << resumed.err;
  EXPECT_EQ(text_of(server.settled(order), "status"), "completed");
  EXPECT_THAT(run(server, {"workflow", "status"}).out, HasSubstr("at most 20 transitions a second"));
  EXPECT_EQ(run(server, {"workflow", "resume", "--all"}).exit, 0);
}

TEST_F(PausedServer, commands_say_what_is_wrong_and_end_with_their_codes) {
  ServeProcess server(path("data"));
  ASSERT_TRUE(server.came_up()) << server.err();
  EXPECT_EQ(run(server, {"workflow", "pause", "--reason", "x"}).exit, 2);
  EXPECT_EQ(run(server, {"workflow", "pause", "--all"}).exit, 2) << "a pause needs a reason";
  EXPECT_EQ(run(server, {"execution", "show", "exe_none"}).exit, 1);
  EXPECT_EQ(run(server, {"execution", "redrive", "exe_none", "--reason", "x", "--version", "two"}).exit, 2);
  EXPECT_EQ(run(server, {"execution", "list", "--status", "dead"}).exit, 1);
  EXPECT_EQ(run(server, {"execution", "callback", "success", "nonsense"}).exit, 1);
  const auto broken =
      file("broken.json", R"({"StartAt":"A","States":{"A":{"Type":"Task","Resource":"none:such","End":true}}})");
  const auto refused = run(server, {"workflow", "upload", "x", "--file", broken, "--reason", "x"});
  EXPECT_EQ(refused.exit, 1);
  EXPECT_THAT(refused.err, HasSubstr("States.A.Resource names 'none:such', which is no task"));
}

}  // namespace
}  // namespace ow::tests
