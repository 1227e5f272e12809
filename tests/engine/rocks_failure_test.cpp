// Failing disks under a living RocksDB store: a failed sync is final, a full disk is not. The failure is made
// by putting another file behind the descriptor of the log.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "contracts/key_value_pairs.h"
#include "engine/rocks/key_value.h"
#include "rocks_place.h"

namespace ow::engine {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using contracts::erase;
using contracts::get;
using contracts::put;
using platform::KeyValue;

/// The descriptor by which this process writes the newest log of the directory.
int log_descriptor(const std::string& directory) {
  int found = -1;
  std::string newest;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code error;
    const std::string target = fs::read_symlink(entry.path(), error).string();
    if (error || !target.starts_with(directory) || !target.ends_with(".log") || target < newest) continue;
    newest = target;
    found = std::stoi(entry.path().filename().string());
  }
  return found;
}

void put_behind(int descriptor, int replacement) {
  ASSERT_GE(descriptor, 0);
  ASSERT_GE(replacement, 0);
  ASSERT_GE(::dup2(replacement, descriptor), 0);
  ::close(replacement);
}

class RocksFailure : public testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    store_.reset();
    auto opened = open_rocks({.directory = folder_.path("store"), .free_bytes = [this] { return free_; }});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(*opened);
  }

  base::Result<platform::LogPosition> append(const std::string& key) { return store_->append({put(key, "x")}); }

  TestFolder folder_;
  std::uint64_t free_ = 1 << 30;
  std::unique_ptr<KeyValue> store_;
};

TEST_F(RocksFailure, a_failed_sync_ends_every_later_call) {
  const auto first = append("a");
  ASSERT_TRUE(store_->sync(*first).has_value());
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  put_behind(log_descriptor(folder_.path("store")), ends[1]);  // takes writes, cannot be synced
  const auto second = append("b");
  ASSERT_TRUE(second.has_value());
  const auto failed = store_->sync(*second);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ErrorCode::internal);
  EXPECT_FALSE(store_->sync(*first).has_value());
  EXPECT_FALSE(append("c").has_value());
  EXPECT_FALSE(store_->get({"a"}).has_value());
  EXPECT_FALSE(store_->erase_range({"a", "b"}).has_value());
  EXPECT_FALSE(store_->checkpoint(folder_.path("copy")).has_value());
  ::close(ends[0]);
  open();
  EXPECT_EQ(get(*store_, "a"), "x");
  EXPECT_EQ(get(*store_, "c"), std::nullopt);
}

TEST_F(RocksFailure, a_write_without_space_changes_nothing_and_later_ones_succeed) {
  const auto before = append("before");
  ASSERT_TRUE(before.has_value());
  put_behind(log_descriptor(folder_.path("store")), ::open("/dev/full", O_WRONLY | O_CLOEXEC));
  const auto full = append("refused");
  ASSERT_FALSE(full.has_value());
  EXPECT_EQ(full.error().code, ErrorCode::storage_full);
  EXPECT_EQ(get(*store_, "before"), "x");
  EXPECT_EQ(get(*store_, "refused"), std::nullopt);
  const auto after = append("after");
  ASSERT_TRUE(after.has_value()) << after.error().message;
  EXPECT_EQ(*after, *before + 1);
  ASSERT_TRUE(store_->sync(*after).has_value());
  ASSERT_TRUE(append("more").has_value());
  open();
  EXPECT_EQ(get(*store_, "before"), "x");
  EXPECT_EQ(get(*store_, "refused"), std::nullopt);
  EXPECT_EQ(get(*store_, "after"), "x");
  EXPECT_EQ(get(*store_, "more"), "x");
}

TEST_F(RocksFailure, what_was_appended_before_the_disk_was_full_can_still_be_synced) {
  const auto before = append("before");
  put_behind(log_descriptor(folder_.path("store")), ::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_FALSE(append("refused").has_value());
  ASSERT_TRUE(store_->sync(*before).has_value());
  open();
  EXPECT_EQ(get(*store_, "before"), "x");
  EXPECT_EQ(get(*store_, "refused"), std::nullopt);
}

TEST_F(RocksFailure, the_reserve_refuses_puts_but_not_erases_and_reads_until_space_returns) {
  ASSERT_TRUE(append("a").has_value());
  free_ = 1 << 20;
  const auto refused = append("b");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::storage_full);
  EXPECT_EQ(get(*store_, "a"), "x");
  const auto erased = store_->append({erase("a")});
  ASSERT_TRUE(erased.has_value());
  EXPECT_TRUE(store_->sync(*erased).has_value());
  EXPECT_EQ(get(*store_, "a"), std::nullopt);
  free_ = 1 << 30;
  EXPECT_TRUE(append("b").has_value());
}

TEST(RocksOpen, a_directory_that_cannot_be_made_is_unavailable) {
  const auto opened = open_rocks({.directory = "/proc/nowhere/store"});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::unavailable);
  EXPECT_THAT(opened.error().message, testing::HasSubstr("/proc/nowhere/store"));
}

TEST(RocksOpen, what_is_not_in_memory_is_unavailable_to_a_read_from_memory) {
  const TestFolder folder;
  const RocksOptions options{.directory = folder.path("store"), .verify_bytes_max = 0};
  ASSERT_TRUE(open_rocks(options).value()->append({put("a", "1")}).has_value());
  ASSERT_TRUE(open_rocks(options).has_value());  // recovery writes the table
  auto store = std::move(open_rocks(options).value());
  const auto cold = store->get({"a"}, platform::ReadTier::memory_only);
  ASSERT_FALSE(cold.has_value());
  EXPECT_EQ(cold.error().code, ErrorCode::unavailable);
  EXPECT_EQ(get(*store, "a"), "1");
  EXPECT_TRUE(store->get({"a"}, platform::ReadTier::memory_only).has_value());
}

TEST(RocksOpen, expired_pairs_go_when_tables_are_written_out) {
  const TestFolder folder;
  RocksOptions options{.directory = folder.path("store")};
  ASSERT_TRUE(open_rocks(options).value()->append({put("a", "old"), put("b", "new")}).has_value());
  options.expired = [](std::string_view, std::string_view value) { return value == "old"; };
  options.write_buffer_bytes = 64 << 10;
  auto store = std::move(open_rocks(options).value());
  // Enough writing for a compaction that covers the first table.
  for (int i = 0; i < 4000; ++i) ASSERT_TRUE(store->append({put("a" + std::to_string(i), std::string(500, 'x'))}));
  store.reset();
  store = std::move(open_rocks(options).value());
  EXPECT_EQ(get(*store, "b"), "new");
  EXPECT_EQ(get(*store, "a"), std::nullopt);
}

}  // namespace
}  // namespace ow::engine
