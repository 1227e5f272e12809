// Queues that hold far more than memory does. Work is bounded by counting what is asked of the store.
// OW_MESSAGES sets the size (default 100,000; a million takes minutes under sanitizers).
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>

#include "contracts/engine_ports.h"
#include "engine_node.h"

namespace ow::engine {
namespace {

using contracts::ack;
using contracts::message;
using platform::Commit;
using platform::Delivery;
using platform::QueueKind;
using namespace std::chrono_literals;

int messages_wanted() {
  const char* wanted = std::getenv("OW_MESSAGES");
  return wanted != nullptr ? std::atoi(wanted) : 100'000;
}

class QueueScale : public testing::Test {
 protected:
  static constexpr int kPerCommit = 90;

  template <typename T>
  T run(base::Task<T> task) {
    return node_.executor().run(std::move(task));
  }
  void declare(const std::string& name, QueueKind kind) {
    platform::QueueSpec spec;
    spec.name = name;
    spec.kind = kind;
    ASSERT_TRUE(run(node_.queue_admin().declare(spec)).has_value());
  }
  /// Ids count up from `first`, so that order can be told. A condition keeps the ids from being marked.
  void send(const std::string& queue, const std::string& group, int first, int count) {
    while (count > 0) {
      Commit parts;
      parts.require({"never", "put"}, platform::Expect::absent());
      for (int i = 0; i < kPerCommit && count > 0; ++i, --count) {
        parts.send(message(queue, group + "-" + std::to_string(first++), group));
      }
      ASSERT_TRUE(run(node_.store().commit(std::move(parts)))->committed());
    }
  }
  std::vector<Delivery> receive(const std::string& queue, std::size_t batch_max = 64) {
    return run(node_.queues().receive({queue, batch_max, {}})).value();
  }
  void ack_all(const std::vector<Delivery>& deliveries) {
    Commit parts;
    for (const auto& one : deliveries) parts.ack(ack(one));
    ASSERT_TRUE(run(node_.store().commit(std::move(parts)))->committed());
  }
  /// Drains the queue and checks that each group comes in order. Gives the place at which each group's last
  /// message came.
  std::map<std::string, int> drain(const std::string& queue, bool in_order, int stop_after) {
    std::map<std::string, int> next;
    std::map<std::string, int> last_at;
    for (int received = 0; received < stop_after;) {
      const auto deliveries = receive(queue);
      if (deliveries.empty()) break;
      for (const auto& one : deliveries) {
        const int number = std::stoi(one.id.text.substr(one.group.size() + 1));
        if (in_order) EXPECT_EQ(number, next[one.group]++) << one.group;
        last_at[one.group] = ++received;
      }
      ack_all(deliveries);
    }
    return last_at;
  }

  EngineNode node_;
};

TEST_F(QueueScale, ten_small_groups_do_not_wait_behind_a_big_one) {
  const int big = messages_wanted();
  declare("orders", QueueKind::ordered);
  send("orders", "big", 0, big);
  for (int group = 0; group < 10; ++group) send("orders", "small" + std::to_string(group), 0, 3);
  for (const bool restarted : {false, true}) {
    if (restarted) node_.restart();
    const auto last_at = drain("orders", !restarted, 400);
    EXPECT_EQ(last_at.size(), restarted ? 1U : 11U);
    for (const auto& [group, at] : last_at) {
      if (group != "big") EXPECT_LT(at, 50) << group;
    }
  }
}

TEST_F(QueueScale, in_a_fair_queue_ten_small_owners_do_not_wait_behind_a_big_one) {
  declare("mail", QueueKind::fair);
  send("mail", "big", 0, messages_wanted() / 4);
  for (int group = 0; group < 10; ++group) send("mail", "small" + std::to_string(group), 0, 3);
  node_.restart();
  for (const auto& [group, at] : drain("mail", true, 2000)) {
    if (group != "big") EXPECT_LT(at, 200) << group;
  }
}

TEST_F(QueueScale, a_backlog_beyond_memory_is_drained_once_each_in_order_with_little_reading) {
  const int messages = messages_wanted() / 2;
  const int groups = messages / 4;
  declare("orders", QueueKind::ordered);
  for (int round = 0; round < 4; ++round) {
    for (int group = 0; group < groups; group += kPerCommit) {
      Commit parts;
      parts.require({"never", "put"}, platform::Expect::absent());
      for (int i = group; i < std::min(group + kPerCommit, groups); ++i) {
        const std::string name = "g" + std::to_string(i);
        parts.send(message("orders", name + "-" + std::to_string(round), name));
      }
      ASSERT_TRUE(run(node_.store().commit(std::move(parts)))->committed());
    }
  }
  const auto before = node_.counts;
  const auto last_at = drain("orders", true, messages + 1);
  EXPECT_EQ(last_at.size(), static_cast<std::size_t>(groups));
  EXPECT_TRUE(receive("orders").empty());
  const auto visited = node_.counts.visited - before.visited;
  EXPECT_LT(visited, static_cast<std::uint64_t>(messages) * 3);
}

TEST_F(QueueScale, one_retry_due_in_three_days_costs_the_others_nothing) {
  const int messages = messages_wanted();
  declare("mail", QueueKind::fair);
  send("mail", "late", 0, 1);
  const auto first = receive("mail");
  ASSERT_EQ(first.size(), 1U);
  ASSERT_TRUE(run(node_.queues().release(first[0], 3 * 24h)).has_value());
  const auto due = node_.clock().now() + 3 * 24h;
  ASSERT_TRUE(
      run(node_.store().commit(Commit().schedule({"retry", due, message("mail", "timer", "late")})))->committed());
  receive("mail");  // explores
  const auto before = node_.counts;
  for (int sent = 0; sent < messages; sent += 2 * kPerCommit) {
    send("mail", "other", sent, 2 * kPerCommit);
    drain("mail", false, 2 * kPerCommit);
  }
  // Everything passed through memory: the store was asked for nothing, and timers are looked for when due
  // only.
  EXPECT_LT(node_.counts.visited - before.visited, 100U);
  EXPECT_LT(node_.counts.scans - before.scans, static_cast<std::uint64_t>(messages) / 50);
  const auto waited = run(node_.queues().receive({"mail", 10, 4 * 24h})).value();
  EXPECT_FALSE(waited.empty());
  EXPECT_GE(node_.clock().now(), due - 1s);
  EXPECT_LE(node_.clock().now(), due + 2s);
}

TEST_F(QueueScale, cancelled_timers_are_not_walked_over) {
  declare("mail", QueueKind::fair);
  const auto keep = node_.clock().now() + 3 * 24h;
  ASSERT_TRUE(run(node_.store().commit(Commit().schedule({"kept", keep, message("mail", "kept")})))->committed());
  for (int round = 0; round < 200; ++round) {
    Commit set;
    Commit cancel;
    for (int i = 0; i < 20; ++i) {
      const std::string name = std::to_string(round) + "." + std::to_string(i);
      set.schedule({name, node_.clock().now() + 900s, message("mail", name)});
      cancel.cancel_timer(name);
    }
    ASSERT_TRUE(run(node_.store().commit(std::move(set)))->committed());
    ASSERT_TRUE(run(node_.store().commit(std::move(cancel)))->committed());
  }
  const auto before = node_.counts;
  node_.executor().scheduler().run_for(24h);
  EXPECT_LT(node_.counts.scans - before.scans, 20U);
}

}  // namespace
}  // namespace ow::engine
