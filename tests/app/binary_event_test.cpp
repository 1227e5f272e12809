// `event list|tail` against a running server, and its drain with a stream open.
#include <gmock/gmock.h>

#include <thread>

#include "app/binary.h"

namespace ow::tests {
namespace {

using testing::HasSubstr;

class EventCommandTest : public SharedServerTest {
 protected:
  static std::string end_of_log() {
    return text_of(server().get("/api/events?limit=1", "demo-operator"), "nextCursor");
  }
};

TEST_F(EventCommandTest, tail_prints_events_as_they_happen_and_stops_at_its_count) {
  Outcome tail;
  const auto after = end_of_log();
  std::thread tailing(
      [&] { tail = server().run({"event", "tail", "--count", "5", "--after", after}, "demo-operator"); });
  const auto order = server().place(mug_order());
  tailing.join();
  EXPECT_EQ(tail.exit, 0) << tail.err;
  EXPECT_EQ(std::count(tail.out.begin(), tail.out.end(), '\n'), 5);
  EXPECT_THAT(tail.out, HasSubstr("order.completed"));
  EXPECT_THAT(tail.out, HasSubstr(order));
}

TEST_F(EventCommandTest, tail_filters_and_prints_json_lines) {
  const auto after = end_of_log();
  const auto order = server().place(mug_order());
  const auto tail = server().run(
      {"event", "tail", "--json", "--count", "1", "--after", after, "--type", "order.completed", "--subject", order});
  EXPECT_EQ(tail.exit, 0) << tail.err;
  EXPECT_EQ(text_of(tail.json(), "subject"), order);
  const auto pattern = file("pattern.json", R"({"detail-type":[{"prefix":"payment."}]})");
  const auto paid = server().run({"event", "tail", "--json", "--count", "1", "--after", after, "--pattern", pattern});
  EXPECT_EQ(text_of(paid.json(), "type"), "payment.charged");
}

TEST_F(EventCommandTest, tail_says_what_is_wrong) {
  EXPECT_EQ(server().run({"event", "tail", "--count", "many"}).exit, 2);
  EXPECT_EQ(server().run({"event", "tail", "--pattern", "/nowhere"}).exit, 2);
  const auto refused = server().run({"event", "tail", "--after", "nonsense"});
  EXPECT_EQ(refused.exit, 1);
  EXPECT_THAT(refused.err, HasSubstr("cursor"));
  EXPECT_EQ(run_binary({"event", "tail", "--server", "http://127.0.0.1:1"}).exit, 3);
}

TEST_F(EventCommandTest, list_shows_the_newest_first) {
  const auto order = server().place(mug_order());
  server().settled(order);
  const auto listed = server().run({"event", "list", "--limit", "5"}, "demo-operator");
  EXPECT_EQ(listed.exit, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("order.completed"));
}

class EventDrainTest : public BinaryTest {};

TEST_F(EventDrainTest, a_stop_ends_open_streams_in_good_order) {
  ServeProcess serve(path("data"));
  ASSERT_TRUE(serve.came_up());
  const auto token = serve.token_of("demo-operator");
  std::string seen;
  std::thread reading([&] {
    seen = serve.exchange("GET /api/events/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\n\r\n");
  });
  serve.settled(serve.place(mug_order()));
  EXPECT_EQ(serve.stop(), 0);
  reading.join();
  EXPECT_THAT(seen, HasSubstr("text/event-stream"));
  EXPECT_TRUE(seen.ends_with("0\r\n\r\n")) << seen;
}

}  // namespace
}  // namespace ow::tests
