// Steps that share a commit over a plain store, in simulated time. Test thread only.
#include "platform/joint_store.h"

#include <gtest/gtest.h>

#include "base/bounds.h"
#include "sim/world/world.h"
#include "tests/platform/await.h"
#include "tests/platform/map_store.h"

namespace ow::platform {
namespace {

using base::ErrorCode;
using Kind = CommitOutcome::Kind;
using Outcome = base::Result<CommitOutcome>;

Record record(const std::string& name, const std::string& value) {
  return {.key = {name, "r"}, .kind = "test", .value = value};
}

/// As a handler returns it for the message `id`, with the ack that its consumer adds.
Commit step(const std::string& id, const std::string& name, Expect expect = Expect::absent()) {
  return Commit().put(record(name, id), expect).ack({"work", base::MessageId(id), "receipt"});
}

base::Task<void> hear(base::Task<Outcome> outcome, std::optional<Outcome>& heard) { heard = co_await outcome; }

class JointStoreTest : public testing::Test {
 protected:
  std::vector<Outcome> take(std::vector<Commit> steps) {
    std::vector<std::optional<Outcome>> heard(steps.size());
    for (std::size_t i = 0; i < steps.size(); ++i)
      process_->executor.spawn(hear(store_.commit(std::move(steps[i])), heard[i]));
    world_.scheduler.run_for(std::chrono::seconds(1));
    std::vector<Outcome> outcomes;
    for (auto& one : heard)
      outcomes.push_back(one ? std::move(*one) : Outcome(base::fail(ErrorCode::internal, "silence", "")));
    return outcomes;
  }
  std::string value(const std::string& name) {
    const auto found = await(get_one(below_, {name, "r"}));
    return found && *found ? (*found)->value : "";
  }

  sim::SimWorld world_{1};
  sim::SimMachine machine_{world_, "test"};
  std::unique_ptr<sim::SimProcess> process_ = std::make_unique<sim::SimProcess>(world_, machine_);
  MapStore below_;
  JointStore store_{below_, process_->executor};
};

TEST_F(JointStoreTest, steps_of_strangers_become_one_commit) {
  const auto heard = take({step("m1", "a"), step("m2", "b"), step("m3", "c")});
  for (const auto& one : heard) EXPECT_TRUE(one && one->committed());
  ASSERT_EQ(below_.taken().size(), 1U);
  EXPECT_EQ(below_.taken().front().acks().size(), 3U);
  EXPECT_EQ(value("b"), "m2");
}

TEST_F(JointStoreTest, a_step_that_touches_what_another_touches_goes_alone) {
  const auto heard = take({step("m1", "a"), step("m2", "a"), step("m3", "c")});
  EXPECT_TRUE(heard[0] && heard[0]->committed());
  ASSERT_TRUE(heard[1]);
  EXPECT_EQ(heard[1]->kind, Kind::conflict);
  EXPECT_EQ(heard[1]->conflict.key, (Key{"a", "r"}));
  EXPECT_TRUE(heard[2] && heard[2]->committed());
  EXPECT_EQ(value("a"), "m1");
  EXPECT_EQ(below_.consumed().count("m2"), 0U);
}

TEST_F(JointStoreTest, a_message_that_was_received_twice_is_consumed_once) {
  const auto heard = take({step("m1", "a"), step("m1", "b")});
  EXPECT_TRUE(heard[0] && heard[0]->committed());
  ASSERT_TRUE(heard[1]);
  EXPECT_EQ(heard[1]->conflict.part, Conflict::Part::ack);
  EXPECT_EQ(value("b"), "");
}

TEST_F(JointStoreTest, the_same_condition_in_two_steps_keeps_them_together) {
  const auto with_condition = [](Commit one) { return one.require({"rule", "r"}, Expect::absent()); };
  take({with_condition(step("m1", "a")), with_condition(step("m2", "b"))});
  EXPECT_EQ(below_.taken().size(), 1U);
  take({with_condition(step("m3", "c")), step("m4", "d").require({"rule", "r"}, Expect::anything())});
  EXPECT_EQ(below_.taken().size(), 3U);
}

TEST_F(JointStoreTest, a_step_that_does_not_hold_spoils_no_other) {
  const auto heard = take({step("m1", "a"), step("m2", "b", Expect::exists()), step("m3", "c")});
  EXPECT_TRUE(heard[0] && heard[0]->committed());
  ASSERT_TRUE(heard[1]);
  EXPECT_EQ(heard[1]->kind, Kind::conflict);
  EXPECT_TRUE(heard[2] && heard[2]->committed());
  EXPECT_EQ(below_.taken().size(), 2U);
}

TEST_F(JointStoreTest, a_step_that_no_store_takes_spoils_no_other) {
  const auto heard = take({step("m1", "a"), step("m2", ""), step("m3", "c")});
  EXPECT_TRUE(heard[0] && heard[0]->committed());
  ASSERT_FALSE(heard[1]);
  EXPECT_EQ(heard[1].error().code, ErrorCode::malformed);
  EXPECT_TRUE(heard[2] && heard[2]->committed());
}

TEST_F(JointStoreTest, more_keys_than_one_commit_takes_make_several) {
  std::vector<Commit> steps;
  for (std::size_t i = 0; i < base::bounds::kCommitKeysMax; ++i)
    steps.push_back(step("m" + std::to_string(i), "a" + std::to_string(i)));
  for (const auto& one : take(std::move(steps))) EXPECT_TRUE(one && one->committed());
  EXPECT_EQ(below_.taken().size(), 2U);
  EXPECT_EQ(below_.consumed().size(), base::bounds::kCommitKeysMax);
}

TEST_F(JointStoreTest, an_outcome_nobody_knows_is_told_to_each_and_taken_by_none_again) {
  below_.scripted = {CommitOutcome{Kind::unknown}};
  for (const auto& one : take({step("m1", "a"), step("m2", "b")})) {
    ASSERT_TRUE(one);
    EXPECT_EQ(one->kind, Kind::unknown);
  }
  EXPECT_TRUE(below_.taken().empty());
}

TEST_F(JointStoreTest, a_full_disk_is_told_to_each) {
  below_.scripted = {base::fail(ErrorCode::storage_full, "disk_full", "The disk is full.")};
  for (const auto& one : take({step("m1", "a"), step("m2", "b")})) {
    ASSERT_FALSE(one);
    EXPECT_EQ(one.error().code, ErrorCode::storage_full);
  }
}

TEST_F(JointStoreTest, a_step_without_an_ack_shares_no_commit) {
  take({Commit().put(record("a", "1")), Commit().put(record("b", "2"))});
  EXPECT_EQ(below_.taken().size(), 2U);
}

TEST_F(JointStoreTest, a_killed_process_leaves_nothing_behind) {
  std::optional<Outcome> heard;
  process_->executor.spawn(hear(store_.commit(step("m1", "a")), heard));
  process_.reset();
  EXPECT_FALSE(heard);
  EXPECT_TRUE(below_.taken().empty());
}

}  // namespace
}  // namespace ow::platform
