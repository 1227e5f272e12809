// What commit_until_settled makes of each outcome. Test thread only.
#include <gtest/gtest.h>

#include "base/bounds.h"
#include "platform/consumer.h"
#include "tests/platform/await.h"
#include "tests/platform/map_store.h"

namespace ow::platform {
namespace {

using base::ErrorCode;
using Kind = CommitOutcome::Kind;

class CommitUntilSettledTest : public testing::Test {
 protected:
  base::Task<base::Result<Commit>> decide() {
    ++runs_;
    co_return Commit().put({.key = {"a", "r"}, .kind = "test", .value = std::to_string(runs_)});
  }
  base::Result<void> settle() {
    return await(commit_until_settled(store_, [this] { return decide(); }));
  }

  MapStore store_;
  int runs_ = 0;
};

TEST_F(CommitUntilSettledTest, decides_again_on_conflict) {
  store_.scripted = {CommitOutcome{Kind::conflict}, CommitOutcome{Kind::conflict}};
  EXPECT_TRUE(settle());
  EXPECT_EQ(runs_, 3);
  EXPECT_EQ(await(get_one(store_, {"a", "r"})).value()->value, "3");
}

TEST_F(CommitUntilSettledTest, gives_up_after_the_bound) {
  store_.scripted.resize(100, CommitOutcome{Kind::conflict});
  EXPECT_EQ(settle().error().code, ErrorCode::unavailable);
  EXPECT_EQ(runs_, base::bounds::kConflictRunsMax);
}

TEST_F(CommitUntilSettledTest, an_unknown_outcome_is_not_tried_again) {
  store_.scripted = {CommitOutcome{Kind::unknown}};
  EXPECT_EQ(settle().error().code, ErrorCode::timed_out);
  EXPECT_EQ(runs_, 1);
}

TEST_F(CommitUntilSettledTest, contended_is_unavailable) {
  store_.scripted = {CommitOutcome{Kind::contended}};
  EXPECT_EQ(settle().error().code, ErrorCode::unavailable);
}

TEST_F(CommitUntilSettledTest, the_error_of_the_store_is_passed_on) {
  store_.scripted = {base::fail(ErrorCode::storage_full, "disk_full", "The disk is full.")};
  EXPECT_EQ(settle().error().code, ErrorCode::storage_full);
}

}  // namespace
}  // namespace ow::platform
