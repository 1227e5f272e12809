// Retention of the event log: what goes, and what must not be noticed of it.
#include "engine/event_pruner.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "contracts/engine_ports.h"
#include "engine_node.h"

namespace ow::engine {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;

class EventPrunerTest : public testing::Test {
 protected:
  void happen(const std::string& subject, const std::string& type = "a") {
    const auto commit = platform::Commit().event(contracts::event(subject, type));
    ASSERT_TRUE(node_.executor().run(node_.store().commit(commit))->committed());
  }
  platform::PrunedEvents prune(base::Instant before) {
    const auto pruned = node_.executor().run(node_.engine->retention().prune_events(before));
    EXPECT_TRUE(pruned.has_value());
    return pruned.value_or(platform::PrunedEvents{});
  }
  base::Instant now() { return node_.clock().now(); }
  std::vector<std::uint64_t> numbers_of(const std::string& subject, std::uint64_t after = 0) {
    std::vector<std::uint64_t> numbers;
    const auto events = node_.executor().run(node_.event_log().by_subject(subject, after, 100)).value();
    for (const auto& event : events) {
      numbers.push_back(event.number);
    }
    return numbers;
  }
  std::vector<platform::Event> all() { return node_.executor().run(node_.event_log().after("", 1000))->events; }
  std::size_t pairs(char kind) {
    std::size_t count = 0;
    static_cast<void>(node_.key_value->view()->scan(layout::starting_with(std::string(1, kind)),
                                                    platform::ScanOrder::ascending,
                                                    [&](auto, auto) { return ++count > 0; }));
    return count;
  }

  EngineNode node_;
};

TEST_F(EventPrunerTest, old_events_go_and_numbers_go_on) {
  for (int i = 0; i < 5; ++i) happen("o1");
  node_.clock().advance(1h);
  const auto before = now();
  happen("o1");
  const auto pruned = prune(before);
  EXPECT_EQ(pruned.events, 5U);
  EXPECT_FALSE(pruned.more);
  EXPECT_GE(pruned.oldest, before);
  EXPECT_EQ(numbers_of("o1"), (std::vector<std::uint64_t>{6}));
  EXPECT_EQ(all().size(), 1U);
  EXPECT_EQ(pairs(layout::kLog), 1U);
  EXPECT_EQ(pairs(layout::kSubject), 2U);  // the first, that it exists, and the last
  happen("o1");
  EXPECT_EQ(numbers_of("o1", 6), (std::vector<std::uint64_t>{7}));
}

TEST_F(EventPrunerTest, a_subject_without_any_event_left_goes_on_after_a_restart) {
  for (int i = 0; i < 3; ++i) happen("o1");
  node_.clock().advance(1h);
  EXPECT_EQ(prune(now()).events, 3U);
  node_.restart();
  EXPECT_TRUE(numbers_of("o1").empty());
  happen("o1");
  EXPECT_EQ(numbers_of("o1"), (std::vector<std::uint64_t>{4}));
}

TEST_F(EventPrunerTest, a_cursor_behind_which_events_are_gone_is_refused) {
  happen("o1");
  happen("o1");
  const auto events = all();
  happen("o1");
  const auto last = all().back().cursor;
  node_.clock().advance(1h);
  ASSERT_EQ(prune(now()).events, 3U);
  happen("o2");
  const auto refused = node_.executor().run(node_.event_log().after(events.front().cursor, 10));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::gone);
  EXPECT_EQ(refused.error().reason, "cursor_expired");
  EXPECT_EQ(node_.executor().run(node_.event_log().after(last, 10))->events.size(), 1U);  // missed nothing
  EXPECT_EQ(all().size(), 1U);
}

TEST_F(EventPrunerTest, what_a_queued_message_refers_to_stays_with_all_behind_it) {
  ASSERT_TRUE(node_.executor().run(node_.queue_admin().declare({.name = "routed"})).has_value());
  happen("o1");
  happen("o1", "routed");
  happen("o1");
  node_.clock().advance(1h);
  EXPECT_EQ(prune(now()).events, 1U);
  EXPECT_EQ(numbers_of("o1"), (std::vector<std::uint64_t>{2, 3}));
  const auto received = node_.executor().run(node_.queues().receive({"routed", 1, 1s}));
  ASSERT_EQ(received->size(), 1U);
  EXPECT_NE(received->front().body.find("routed"), std::string::npos);
  auto ack = platform::Commit().ack({"routed", received->front().id, received->front().receipt});
  ASSERT_TRUE(node_.executor().run(node_.store().commit(ack))->committed());
  EXPECT_EQ(prune(now()).events, 2U);
}

TEST_F(EventPrunerTest, one_call_drops_a_bounded_piece) {
  for (std::size_t i = 0; i < EventPruner::kCommitsMax + 10; ++i) happen("o" + std::to_string(i % 7));
  node_.clock().advance(1h);
  const auto first = prune(now());
  EXPECT_EQ(first.events, EventPruner::kCommitsMax);
  EXPECT_TRUE(first.more);
  const auto second = prune(now());
  EXPECT_EQ(second.events, 10U);
  EXPECT_FALSE(second.more);
}

// Whatever happens in which order, each subject's numbers are 1, 2, 3 … and what is kept is the newest part.
RC_GTEST_PROP(EventPrunerProperty, numbering_and_the_newest_part_survive_any_pruning, ()) {
  EngineNode node;
  std::vector<std::uint64_t> next(4, 0);
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 6));
  for (const int step : steps) {
    node.clock().advance(1s);
    if (step < 4) {
      platform::Commit commit;
      const int events = *rc::gen::inRange(1, 4);
      for (int i = 0; i < events; ++i) {
        const auto subject = (step + i) % 4;
        commit.event(contracts::event("o" + std::to_string(subject), "a"));
        ++next[static_cast<std::size_t>(subject)];
      }
      RC_ASSERT(node.executor().run(node.store().commit(commit))->committed());
    } else if (step == 4) {
      const auto before = node.clock().now() - std::chrono::seconds(*rc::gen::inRange(0, 5));
      RC_ASSERT(node.executor().run(node.engine->retention().prune_events(before)).has_value());
    } else {
      node.restart();
    }
    std::size_t kept = 0;
    for (std::size_t subject = 0; subject < next.size(); ++subject) {
      const auto events =
          node.executor().run(node.event_log().by_subject("o" + std::to_string(subject), 0, 1000)).value();
      for (std::size_t i = 0; i < events.size(); ++i)
        RC_ASSERT(events[i].number == next[subject] - events.size() + i + 1);
      kept += events.size();
    }
    RC_ASSERT(kept == node.executor().run(node.event_log().after("", 1000))->events.size());
  }
}

}  // namespace
}  // namespace ow::engine
