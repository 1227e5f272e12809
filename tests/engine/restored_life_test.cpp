// A store that was copied back in time: its numbers do not go back, and what the undone life gave out is told
// apart.
#include "engine/restored_life.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "contracts/engine_ports.h"
#include "engine_node.h"

namespace ow::engine {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;

class RestoredLifeTest : public testing::Test {
 protected:
  RestoredLifeTest() { node_.world.clock.advance(24h * 365 * 50); }

  void happen(const std::string& subject, const std::string& type) {
    auto commit = platform::Commit().event(contracts::event(subject, type));
    ASSERT_TRUE(node_.executor().run(node_.store().commit(commit))->committed());
  }
  std::vector<platform::Event> events() { return node_.executor().run(node_.event_log().after("", 100))->events; }
  void take_snapshot() { ASSERT_TRUE(node_.executor().run(node_.engine->checkpoint("copy")).has_value()); }
  void restore() {
    node_.stop();
    auto copy = std::move(*node_.machine.disk.directory("copy"));
    node_.machine.disk = std::move(copy);
    {
      auto key_value = sim::MemoryKeyValue::open(node_.machine.disk).value();
      ASSERT_TRUE(begin_restored_life(*key_value, node_.world.clock.now()).has_value());
    }
    node_.start();
  }

  EngineNode node_;
};

TEST_F(RestoredLifeTest, a_snapshot_holds_what_was_committed_before_it_and_nothing_later) {
  happen("o1", "a");
  take_snapshot();
  happen("o1", "b");
  restore();
  ASSERT_EQ(events().size(), 1U);
  EXPECT_EQ(events().front().type, "a");
  happen("o1", "c");
  EXPECT_EQ(events().back().number, 2U);
}

TEST_F(RestoredLifeTest, events_of_before_keep_their_ids_and_later_ones_never_take_an_undone_one) {
  happen("o1", "a");
  take_snapshot();
  const auto before = events().front();
  std::set<std::string> undone;
  for (int restart = 0; restart < 3; ++restart) {
    node_.restart();  // each reserves numbers of its own
    happen("o1", "b");
  }
  for (const auto& event : events()) undone.insert(event.id.text);
  undone.erase(before.id.text);
  restore();
  EXPECT_EQ(events().front().id, before.id);
  EXPECT_EQ(events().front().cursor, before.cursor);
  for (int i = 0; i < 5; ++i) happen("o1", "c");
  for (const auto& event : events()) EXPECT_FALSE(undone.contains(event.id.text)) << event.id.text;
}

TEST_F(RestoredLifeTest, a_cursor_goes_on_unless_it_points_into_what_was_undone) {
  happen("o1", "a");
  take_snapshot();
  const auto kept = events().back().cursor;
  happen("o1", "b");
  const auto undone = events().back().cursor;
  restore();
  happen("o1", "c");
  const auto page = node_.executor().run(node_.event_log().after(kept, 10));
  ASSERT_EQ(page->events.size(), 1U);
  EXPECT_EQ(page->events.front().type, "c");
  const auto refused = node_.executor().run(node_.event_log().after(undone, 10));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::gone);
  EXPECT_EQ(refused.error().reason, "cursor_undone");
}

TEST_F(RestoredLifeTest, a_store_remembers_every_restore) {
  take_snapshot();
  happen("o1", "a");
  const auto first = events().back().cursor;
  restore();
  happen("o1", "b");
  ASSERT_TRUE(node_.executor().run(node_.engine->checkpoint("copy")).has_value());
  happen("o1", "c");
  const auto second = events().back().cursor;
  restore();
  EXPECT_EQ(restored_lives(*node_.key_value)->size(), 2U);
  for (const auto& cursor : {first, second}) {
    EXPECT_EQ(node_.executor().run(node_.event_log().after(cursor, 10)).error().code, ErrorCode::gone);
  }
}

}  // namespace
}  // namespace ow::engine
