// The store as production has it: RocksDB's tables below a journal of ours. Formats of the directory, and what
// the tables take.
#include <gmock/gmock.h>

#include "contracts/key_value_pairs.h"
#include "rocks_place.h"

namespace ow::engine {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using contracts::erase;
using contracts::get;
using contracts::put;
using platform::KeyValue;
using testing::HasSubstr;

JournalOptions cramped() { return {.segment_bytes = 64 << 10, .overlay_keys = 8}; }

class RocksJournal : public testing::Test {
 protected:
  base::Result<std::unique_ptr<KeyValue>> open(JournalOptions options = {.segment_bytes = 64 << 10}) {
    return open_journaled_at({.directory = directory_}, std::move(options));
  }

  static void write(KeyValue& store, const std::vector<platform::Change>& batch) {
    const auto position = store.append(batch);
    ASSERT_TRUE(position.has_value()) << position.error().message;
    ASSERT_TRUE(store.sync(*position).has_value());
  }

  TestFolder folder_;
  const std::string directory_ = folder_.path("store");
};

TEST_F(RocksJournal, a_store_without_a_journal_becomes_one_with) {
  {
    auto old = open_rocks({.directory = directory_});
    write(**old, {put("a", "1"), put("b", "1")});
    ASSERT_TRUE((*old)->append({put("c", "unsynced")}).has_value());
  }
  fs::create_directories(fs::path(directory_) / "journal");
  write_bytes(fs::path(directory_) / "journal" / "000001.journal", "of an upgrade that was interrupted");
  {
    auto upgraded = open();
    ASSERT_TRUE(upgraded.has_value()) << upgraded.error().message;
    EXPECT_EQ(get(**upgraded, "c"), "unsynced");
    write(**upgraded, {erase("a"), put("d", "1")});
  }
  const auto again = open();
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(contracts::scan(*(*again)->view()), (contracts::Pairs{{"b", "1"}, {"c", "unsynced"}, {"d", "1"}}));
}

TEST_F(RocksJournal, a_program_that_knows_no_journal_refuses_it_naming_both_formats) {
  ASSERT_TRUE(open().has_value());
  const auto refused = open_rocks({.directory = directory_});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "storage_format_newer");
  EXPECT_THAT(refused.error().message, testing::AllOf(HasSubstr("format 2"), HasSubstr("up to 1")));
}

TEST_F(RocksJournal, a_missing_journal_is_damage) {
  write(**open(), {put("a", "1")});
  fs::remove_all(fs::path(directory_) / "journal");
  const auto refused = open();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "storage_damaged");
  EXPECT_THAT(refused.error().message, HasSubstr("journal"));
}

TEST_F(RocksJournal, a_making_that_was_interrupted_begins_anew) {
  ASSERT_TRUE(open().has_value());
  fs::remove(fs::path(directory_) / "FORMAT");
  const auto again = open();
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_TRUE(contracts::scan(*(*again)->view()).empty());
}

TEST_F(RocksJournal, overlays_go_down_as_tables_that_open_checks) {
  {
    auto store = open(cramped());
    for (int i = 0; i < 200; ++i) {
      write(**store, {put("key" + std::to_string(1000 + i), std::string(300, 'x')), put("head", std::to_string(i)),
                      put("short" + std::to_string(i), "x")});
      write(**store, {erase("short" + std::to_string(i))});
    }
    ASSERT_TRUE((*store)->erase_range({"key1000", "key1100"}).has_value());
    write(**store, {put("key1050", "again")});
  }
  EXPECT_FALSE(files_ending(directory_, ".sst").empty());
  auto store = open(cramped());
  ASSERT_TRUE(store.has_value()) << store.error().message;
  EXPECT_EQ(get(**store, "head"), "199");
  EXPECT_EQ(get(**store, "key1050"), "again");
  EXPECT_EQ(contracts::scan(*(*store)->view()).size(), 102U);
  store->reset();
  const auto tables = files_ending(directory_, ".sst");
  flip_bit(tables.back(), 60);
  const auto damaged = open();
  ASSERT_FALSE(damaged.has_value());
  EXPECT_THAT(damaged.error().message, HasSubstr(tables.back().filename().string()));
}

TEST_F(RocksJournal, a_copy_holds_what_only_the_journal_held) {
  auto store = open();
  write(**store, {put("a", "1")});
  ASSERT_TRUE((*store)->checkpoint(folder_.path("copy")).has_value());
  write(**store, {put("b", "1")});
  const auto copy = open_journaled_at({.directory = folder_.path("copy")}, {});
  ASSERT_TRUE(copy.has_value()) << copy.error().message;
  EXPECT_EQ(contracts::scan(*(*copy)->view()), (contracts::Pairs{{"a", "1"}}));
}

}  // namespace
}  // namespace ow::engine
