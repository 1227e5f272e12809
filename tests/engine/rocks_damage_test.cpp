// Damage of every file of a RocksDB store is reported with file and offset and refuses to open; a torn tail
// of the log is dropped with a notice.
#include <gmock/gmock.h>

#include <cstring>

#include "contracts/key_value_pairs.h"
#include "engine/crc32c.h"
#include "engine/rocks/key_value.h"
#include "engine/rocks/log_check.h"
#include "engine/rocks/log_reader.h"
#include "rocks_place.h"

namespace ow::engine {
namespace {

namespace fs = std::filesystem;
using contracts::Pairs;
using contracts::put;
using platform::KeyValue;
using testing::HasSubstr;

constexpr int kBatches = 12;

std::string key(int batch, char part) { return "key" + std::to_string(1000 + batch) + part; }

class RocksDamage : public testing::Test {
 protected:
  /// A closed store whose appends all lie in one log; `synced` of them were synced one by one.
  std::string make_store(int batches = kBatches, int synced = kBatches, std::size_t value_bytes = 60) {
    const std::string directory = folder_.path("made");
    fs::remove_all(directory);
    auto store = open_rocks({.directory = directory});
    for (int i = 0; i < batches; ++i) {
      const std::string value(value_bytes, static_cast<char>('a' + i % 26));
      const auto position = (*store)->append({put(key(i, 'a'), value), put(key(i, 'b'), value)});
      if (i < synced) EXPECT_TRUE((*store)->sync(*position).has_value());
    }
    return directory;
  }

  base::Result<std::unique_ptr<KeyValue>> open(const std::string& directory) {
    notices_.clear();
    return open_rocks(
        {.directory = directory, .notice = [this](std::string_view sentence) { notices_.emplace_back(sentence); }});
  }

  std::string damaged_copy() { return copy_of(folder_.path("made"), folder_.path("damaged")); }
  static fs::path log_of(const std::string& directory) { return files_ending(directory, ".log").back(); }

  /// How many whole batches there are; fails the test when they are no prefix or one is half there.
  static int whole_batches(const KeyValue& store) {
    const Pairs pairs = contracts::scan(*store.view());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      EXPECT_EQ(pairs[i].first, key(static_cast<int>(i / 2), i % 2 == 0 ? 'a' : 'b'));
    }
    EXPECT_EQ(pairs.size() % 2, 0U);
    return static_cast<int>(pairs.size() / 2);
  }

  void expect_damage(const std::string& directory, const std::string& file) {
    const auto opened = open(directory);
    ASSERT_FALSE(opened.has_value()) << "damage in " << file << " was not seen";
    EXPECT_EQ(opened.error().code, base::ErrorCode::internal);
    EXPECT_THAT(opened.error().message, HasSubstr(fs::path(file).filename().string()));
    EXPECT_THAT(opened.error().message, HasSubstr("offset"));
  }

  TestFolder folder_;
  std::vector<std::string> notices_;
};

TEST_F(RocksDamage, a_log_cut_anywhere_keeps_a_prefix_of_whole_batches) {
  make_store();
  const std::size_t size = fs::file_size(log_of(folder_.path("made")));
  int last = 0;
  for (std::size_t length = 0; length <= size; length += 41) {
    const std::string directory = damaged_copy();
    fs::resize_file(log_of(directory), length);
    auto opened = open(directory);
    ASSERT_TRUE(opened.has_value()) << "cut at " << length << ": " << opened.error().message;
    const int whole = whole_batches(**opened);
    EXPECT_GE(whole, last);
    EXPECT_GE(whole, static_cast<int>(length * kBatches / size) - 1);
    last = whole;
  }
  EXPECT_GE(last, kBatches - 1);
}

TEST_F(RocksDamage, a_cut_log_is_announced_with_file_and_offset_once) {
  make_store();
  const std::string directory = damaged_copy();
  fs::resize_file(log_of(directory), fs::file_size(log_of(directory)) - 5);
  ASSERT_TRUE(open(directory).has_value());
  ASSERT_EQ(notices_.size(), 1U);
  EXPECT_THAT(notices_[0], HasSubstr(".log at offset "));
  ASSERT_TRUE(open(directory).has_value());
  EXPECT_TRUE(notices_.empty());
}

TEST_F(RocksDamage, an_intact_store_opens_without_a_notice) {
  make_store();
  auto opened = open(damaged_copy());
  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(notices_.empty());
  EXPECT_EQ(whole_batches(**opened), kBatches);
}

TEST_F(RocksDamage, every_flipped_bit_of_a_log_is_found) {
  make_store();
  const std::string directory = damaged_copy();
  const fs::path log = log_of(directory);
  const std::string intact = read_bytes(log);
  for (std::size_t at = 0; at < intact.size(); ++at) {
    for (const int bit : {0, 7}) {
      flip_bit(log, at, bit);
      const auto checked = check_write_ahead_logs(directory, 0, {});
      ASSERT_FALSE(checked.has_value()) << "bit " << bit << " of byte " << at;
      EXPECT_THAT(checked.error().message, HasSubstr(log.string() + " at offset"));
      write_bytes(log, intact);
    }
  }
}

TEST_F(RocksDamage, a_flipped_bit_of_a_log_refuses_to_open_and_changes_nothing) {
  make_store();
  const std::size_t size = fs::file_size(log_of(folder_.path("made")));
  for (const std::size_t at : {std::size_t(5), size / 2, size - 3}) {
    const std::string directory = damaged_copy();
    flip_bit(log_of(directory), at);
    const std::string before = read_bytes(log_of(directory));
    expect_damage(directory, log_of(directory));
    EXPECT_EQ(read_bytes(log_of(directory)), before);
    flip_bit(log_of(directory), at);
    auto opened = open(directory);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    EXPECT_EQ(whole_batches(**opened), kBatches);
  }
}

/// Sets `length` bytes to zero, as sectors that never reached the disk read.
void zero(const fs::path& path, std::size_t from, std::size_t length) {
  std::string bytes = read_bytes(path);
  std::memset(bytes.data() + from, 0, std::min(length, bytes.size() - from));
  write_bytes(path, bytes);
}

TEST_F(RocksDamage, a_zeroed_sector_under_later_synced_appends_is_damage) {
  make_store(40, 40, 400);
  const std::string directory = damaged_copy();
  zero(log_of(directory), 4096, 4096);
  expect_damage(directory, log_of(directory));
}

TEST_F(RocksDamage, a_zeroed_sector_of_the_last_append_is_a_torn_tail) {
  make_store(10, 9, 3000);
  const std::string directory = damaged_copy();
  const std::size_t size = fs::file_size(log_of(directory));
  zero(log_of(directory), (size - 3000) / 512 * 512, 512);
  auto opened = open(directory);
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  EXPECT_EQ(whole_batches(**opened), 9);
  EXPECT_EQ(notices_.size(), 1U);
}

TEST_F(RocksDamage, lost_appends_behind_the_last_sync_are_a_torn_tail_even_when_later_ones_arrived) {
  make_store(10, 4, 3000);
  const std::string directory = damaged_copy();
  const std::size_t size = fs::file_size(log_of(directory));
  zero(log_of(directory), size * 6 / 10 / 512 * 512, 2048);
  auto opened = open(directory);
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  EXPECT_GE(whole_batches(**opened), 4);
  EXPECT_LT(whole_batches(**opened), 10);
  EXPECT_EQ(notices_.size(), 1U);
}

TEST_F(RocksDamage, groups_that_span_blocks_survive_cuts_and_show_flips) {
  make_store(6, 6, 30'000);
  const std::size_t size = fs::file_size(log_of(folder_.path("made")));
  for (std::size_t length = 1; length < size; length += 29'989) {
    const std::string directory = damaged_copy();
    fs::resize_file(log_of(directory), length);
    auto opened = open(directory);
    ASSERT_TRUE(opened.has_value()) << "cut at " << length << ": " << opened.error().message;
    EXPECT_GE(whole_batches(**opened), static_cast<int>(length * 6 / size) - 1);
  }
  for (std::size_t at = 1; at < size; at += 29'989) {
    const std::string directory = damaged_copy();
    flip_bit(log_of(directory), at);
    expect_damage(directory, log_of(directory));
  }
}

class RocksTableDamage : public RocksDamage {
 protected:
  void SetUp() override {
    make_store();
    ASSERT_TRUE(open(folder_.path("made")).has_value());  // recovery writes the log out to a table
    ASSERT_FALSE(files_ending(folder_.path("made"), ".sst").empty());
  }
};

TEST_F(RocksTableDamage, a_flipped_bit_anywhere_in_a_table_is_found) {
  const std::size_t size = fs::file_size(files_ending(folder_.path("made"), ".sst").back());
  for (std::size_t at = 0; at < size; at += size / 23) {
    const std::string directory = damaged_copy();
    const fs::path table = files_ending(directory, ".sst").back();
    flip_bit(table, at);
    const auto opened = open(directory);
    ASSERT_FALSE(opened.has_value()) << "byte " << at;
    EXPECT_EQ(opened.error().code, base::ErrorCode::internal);
    EXPECT_THAT(opened.error().message, HasSubstr(table.filename().string())) << "byte " << at;
  }
}

TEST_F(RocksTableDamage, a_damaged_table_beyond_the_first_check_is_reported_by_the_read_that_meets_it) {
  const std::string directory = damaged_copy();
  const fs::path table = files_ending(directory, ".sst").back();
  flip_bit(table, 100);
  auto opened = open_rocks({.directory = directory, .verify_bytes_max = 0});
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  const auto values = (*opened)->get({key(1, 'a')});
  ASSERT_FALSE(values.has_value());
  EXPECT_EQ(values.error().code, base::ErrorCode::internal);
  EXPECT_THAT(values.error().message, HasSubstr(table.filename().string() + " offset"));
}

TEST_F(RocksTableDamage, a_missing_table_is_named) {
  const std::string directory = damaged_copy();
  const fs::path table = files_ending(directory, ".sst").back();
  fs::remove(table);
  const auto opened = open(directory);
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().message, HasSubstr(table.stem().string()));
}

TEST_F(RocksTableDamage, every_flipped_bit_of_the_manifest_is_found) {
  const std::string directory = damaged_copy();
  const fs::path manifest = manifest_of(directory);
  const std::string intact = read_bytes(manifest);
  for (std::size_t at = 0; at < intact.size(); ++at) {
    flip_bit(manifest, at);
    const auto checked = check_manifest(directory);
    ASSERT_FALSE(checked.has_value()) << "byte " << at;
    EXPECT_THAT(checked.error().message, HasSubstr(manifest.string() + " at offset"));
    write_bytes(manifest, intact);
  }
}

TEST_F(RocksTableDamage, a_damaged_manifest_refuses_to_open) {
  const std::string directory = damaged_copy();
  flip_bit(manifest_of(directory), 40);
  expect_damage(directory, manifest_of(directory));
}

TEST_F(RocksTableDamage, a_damaged_or_missing_current_refuses_to_open) {
  std::string directory = damaged_copy();
  flip_bit(fs::path(directory) / "CURRENT", 12);
  expect_damage(directory, "CURRENT");
  directory = damaged_copy();
  fs::remove(fs::path(directory) / "CURRENT");
  const auto opened = open(directory);
  ASSERT_FALSE(opened.has_value()) << "a store without CURRENT would begin anew";
  EXPECT_THAT(opened.error().message, HasSubstr("CURRENT is missing"));
}

TEST_F(RocksTableDamage, a_damaged_or_missing_format_refuses_to_open) {
  const std::size_t size = fs::file_size(fs::path(folder_.path("made")) / "FORMAT");
  for (std::size_t at = 0; at < size; ++at) {
    const std::string directory = damaged_copy();
    flip_bit(fs::path(directory) / "FORMAT", at, 0);
    expect_damage(directory, "FORMAT");
  }
  const std::string directory = damaged_copy();
  fs::remove(fs::path(directory) / "FORMAT");
  const auto opened = open(directory);
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().message, HasSubstr("FORMAT is missing"));
}

TEST_F(RocksTableDamage, a_newer_format_is_refused_naming_both_numbers) {
  const std::string directory = damaged_copy();
  const std::string line = "orderwright store, format 7\n";
  char sum[24];
  std::snprintf(sum, sizeof sum, "crc32c %08x\n", crc32c(0, line));
  write_bytes(fs::path(directory) / "FORMAT", line + sum);
  const auto opened = open(directory);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, base::ErrorCode::unsupported);
  EXPECT_THAT(opened.error().message, testing::AllOf(HasSubstr("format 7"), HasSubstr("up to 1")));
}

}  // namespace
}  // namespace ow::engine
