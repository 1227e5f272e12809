// A stage reads and refuses as if its steps had been taken. Test thread only.
#include "platform/staged_store.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bounds.h"
#include "tests/platform/await.h"
#include "tests/platform/commit_steps.h"
#include "tests/platform/map_store.h"

namespace ow::platform {

void showValue(const Part& part, std::ostream& out);

namespace {

const Key kRecord{"a", "r"};
const Key kStock{"product#1", "stock"};

Record record(std::string value) { return {.key = kRecord, .kind = "test", .value = std::move(value)}; }

class StagedStoreTest : public testing::Test {
 protected:
  CommitOutcome::Kind commit(Store& store, Commit step) { return await(store.commit(std::move(step))).value().kind; }
  RecordPtr read(Store& store) { return await(get_one(store, kRecord)).value(); }

  MapStore below_;
  StagedStore stage_{below_};
};

using enum CommitOutcome::Kind;

TEST_F(StagedStoreTest, reads_answer_from_the_stage_and_nothing_is_taken) {
  EXPECT_EQ(commit(stage_, Commit().put(record("1"), Expect::absent())), committed);
  EXPECT_EQ(read(stage_)->value, "1");
  EXPECT_EQ(read(below_), nullptr);
  EXPECT_EQ(commit(below_, stage_.take()), committed);
  EXPECT_EQ(read(below_)->value, "1");
  EXPECT_TRUE(stage_.staged().empty());
}

TEST_F(StagedStoreTest, a_record_read_from_the_stage_may_be_written_on_its_version) {
  commit(below_, Commit().put(record("1")));
  commit(stage_, Commit().put(record("2"), Expect::at(read(stage_)->version)));
  EXPECT_EQ(commit(stage_, Commit().put(record("3"), Expect::at(read(stage_)->version))), committed);
  EXPECT_EQ(commit(below_, stage_.take()), committed);
  EXPECT_EQ(read(below_)->value, "3");
}

TEST_F(StagedStoreTest, a_version_from_before_a_staged_write_is_a_conflict) {
  commit(below_, Commit().put(record("1")));
  const auto before = read(stage_)->version;
  commit(stage_, Commit().put(record("2")));
  EXPECT_EQ(commit(stage_, Commit().put(record("3"), Expect::at(before))), conflict);
  const auto staged = read(stage_)->version;
  commit(stage_, Commit().put(record("4")));
  EXPECT_EQ(commit(stage_, Commit().require(kRecord, Expect::at(staged))), conflict);
}

TEST_F(StagedStoreTest, a_staged_erase_reads_as_absent) {
  commit(below_, Commit().put(record("1")));
  commit(stage_, Commit().erase(kRecord));
  EXPECT_EQ(read(stage_), nullptr);
  EXPECT_EQ(commit(stage_, Commit().put(record("2"), Expect::exists())), conflict);
  EXPECT_EQ(commit(stage_, Commit().put(record("2"), Expect::absent())), committed);
}

TEST_F(StagedStoreTest, counters_read_with_the_staged_moves) {
  commit(below_, Commit().move(kStock, "", "available", 5));
  commit(stage_, Commit().move(kStock, "available", "held", 3));
  const auto counter = await(stage_.counters({kStock})).value().front().value();
  EXPECT_EQ(counter.at("available"), 2);
  EXPECT_EQ(counter.at("held"), 3);
}

TEST_F(StagedStoreTest, a_second_step_cannot_move_what_the_first_one_took) {
  commit(below_, Commit().move(kStock, "", "available", 5));
  commit(stage_, Commit().move(kStock, "available", "held", 3));
  const auto outcome = await(stage_.commit(Commit().move(kStock, "available", "held", 3))).value();
  EXPECT_EQ(outcome.kind, conflict);
  EXPECT_EQ(outcome.conflict, (Conflict{Conflict::Part::counter, kStock, "available"}));
  EXPECT_EQ(commit(stage_, Commit().move(kStock, "held", "sold", 3)), committed);
  EXPECT_EQ(commit(below_, stage_.take()), committed);
}

TEST_F(StagedStoreTest, a_step_that_does_not_fit_changes_nothing) {
  Commit wide;
  for (int i = 0; i < 60; ++i) wide.require({std::to_string(i), "r"}, Expect::absent());
  EXPECT_EQ(commit(stage_, wide), committed);
  Commit more;
  for (int i = 60; i < 120; ++i) more.require({std::to_string(i), "r"}, Expect::absent());
  EXPECT_EQ(await(stage_.commit(more)).error().code, base::ErrorCode::too_large);
  EXPECT_EQ(stage_.staged().key_count(), 60U);
}

TEST_F(StagedStoreTest, a_step_that_contradicts_itself_is_malformed) {
  EXPECT_EQ(await(stage_.commit(Commit().put(record("1")).put(record("2")))).error().code, base::ErrorCode::malformed);
}

// Steps that hold one by one hold as one commit and leave the same; one that does not hold is refused by the
// stage or by the commit that it would be part of.
RC_GTEST_PROP(StagedStoreProperty, a_stage_is_its_steps_one_by_one, ()) {
  MapStore plain, below;
  const auto prepared = *rc::gen::container<std::vector<Step>>(4, steps(false));
  for (const auto& step : prepared) {
    static_cast<void>(await(plain.commit(decide(plain, step))));
    static_cast<void>(await(below.commit(decide(below, step))));
  }
  StagedStore stage(below);
  for (const auto& step : *rc::gen::container<std::vector<Step>>(6, steps(true))) {
    const auto direct = await(plain.commit(decide(plain, step)));
    const auto commit = decide(stage, step);
    if (direct && direct->committed()) {
      RC_ASSERT(await(stage.commit(commit)).value().committed());
      continue;
    }
    StagedStore attempt = stage;
    MapStore copy = below;
    const auto staged = await(attempt.commit(commit));
    if (!staged || !staged->committed()) continue;
    const auto taken = await(copy.commit(attempt.take()));
    RC_ASSERT(!taken || !taken->committed());
  }
  RC_ASSERT(await(below.commit(stage.take())).value().committed());
  RC_ASSERT(below.text() == plain.text());
}

}  // namespace
}  // namespace ow::platform
