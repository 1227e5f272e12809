// The disk of the simulated world: what a crash keeps, and failures by plan.
#include "sim/world/memory_key_value.h"

#include <gtest/gtest.h>

#include <set>

#include "contracts/key_value_pairs.h"

namespace ow::sim {
namespace {

using base::ErrorCode;
using contracts::get;
using contracts::Pairs;
using contracts::put;
using contracts::scan;

class MemoryDiskTest : public testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    store_.reset();
    auto opened = MemoryKeyValue::open(disk_);
    ASSERT_TRUE(opened.has_value());
    store_ = std::move(*opened);
  }

  platform::LogPosition append(const std::string& key) { return store_->append({put(key, "x")}).value(); }
  std::vector<std::string> keys() {
    std::vector<std::string> keys;
    for (const auto& [key, value] : scan(*store_->view())) keys.push_back(key);
    return keys;
  }

  MemoryDisk disk_;
  std::unique_ptr<MemoryKeyValue> store_;
};

using Keys = std::vector<std::string>;

TEST_F(MemoryDiskTest, a_crash_keeps_what_was_synced_and_drops_the_rest_from_the_end) {
  append("a");
  ASSERT_TRUE(store_->sync(append("b")).has_value());
  append("c");
  append("d");
  EXPECT_EQ(disk_.unsynced(), 2U);
  disk_.crash_keeping(1);
  open();
  EXPECT_EQ(keys(), (Keys{"a", "b", "c"}));
}

TEST_F(MemoryDiskTest, a_sync_of_an_earlier_position_leaves_later_appends_to_the_crash) {
  const auto first = append("a");
  append("b");
  ASSERT_TRUE(store_->sync(first).has_value());
  disk_.crash_keeping(0);
  open();
  EXPECT_EQ(keys(), (Keys{"a"}));
}

TEST_F(MemoryDiskTest, every_length_of_the_unsynced_tail_is_kept_by_some_seed) {
  std::set<std::size_t> kept;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    MemoryDisk disk;
    auto store = MemoryKeyValue::open(disk).value();
    for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(store->append({put(key, "x")}).has_value());
    store.reset();
    SimRandom random(seed);
    disk.crash(random);
    kept.insert(scan(*MemoryKeyValue::open(disk).value()->view()).size());
  }
  EXPECT_EQ(kept, (std::set<std::size_t>{0, 1, 2, 3}));
}

TEST_F(MemoryDiskTest, a_process_that_only_ended_loses_nothing) {
  append("a");
  open();
  EXPECT_EQ(keys(), (Keys{"a"}));
}

TEST_F(MemoryDiskTest, recovery_makes_durable_what_it_found) {
  append("a");
  open();
  disk_.crash_keeping(0);
  open();
  EXPECT_EQ(keys(), (Keys{"a"}));
}

TEST_F(MemoryDiskTest, an_erased_range_is_durable_with_the_next_sync_and_not_before) {
  ASSERT_TRUE(store_->sync(append("a")).has_value());
  ASSERT_TRUE(store_->erase_range({"a", "b"}).has_value());
  EXPECT_TRUE(keys().empty());
  disk_.crash_keeping(0);
  open();
  EXPECT_EQ(keys(), (Keys{"a"}));
  ASSERT_TRUE(store_->erase_range({"a", "b"}).has_value());
  ASSERT_TRUE(store_->sync(append("c")).has_value());
  disk_.crash_keeping(0);
  open();
  EXPECT_EQ(keys(), (Keys{"c"}));
}

TEST_F(MemoryDiskTest, a_failed_sync_ends_every_later_call) {
  const auto position = append("a");
  disk_.fail(DiskCall::sync, 1, {ErrorCode::internal, "io", "I/O error."});
  EXPECT_FALSE(store_->sync(position).has_value());
  EXPECT_FALSE(store_->sync(position).has_value());
  EXPECT_FALSE(store_->append({put("b", "x")}).has_value());
  EXPECT_FALSE(store_->get({"a"}, platform::ReadTier::any).has_value());
  open();
  EXPECT_EQ(keys(), (Keys{"a"}));
}

TEST_F(MemoryDiskTest, a_full_disk_refuses_appends_and_changes_nothing_until_space_returns) {
  append("a");
  disk_.set_full(true);
  const auto refused = store_->append({put("b", "x")});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::storage_full);
  EXPECT_EQ(keys(), (Keys{"a"}));
  disk_.set_full(false);
  append("b");
  EXPECT_EQ(keys(), (Keys{"a", "b"}));
}

TEST_F(MemoryDiskTest, the_planned_append_alone_finds_no_space) {
  disk_.fail(DiskCall::append, 2, {ErrorCode::storage_full, "storage_full", "The disk is full."});
  append("a");
  EXPECT_FALSE(store_->append({put("b", "x")}).has_value());
  append("c");
  EXPECT_EQ(keys(), (Keys{"a", "c"}));
}

TEST_F(MemoryDiskTest, the_planned_read_reports_damage_and_names_the_file) {
  append("a");
  disk_.damage_read(2, "000042.sst");
  EXPECT_EQ(get(*store_, "a"), "x");
  const auto damaged = store_->get({"a"}, platform::ReadTier::any);
  ASSERT_FALSE(damaged.has_value());
  EXPECT_EQ(damaged.error().code, ErrorCode::internal);
  EXPECT_NE(damaged.error().message.find("000042.sst"), std::string::npos);
  EXPECT_EQ(get(*store_, "a"), "x");
}

TEST_F(MemoryDiskTest, a_hook_between_append_and_sync_can_cut_the_power) {
  ASSERT_TRUE(store_->sync(append("a")).has_value());
  disk_.after_call(DiskCall::append, 1, [this] { disk_.power_off(); });
  const auto position = append("b");
  EXPECT_FALSE(store_->sync(position).has_value());
  EXPECT_FALSE(store_->append({put("c", "x")}).has_value());
  disk_.crash_keeping(0);
  open();
  EXPECT_EQ(keys(), (Keys{"a"}));
}

TEST_F(MemoryDiskTest, a_hook_before_an_append_leaves_nothing_of_it) {
  disk_.before_call(DiskCall::append, 1, [this] { disk_.power_off(); });
  EXPECT_FALSE(store_->append({put("a", "x")}).has_value());
  EXPECT_EQ(disk_.unsynced(), 0U);
}

TEST_F(MemoryDiskTest, a_store_from_before_a_crash_may_go_after_the_next_opened) {
  auto old = std::move(store_);
  disk_.crash_keeping(0);
  open();
  old.reset();
  append("a");
  EXPECT_FALSE(MemoryKeyValue::open(disk_).has_value());
}

TEST_F(MemoryDiskTest, cold_reads_are_unavailable_from_memory_alone) {
  append("a");
  disk_.set_cold_reads(1000, SimRandom(1));
  const auto cold = store_->get({"a"}, platform::ReadTier::memory_only);
  ASSERT_FALSE(cold.has_value());
  EXPECT_EQ(cold.error().code, ErrorCode::unavailable);
  EXPECT_EQ(get(*store_, "a"), "x");
}

TEST_F(MemoryDiskTest, compaction_drops_expired_pairs_and_no_older_value_comes_back) {
  store_.reset();
  const auto expired = [](std::string_view, std::string_view value) { return value == "old"; };
  store_ = MemoryKeyValue::open(disk_, expired).value();
  ASSERT_TRUE(store_->sync(store_->append({put("a", "new"), put("b", "old")}).value()).has_value());
  ASSERT_TRUE(store_->append({put("a", "old")}).has_value());
  store_->compact();
  EXPECT_TRUE(keys().empty());
  disk_.crash_keeping(0);
  store_ = MemoryKeyValue::open(disk_, expired).value();
  EXPECT_EQ(scan(*store_->view()), (Pairs{{"a", "new"}}));
}

}  // namespace
}  // namespace ow::sim
