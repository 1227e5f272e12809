// The normal form of a Commit. Test thread only.
#include "platform/commit.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bounds.h"
#include "tests/platform/commit_steps.h"
#include "tests/platform/map_store.h"

namespace ow::platform {

void showValue(const Part& part, std::ostream& out) {
  out << "{kind " << static_cast<int>(part.kind) << " wish " << static_cast<int>(part.wish) << " key " << part.key
      << " value " << part.value << "}";
}

namespace {

namespace bounds = base::bounds;

Record record(std::string partition, std::string value = "{}") {
  return {.key = {std::move(partition), "r"}, .kind = "test", .value = std::move(value)};
}

OutMessage message(std::string id, std::string body = "{}") {
  return {.queue = "work", .id = base::MessageId(std::move(id)), .group = "g", .body = std::move(body)};
}

EventDraft event(std::string subject) {
  return {.subject = std::move(subject), .type = "t", .source = "s", .data = "{}", .time = {}};
}

/// The step that reserves an order of so many lines: the widest of the saga.
Commit reserve_step(std::size_t lines) {
  Commit commit;
  for (std::size_t i = 0; i < lines; ++i)
    commit.move({"product#" + std::to_string(i), "stock"}, "available", "held", 2);
  commit.put(record("order#1/hold"), Expect::absent());
  commit.put(record("order#1"), Expect::at(3));
  commit.put(record("execution#1"), Expect::at(7));
  commit.event(event("ord_1")).event(event("ord_1"));
  commit.send(message("next"));
  commit.schedule({"hold#1", {1}, message("hold_ends")});
  commit.ack({"work", base::MessageId("this"), "receipt"});
  return commit;
}

TEST(CommitTest, a_reserve_of_fifty_lines_is_within_the_bounds) {
  const auto commit = reserve_step(bounds::kOrderLinesMax);
  EXPECT_EQ(commit.key_count(), 50U + 3 + 2 + 1 + 1 + 1 + 1);
  EXPECT_EQ(commit.problem(), std::nullopt);
}

TEST(CommitTest, keys_beyond_the_bound_are_a_problem) {
  EXPECT_EQ(reserve_step(91).problem(), std::nullopt);
  EXPECT_EQ(reserve_step(92).problem(), "The step has 101 keys, more than 100.");
}

TEST(CommitTest, each_subject_head_counts_once) {
  Commit commit;
  commit.event(event("a")).event(event("a")).event(event("b"));
  EXPECT_EQ(commit.key_count(), 5U);
}

TEST(CommitTest, a_condition_joins_its_put_and_index_entries_count_nothing) {
  Commit commit;
  auto indexed = record("a");
  indexed.indexes = {{"by_x", "1", "2"}, {"by_y", "1", "2"}};
  commit.require({"a", "r"}, Expect::exists()).put(std::move(indexed), Expect::at(4));
  EXPECT_EQ(commit.key_count(), 1U);
  EXPECT_EQ(commit.writes().at({"a", "r"}).expect, Expect::at(4));
  EXPECT_EQ(commit.problem(), std::nullopt);
}

TEST(CommitTest, a_step_that_contradicts_itself_says_so) {
  EXPECT_NE(Commit().require({"a", "r"}, Expect::absent()).put(record("a"), Expect::exists()).problem(), std::nullopt);
  EXPECT_NE(Commit().put(record("a")).put(record("a")).problem(), std::nullopt);
  EXPECT_NE(Commit().put(record("a")).move({"a", "r"}, "", "x", 1).problem(), std::nullopt);
  EXPECT_NE(Commit().ack({"q", base::MessageId("m"), "1"}).ack({"q", base::MessageId("m"), "2"}).problem(),
            std::nullopt);
}

TEST(CommitTest, what_breaks_a_bound_is_a_problem) {
  EXPECT_NE(Commit().put(record("a", std::string(bounds::kRecordBytesMax, ' '))).problem(), std::nullopt);
  EXPECT_NE(Commit().send(message("m", std::string(bounds::kMessageBytesMax, ' '))).problem(), std::nullopt);
  EXPECT_NE(Commit().put(record(std::string("a\0b", 3))).problem(), std::nullopt);
  EXPECT_NE(Commit().move({"a", "c"}, "x", "y", -1).problem(), std::nullopt);
  EXPECT_NE(Commit().move({"a", "c"}, "x", "x", 1).problem(), std::nullopt);
  EXPECT_NE(Commit().move({"a", "c"}, "", "", 1).problem(), std::nullopt);
  auto late = message("m");
  late.delay = bounds::kMessageDelayMax + std::chrono::microseconds(1);
  EXPECT_NE(Commit().send(late).problem(), std::nullopt);
  EXPECT_NE(Commit().schedule({"t", {1}, late}).problem(), std::nullopt);
  auto wide = record("a");
  wide.indexes.resize(bounds::kRecordIndexesMax + 1);
  EXPECT_NE(Commit().put(wide).problem(), std::nullopt);
}

TEST(CommitTest, bytes_beyond_the_bound_are_a_problem) {
  Commit commit;
  for (int i = 0; i < 11; ++i) commit.put(record(std::to_string(i), std::string(390 << 10, ' ')));
  EXPECT_GT(commit.byte_count(), bounds::kCommitBytesMax);
  EXPECT_NE(commit.problem()->find("bytes"), std::string::npos);
}

TEST(CommitTest, neighbouring_moves_of_one_counter_merge) {
  Commit commit;
  const Key stock{"product#1", "stock"};
  commit.move(stock, "available", "held", 2).move(stock, "available", "held", 3).move(stock, "held", "sold", 5);
  ASSERT_EQ(commit.moves().at(stock).size(), 2U);
  EXPECT_EQ(commit.moves().at(stock)[0].units, 5);
  EXPECT_EQ(commit.key_count(), 1U);
}

TEST(CommitTest, moves_that_overflow_are_a_problem) {
  EXPECT_NE(Commit().move({"a", "c"}, "", "x", INT64_MAX).move({"a", "c"}, "", "x", 1).problem(), std::nullopt);
}

TEST(CommitTest, a_message_sent_twice_is_sent_once) {
  Commit commit;
  commit.send(message("m", "1")).send(message("m", "2"));
  ASSERT_EQ(commit.messages().size(), 1U);
  EXPECT_EQ(commit.messages()[0].body, "1");
}

TEST(CommitTest, a_timer_has_one_end) {
  Commit commit;
  commit.schedule({"t", {1}, message("m")}).schedule({"t", {2}, message("m")});
  EXPECT_EQ(commit.timers().at("t")->due.us, 2);
  EXPECT_EQ(commit.cancel_timer("t").timers().at("t"), std::nullopt);
}

TEST(CommitMergeTest, a_later_put_replaces_and_the_earlier_expectation_stays) {
  Commit commit;
  commit.put(record("a", "1"), Expect::at(5));
  commit.merge(Commit().put(record("a", "2"), Expect::exists()));
  EXPECT_EQ(commit.writes().at({"a", "r"}).record->value, "2");
  EXPECT_EQ(commit.writes().at({"a", "r"}).expect, Expect::at(5));
  EXPECT_EQ(commit.key_count(), 1U);
}

TEST(CommitMergeTest, an_erase_may_be_followed_by_a_new_record) {
  Commit commit;
  commit.erase({"a", "r"}, Expect::at(5));
  commit.merge(Commit().put(record("a", "2"), Expect::absent()));
  EXPECT_EQ(commit.problem(), std::nullopt);
  EXPECT_EQ(commit.writes().at({"a", "r"}).expect, Expect::at(5));
}

TEST(CommitMergeTest, a_later_step_that_cannot_follow_is_a_problem) {
  EXPECT_NE(Commit().put(record("a")).merge(Commit().require({"a", "r"}, Expect::absent())).problem(), std::nullopt);
  EXPECT_NE(Commit().erase({"a", "r"}).merge(Commit().put(record("a"), Expect::exists())).problem(), std::nullopt);
}

RC_GTEST_PROP(CommitMergeTest, merging_is_associative, ()) {
  MapStore none;
  const auto first = decide(none, *steps(false)), second = decide(none, *steps(false)),
             third = decide(none, *steps(false));
  const auto left = Commit(first).merge(second).merge(third);
  const auto right = Commit(first).merge(Commit(second).merge(third));
  RC_ASSERT(left.problem().has_value() == right.problem().has_value());
  if (!left.problem()) RC_ASSERT(text_of(left) == text_of(right));
}

RC_GTEST_PROP(CommitMergeTest, merging_with_nothing_changes_nothing, ()) {
  MapStore none;
  const auto commit = decide(none, *steps(false));
  RC_ASSERT(text_of(Commit(commit).merge(Commit())) == text_of(commit));
  RC_ASSERT(text_of(Commit().merge(commit)) == text_of(commit));
}

RC_GTEST_PROP(CommitMergeTest, a_merged_step_never_counts_more_than_its_parts, ()) {
  MapStore none;
  const auto first = decide(none, *steps(false)), second = decide(none, *steps(false));
  const auto merged = Commit(first).merge(second);
  RC_ASSERT(merged.key_count() <= first.key_count() + second.key_count());
  RC_ASSERT(merged.byte_count() <= first.byte_count() + second.byte_count());
}

}  // namespace
}  // namespace ow::platform
