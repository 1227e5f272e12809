// Contract of platform/event_log.h.
#pragma once

#include <set>

#include "contracts/engine_ports.h"

namespace ow::contracts {

using platform::Event;
using platform::EventPage;

class EventLogContract : public EngineContract {
 protected:
  std::vector<Event> of_subject(const std::string& subject, std::uint64_t after = 0, std::size_t limit = 100) {
    return run(ports_->event_log().by_subject(subject, after, limit)).value();
  }
  EventPage after(const std::string& cursor, std::size_t limit = 100) {
    return run(ports_->event_log().after(cursor, limit)).value();
  }
  static std::vector<std::string> types(const std::vector<Event>& events) {
    std::vector<std::string> found;
    for (const auto& one : events) found.push_back(one.type);
    return found;
  }
  void log(const std::string& subject, const std::string& type) {
    ASSERT_TRUE(committed(platform::Commit().event(event(subject, type, ports_->clock().now()))));
  }
};

TEST_P(EventLogContract, events_of_a_subject_are_numbered_without_gaps) {
  log("o1", "a");
  ASSERT_TRUE(committed(platform::Commit().event(event("o1", "b")).event(event("o2", "x")).event(event("o1", "c"))));
  log("o1", "d");
  settle();
  const auto events = of_subject("o1");
  EXPECT_EQ(types(events), (std::vector<std::string>{"a", "b", "c", "d"}));
  for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].number, i + 1);
  EXPECT_EQ(types(of_subject("o2")), (std::vector<std::string>{"x"}));
  EXPECT_TRUE(of_subject("o").empty());
}

TEST_P(EventLogContract, an_event_is_read_back_with_all_of_it) {
  const auto draft = event("o1", "order.created", ports_->clock().now());
  ASSERT_TRUE(committed(platform::Commit().event(draft)));
  settle();
  const auto events = of_subject("o1");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].subject, "o1");
  EXPECT_EQ(events[0].source, draft.source);
  EXPECT_EQ(events[0].data, draft.data);
  EXPECT_EQ(events[0].time, draft.time);
  EXPECT_EQ(events[0].traceparent, draft.traceparent);
  EXPECT_FALSE(events[0].id.empty());
  EXPECT_EQ(after("").events.at(0).id, events[0].id);
}

TEST_P(EventLogContract, a_part_of_a_subject_is_found_by_number) {
  for (const char* type : {"a", "b", "c"}) {
    ASSERT_TRUE(committed(platform::Commit().event(event("o1", type)).event(event("o1", type))));
  }
  settle();
  EXPECT_EQ(types(of_subject("o1", 1, 3)), (std::vector<std::string>{"a", "b", "b"}));
  EXPECT_EQ(types(of_subject("o1", 4)), (std::vector<std::string>{"c", "c"}));
  EXPECT_TRUE(of_subject("o1", 6).empty());
}

TEST_P(EventLogContract, an_event_exists_exactly_when_its_commit_does) {
  const auto refused = platform::Commit().event(event("o1", "a")).require({"p", "s"}, platform::Expect::exists());
  EXPECT_FALSE(committed(refused));
  settle();
  EXPECT_TRUE(of_subject("o1").empty());
  log("o1", "b");
  settle();
  EXPECT_EQ(of_subject("o1").at(0).number, 1U);
}

TEST_P(EventLogContract, following_the_cursor_gives_every_event_once) {
  std::set<std::string> ids;
  std::string cursor;
  std::uint64_t last_number = 0;
  for (int round = 0; round < 4; ++round) {
    ASSERT_TRUE(committed(platform::Commit().event(event("o1", "a")).event(event("o1", "b")).event(event("o2", "c"))));
    settle();
    for (bool more = true; more;) {
      const auto page = after(cursor, 2);
      EXPECT_FALSE(page.next_cursor.empty());
      cursor = page.next_cursor;
      for (const auto& one : page.events) {
        EXPECT_TRUE(ids.insert(one.id.text).second);
        if (one.subject == "o1") EXPECT_EQ(one.number, ++last_number);
      }
      more = !page.events.empty();
    }
  }
  EXPECT_EQ(ids.size(), 12U);
}

TEST_P(EventLogContract, a_foreign_cursor_is_refused) {
  const auto page = run(ports_->event_log().after("not-a-cursor!", 1));
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, base::ErrorCode::malformed);
}

TEST_P(EventLogContract, the_newest_come_first) {
  for (const char* type : {"a", "b", "c"}) log("o", type);
  settle();
  EXPECT_EQ(types(run(ports_->event_log().newest(2)).value().events), (std::vector<std::string>{"c", "b"}));
}

TEST_P(EventLogContract, events_are_read_back_from_a_cursor) {
  ASSERT_TRUE(committed(platform::Commit().event(event("o", "a")).event(event("p", "b")).event(event("q", "c"))));
  log("o", "d");
  settle();
  auto page = run(ports_->event_log().newest(1)).value();
  std::vector<std::string> seen = types(page.events);
  std::string cursor = page.events.back().cursor;
  for (int i = 0; i < 5; ++i) {
    page = run(ports_->event_log().before(cursor, i == 0 ? 1 : 2)).value();
    for (auto& type : types(page.events)) seen.push_back(std::move(type));
    cursor = page.next_cursor;
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"d", "c", "b", "a"}));
  EXPECT_TRUE(page.events.empty());
  EXPECT_EQ(run(ports_->event_log().before("nonsense", 1)).error().code, base::ErrorCode::malformed);
}

TEST_P(EventLogContract, a_cursor_of_a_time_is_just_before_the_first_event_from_then_on) {
  log("o", "early");
  pass(10s);
  const auto middle = ports_->clock().now();
  pass(10s);
  log("o", "late");
  pass(10s);
  settle();
  const auto at = [&](base::Instant time) { return run(ports_->event_log().cursor_at(time)).value(); };
  EXPECT_EQ(types(after(at({})).events), (std::vector<std::string>{"early", "late"}));
  EXPECT_EQ(types(after(at(middle)).events), (std::vector<std::string>{"late"}));
  EXPECT_TRUE(after(at(ports_->clock().now())).events.empty());
}

TEST_P(EventLogContract, numbers_and_cursors_go_on_after_a_restart) {
  log("o1", "a");
  settle();
  const auto cursor = after("").next_cursor;
  ports_->restart();
  log("o1", "b");
  settle();
  const auto page = after(cursor);
  ASSERT_EQ(page.events.size(), 1U);
  EXPECT_EQ(page.events[0].number, 2U);
}

}  // namespace ow::contracts
