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

}  // namespace
}  // namespace ow::engine
