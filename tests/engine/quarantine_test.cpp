// What may end the process takes nothing with it: suspects are handed out alone. Test thread only.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "engine/quarantine.h"
#include "engine_node.h"

namespace ow::engine {
namespace {

using contracts::ack;
using contracts::message;
using platform::Commit;
using platform::Delivery;
using namespace std::chrono_literals;

class QuarantineTest : public testing::Test {
 protected:
  template <typename T>
  T run(base::Task<T> task) {
    return node_.executor().run(std::move(task));
  }
  void declare(const std::string& name, int receive_limit) {
    ASSERT_TRUE(run(node_.queue_admin().declare({.name = name, .receive_limit = receive_limit})).has_value());
  }
  void send(const std::string& queue, int count) {
    for (int i = 0; i < count; ++i)
      ASSERT_TRUE(
          run(node_.store().commit(Commit().send(message(queue, "m" + std::to_string(i), "g" + std::to_string(i)))))
              ->committed());
  }
  std::vector<Delivery> receive(const std::string& queue, base::Duration wait = {}) {
    return run(node_.queues().receive({queue, 64, wait})).value();
  }
  void acknowledge(const Delivery& delivery) {
    ASSERT_TRUE(run(node_.store().commit(Commit().ack(ack(delivery))))->committed());
  }
  std::set<std::string> dead_of(const std::string& queue) {
    std::set<std::string> ids;
    const auto page = run(node_.queue_admin().inspect(queue + ".dlq", {})).value();
    for (const auto& one : page.messages) ids.insert(one.message.id.text);
    return ids;
  }

  EngineNode node_;
};

/// One life of a process: handles what it is handed out until it meets a killer or nothing is left.
TEST_F(QuarantineTest, ten_killers_among_many_die_after_their_limit_and_take_nobody_with_them) {
  declare("work", 5);
  send("work", 60);
  const auto kills = [](const Delivery& one) { return std::stoi(one.id.text.substr(1)) % 6 == 5; };
  std::map<std::string, int> handed;
  std::set<std::string> done;
  int deaths = 0;
  for (bool left = true; left;) {
    const auto batch = receive("work", 2s);
    left = !batch.empty();
    const auto killer = std::ranges::find_if(batch, kills);
    for (const auto& one : batch) ++handed[one.id.text];
    for (const auto& one : batch) {
      // Beside a killer nobody comes to an end.
      if (killer == batch.end()) acknowledge(one), done.insert(one.id.text);
    }
    if (killer == batch.end()) continue;
    ++deaths;
    node_.restart();
  }
  EXPECT_EQ(done.size(), 50U);
  EXPECT_EQ(dead_of("work").size(), 10U);
  for (const auto& [id, count] : handed) {
    const bool dead = dead_of("work").contains(id);
    if (dead) EXPECT_EQ(count, 5) << id;
    if (!dead) EXPECT_LT(count, 5) << id;
  }
  EXPECT_LE(deaths, 2 + 10 * 5);
}

TEST_F(QuarantineTest, one_death_of_the_process_makes_nobody_a_suspect) {
  declare("work", 5);
  send("work", 30);
  ASSERT_EQ(receive("work").size(), 30U);
  node_.restart();
  EXPECT_EQ(receive("work").size(), 30U);
}

TEST_F(QuarantineTest, a_suspect_is_handed_out_alone_and_the_others_wait_for_its_end) {
  declare("work", 5);
  declare("other", 5);
  send("work", 3);
  for (int deaths = 0; deaths < 2; ++deaths) {
    ASSERT_EQ(receive("work").size(), 3U);
    node_.restart();
  }
  send("other", 2);
  const auto alone = receive("work");
  ASSERT_EQ(alone.size(), 1U);
  EXPECT_TRUE(receive("work").empty());
  EXPECT_TRUE(receive("other").empty());
  acknowledge(alone[0]);
  EXPECT_EQ(receive("other").size(), 2U);
}

TEST_F(QuarantineTest, a_suspect_that_is_slow_holds_the_others_up_for_a_second_only) {
  declare("work", 5);
  declare("other", 5);
  send("work", 2);
  for (int deaths = 0; deaths < 2; ++deaths) {
    ASSERT_EQ(receive("work").size(), 2U);
    node_.restart();
  }
  send("other", 1);
  ASSERT_EQ(receive("work").size(), 1U);
  const auto before = node_.clock().ticks();
  EXPECT_EQ(receive("other", 20s).size(), 1U);
  EXPECT_LE(node_.clock().ticks() - before, Quarantine::kAloneMax + base::Duration(100ms));
  // The second suspect waits for what is in flight, and no longer than that either.
  EXPECT_EQ(receive("work", 20s).size(), 1U);
  EXPECT_LE(node_.clock().ticks() - before, 3 * Quarantine::kAloneMax);
}

TEST_F(QuarantineTest, a_dead_letter_is_no_suspect) {
  declare("work", 2);
  send("work", 3);
  for (int deaths = 0; deaths < 6; ++deaths) {
    receive("work", 2s);
    node_.restart();
  }
  EXPECT_TRUE(receive("work", 2s).empty());
  EXPECT_EQ(receive("work.dlq").size(), 3U);
}

}  // namespace
}  // namespace ow::engine
