// What a compaction may drop: exactly the pairs that nobody can see any more.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "contracts/engine_ports.h"
#include "engine_node.h"

namespace ow::engine {
namespace {

using namespace std::chrono_literals;

/// Kinds of the pairs that may be dropped at `now`.
std::string droppable(EngineNode& node, base::Instant now) {
  std::string kinds;
  const auto scanned = node.key_value->view()->scan(
      {}, platform::ScanOrder::ascending,
      [&](std::string_view key, std::string_view value) {
        if (expired(key, value, now)) kinds += key.front();
        return true;
      },
      platform::ReadTier::any);
  EXPECT_TRUE(scanned.has_value());
  return kinds;
}

TEST(Expiry, a_record_goes_with_its_index_entries_and_a_sent_id_after_14_days) {
  EngineNode node;
  platform::QueueSpec spec;
  spec.name = "mail";
  ASSERT_TRUE(node.executor().run(node.queue_admin().declare(spec)).has_value());
  auto fleeting = contracts::record("p", "fleeting", "1");
  fleeting.indexes = {{"i", "part", "a"}};
  fleeting.expires = node.clock().now() + 1h;
  auto kept = contracts::record("p", "kept", "1");
  kept.indexes = {{"i", "part", "b"}};
  auto parts = platform::Commit().put(fleeting).put(kept).event(contracts::event("o1", "a"));
  parts.move({"c", "1"}, "", "a", 1).send(contracts::message("mail", "m1"));
  parts.schedule({"t", node.clock().now() + 1h, contracts::message("mail", "m2")});
  ASSERT_TRUE(node.executor().run(node.store().commit(parts))->committed());
  EXPECT_EQ(droppable(node, node.clock().now()), "");
  EXPECT_EQ(droppable(node, *fleeting.expires), "ir");
  EXPECT_EQ(droppable(node, node.clock().now() + 15 * 24h), "inr");
}

TEST(Expiry, a_dead_letter_goes_after_the_span_that_held_when_it_died_and_is_counted) {
  EngineNode node;
  node.options.dead_letters_kept = 3 * 24h;
  node.restart();
  platform::QueueSpec spec{.name = "poison", .receive_limit = 1};
  ASSERT_TRUE(node.executor().run(node.queue_admin().declare(spec)).has_value());
  ASSERT_TRUE(node.executor()
                  .run(node.store().commit(platform::Commit().send(contracts::message("poison", "m1"))))
                  ->committed());
  const auto received = node.executor().run(node.queues().receive({"poison", 1, 1s}));
  ASSERT_EQ(received->size(), 1U);
  node.world.scheduler.run_for(spec.visibility + 1s);
  const auto dead = [&] {
    const auto queues = node.executor().run(node.queue_admin().list());
    for (const auto& queue : *queues) {
      if (queue.spec.name == "poison") return queue.dead.value();
    }
    return std::uint64_t{99};
  };
  EXPECT_EQ(dead(), 1U);
  node.world.scheduler.run_for(2 * 24h);
  EXPECT_EQ(dead(), 1U);
  node.world.scheduler.run_for(24h);
  EXPECT_EQ(dead(), 0U);
  EXPECT_EQ(node.machine.telemetry.count("ow_pruned_total"), 1U);
}

}  // namespace
}  // namespace ow::engine
