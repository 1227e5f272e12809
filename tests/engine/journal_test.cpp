// What the journaled store keeps from the tables, what it uses again, and how it fails.
#include <gmock/gmock.h>

#include <memory>

#include "contracts/key_value_pairs.h"
#include "harness/journaled_memory.h"

namespace ow::engine {
namespace {

using base::ErrorCode;
using contracts::erase;
using contracts::get;
using contracts::put;
using platform::KeyValue;
using sim::DiskCall;
using testing::Contains;
using testing::Key;
using testing::Not;

class JournalTest : public testing::Test {
 protected:
  void open(JournalOptions options = {.segment_bytes = 32 << 10, .overlay_keys = 4}) {
    store_.reset();
    auto opened = tests::open_journaled_memory(disk_, std::move(options));
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(*opened);
  }

  void write(const std::vector<platform::Change>& batch) {
    const auto position = store_->append(batch);
    ASSERT_TRUE(position.has_value()) << position.error().message;
    const auto synced = store_->sync(*position);
    ASSERT_TRUE(synced.has_value()) << synced.error().message;
  }

  std::size_t segments() { return sim::SimLogDisk(disk_).names()->size(); }

  sim::MemoryDisk disk_;
  std::unique_ptr<KeyValue> store_;
};

TEST_F(JournalTest, what_is_erased_before_its_overlay_goes_down_never_reaches_the_tables) {
  open();
  write({put("message", "m"), put("order", "1")});
  write({erase("message"), put("order", "2")});
  const auto appends = disk_.calls(DiskCall::append);
  write({put("x", "1"), put("y", "1")});
  EXPECT_GT(disk_.calls(DiskCall::append), appends + 1) << "the overlay went down";
  EXPECT_THAT(disk_.synced(), Contains(Key("order")));
  EXPECT_THAT(disk_.synced(), Not(Contains(Key("message"))));
  write({erase("order"), put("a", "1"), put("b", "1"), put("c", "1")});
  EXPECT_THAT(disk_.synced(), Not(Contains(Key("order"))));
}

TEST_F(JournalTest, what_expired_does_not_go_down) {
  open({.segment_bytes = 32 << 10, .overlay_keys = 2, .expired = [](std::string_view, std::string_view value) {
          return value == "old";
        }});
  write({put("a", "old"), put("b", "new")});
  EXPECT_THAT(disk_.synced(), Not(Contains(Key("a"))));
  EXPECT_THAT(disk_.synced(), Contains(Key("b")));
}

TEST_F(JournalTest, segments_are_used_again) {
  open();
  for (int i = 0; i < 2000; ++i) write({put("key" + std::to_string(i), std::string(500, 'x'))});
  EXPECT_LE(segments(), 8U);
  open();
  EXPECT_EQ(get(*store_, "key0"), std::string(500, 'x'));
  EXPECT_EQ(get(*store_, "key1999"), std::string(500, 'x'));
}

TEST_F(JournalTest, a_batch_that_no_segment_holds_gets_one_of_its_own) {
  open();
  const std::string large(200 << 10, 'x');
  write({put("large", large)});
  write({put("after", "1")});
  open();
  EXPECT_EQ(get(*store_, "large"), large);
  EXPECT_EQ(get(*store_, "after"), "1");
  for (int i = 0; i < 100; ++i) write({put("key" + std::to_string(i), std::string(3000, 'x'))});
  const auto names = sim::SimLogDisk(disk_).names();
  for (const auto& name : *names) EXPECT_EQ(sim::SimLogDisk(disk_).bytes(name)->size(), 32U << 10) << name;
}

TEST_F(JournalTest, a_failed_sync_ends_every_later_call) {
  open();
  write({put("a", "1")});
  disk_.fail(DiskCall::sync, 1, {ErrorCode::internal, "storage_failed", "lost"});
  const auto position = store_->append({put("b", "1")});
  ASSERT_TRUE(position.has_value());
  EXPECT_FALSE(store_->sync(*position).has_value());
  EXPECT_FALSE(store_->sync(*position).has_value());
  EXPECT_FALSE(store_->append({put("c", "1")}).has_value());
  EXPECT_FALSE(store_->get({"a"}).has_value());
  EXPECT_FALSE(store_->erase_range({"a", "b"}).has_value());
  EXPECT_FALSE(store_->checkpoint("copy").has_value());
  EXPECT_FALSE(store_->view()->scan({}, platform::ScanOrder::ascending, [](auto, auto) { return true; }).has_value());
  store_.reset();
  disk_.crash_keeping(0);
  open();
  EXPECT_EQ(get(*store_, "a"), "1");
  EXPECT_EQ(get(*store_, "c"), std::nullopt);
}

TEST_F(JournalTest, a_full_disk_refuses_puts_while_erases_and_reads_go_on_and_passes_by_itself) {
  open();
  write({put("a", "1"), put("b", "1")});
  disk_.set_full(true);
  const auto refused = store_->append({put("c", "1")});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::storage_full);
  write({erase("a")});
  EXPECT_EQ(get(*store_, "a"), std::nullopt);
  EXPECT_EQ(get(*store_, "b"), "1");
  EXPECT_EQ(get(*store_, "c"), std::nullopt);
  disk_.set_full(false);
  write({put("c", "1"), put("d", "1"), put("e", "1"), put("f", "1")});
  open();
  EXPECT_EQ(get(*store_, "a"), std::nullopt);
  EXPECT_EQ(get(*store_, "c"), "1");
}

TEST_F(JournalTest, on_a_full_disk_erases_go_on_as_long_as_memory_and_journal_take_them) {
  open();
  for (int i = 0; i < 40; ++i) write({put("key" + std::to_string(i), std::string(500, 'x'))});
  disk_.set_full(true);
  bool refused = false;
  for (int i = 0; i < 40 && !refused; ++i) {
    const auto erased = store_->append({erase("key" + std::to_string(i))});
    refused = !erased;
    if (refused) EXPECT_EQ(erased.error().code, ErrorCode::storage_full);
    if (!refused) ASSERT_TRUE(store_->sync(*erased).has_value());
  }
  EXPECT_EQ(get(*store_, "key0"), std::nullopt);
  disk_.set_full(false);
  for (int i = 0; i < 40; ++i) write({erase("key" + std::to_string(i))});
  open();
  EXPECT_TRUE(contracts::scan(*store_->view()).empty());
}

TEST_F(JournalTest, a_write_without_space_takes_nothing_and_later_ones_succeed) {
  open();
  write({put("a", "1")});
  disk_.fail(DiskCall::append, 1, {ErrorCode::storage_full, "storage_full", "full"});
  ASSERT_FALSE(store_->append({put("refused", std::string(5000, 'x'))}).has_value());
  EXPECT_EQ(get(*store_, "refused"), std::nullopt);
  write({put("b", "1")});
  open();
  EXPECT_EQ(get(*store_, "refused"), std::nullopt);
  EXPECT_EQ(get(*store_, "b"), "1");
}

TEST_F(JournalTest, work_that_waits_for_the_background_is_bounded) {
  std::vector<platform::Job> jobs;
  open({.segment_bytes = 32 << 10, .overlay_keys = 4, .background = [&](platform::Job job) {
          jobs.push_back(std::move(job));
        }});
  for (int i = 0; i < 500; ++i) write({put("key" + std::to_string(i), std::string(100, 'x'))});
  EXPECT_LE(segments(), 12U) << "appends take down what the background does not";
  EXPECT_GT(disk_.synced().size(), 400U);
  for (const auto& job : jobs) job();
  EXPECT_EQ(contracts::scan(*store_->view()).size(), 500U);
}

}  // namespace
}  // namespace ow::engine
