// Where overlays come to lie in RocksDB: sorts of keys that ascend with time beside their elders, in the last level.
#include <gmock/gmock.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <map>

#include "contracts/key_value_pairs.h"
#include "rocks_place.h"

namespace ow::engine {
namespace {

namespace fs = std::filesystem;
using contracts::put;

constexpr int kBatches = 6;
constexpr std::size_t kKeysEach = 200;

class RocksTables : public testing::Test {
 protected:
  /// Each batch becomes an overlay of two sorts: one whose keys ascend, one whose keys come again and again.
  void fill(int batches = kBatches) {
    const auto store = open_journaled_at({.directory = directory_}, {.overlay_keys = 2 * kKeysEach});
    ASSERT_TRUE(store.has_value()) << store.error().message;
    for (int batch = 0; batch < batches; ++batch) {
      std::vector<platform::Change> changes;
      for (std::size_t i = 0; i < kKeysEach; ++i) {
        changes.push_back(put("lrising_" + std::to_string(1'000'000 + batch * 1000 + static_cast<int>(i)), value_));
        changes.push_back(put("ragain_" + std::to_string(1000 + i), value_));
      }
      std::ranges::sort(changes, {}, &platform::Change::key);
      const auto position = (*store)->append(changes);
      ASSERT_TRUE(position.has_value()) << position.error().message;
      ASSERT_TRUE((*store)->sync(*position).has_value());
    }
  }

  /// Tables by the letter their keys begin with, and by level.
  std::map<std::pair<char, int>, int> tables() const {
    rocksdb::DB* opened = nullptr;
    EXPECT_TRUE(rocksdb::DB::OpenForReadOnly(rocksdb::Options(), directory_, &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    std::vector<rocksdb::LiveFileMetaData> files;
    db->GetLiveFilesMetaData(&files);
    std::map<std::pair<char, int>, int> found;
    for (const auto& file : files) ++found[{file.smallestkey.front(), file.level}];
    return found;
  }

  TestFolder folder_;
  const std::string directory_ = folder_.path("store");
  const std::string value_ = std::string(2000, 'v');
};

TEST_F(RocksTables, a_sort_of_keys_that_ascends_lies_in_the_last_level_and_one_that_does_not_in_the_first) {
  fill();
  const auto found = tables();
  const int last = rocksdb::Options().num_levels - 1;
  EXPECT_EQ(found.contains({'l', 0}), false);
  EXPECT_EQ(found.at({'l', last}), kBatches);
  EXPECT_EQ(found.at({'r', 0}), kBatches - 1) << "the first found nothing below it";
}

// An order that a saga moves on is old, those accepted meanwhile are new, and both are of one sort.
TEST_F(RocksTables, what_changes_among_elders_does_not_take_what_is_new_into_the_first_level_with_it) {
  constexpr int kOld = 100, kNew = 200;
  const auto key = [](int number) { return "rorder#" + std::to_string(1'000'000 + number); };
  auto store = open_journaled_at({.directory = directory_}, {.overlay_keys = kOld + kNew});
  ASSERT_TRUE(store.has_value()) << store.error().message;
  for (int batch = 0; batch < kBatches; ++batch) {
    std::vector<platform::Change> changes;
    for (int i = 0; i < kOld; ++i) changes.push_back(put(key(i), value_));
    for (int i = 0; i < kNew; ++i) changes.push_back(put(key(1000 * (batch + 1) + i), value_));
    const auto position = (*store)->append(changes);
    ASSERT_TRUE(position.has_value()) << position.error().message;
    ASSERT_TRUE((*store)->sync(*position).has_value());
  }
  (*store).reset();
  const auto found = tables();
  EXPECT_EQ(found.at({'r', rocksdb::Options().num_levels - 1}), kBatches);
  EXPECT_EQ(found.at({'r', 0}), kBatches - 1) << "the old ones of each batch but the first";
}

TEST_F(RocksTables, a_draft_that_a_killed_process_left_is_removed_and_no_table_written_over) {
  fill();
  const auto tables = files_ending(directory_, ".sst");
  ASSERT_FALSE(tables.empty());
  const auto before = read_bytes(tables.front());
  const auto draft = fs::path(directory_) / "absorbed.0.draft";
  const auto beyond = fs::path(directory_) / "absorbed.77.draft";
  fs::create_hard_link(tables.front(), draft);
  write_bytes(beyond, "of a table");
  ASSERT_TRUE(open_journaled_at({.directory = directory_}, {}).has_value());
  EXPECT_FALSE(fs::exists(draft));
  EXPECT_FALSE(fs::exists(beyond));
  EXPECT_EQ(read_bytes(tables.front()), before);
}

// At its start RocksDB opens sixteen tables and the others when they are asked for; of one that is not open it
// answers, as long as it may not look at the disk, that the key is there, and gives no value.
TEST_F(RocksTables, a_table_that_is_not_open_yet_is_never_taken_for_an_empty_value) {
  constexpr int kMany = 20;
  fill(kMany);
  const auto store = open_journaled_at({.directory = directory_, .verify_bytes_max = 0}, {});
  ASSERT_TRUE(store.has_value()) << store.error().message;
  int unknown = 0;
  for (int batch = 0; batch < kMany; ++batch) {
    const std::vector<std::string> key{"lrising_" + std::to_string(1'000'000 + batch * 1000)};
    const auto quick = (*store)->get(key, platform::ReadTier::memory_only);
    unknown += quick ? 0 : 1;
    if (quick) EXPECT_EQ(quick->front(), value_) << key.front();
    const auto found = (*store)->get(key);
    ASSERT_TRUE(found.has_value()) << found.error().message;
    EXPECT_EQ(found->front(), value_) << key.front();
  }
  EXPECT_GT(unknown, 0) << "every table was open";
}

TEST_F(RocksTables, a_scan_passes_over_no_table_that_is_not_open_yet) {
  constexpr int kMany = 40;
  fill(kMany);
  const auto store = open_journaled_at({.directory = directory_, .verify_bytes_max = 0}, {});
  ASSERT_TRUE(store.has_value()) << store.error().message;
  const auto view = (*store)->view();
  const platform::KeyRange rising{"lrising_", "lrising`"};
  const auto count = [&](int at_most, platform::ReadTier tier) {
    int seen = 0;
    const auto visit = [&](std::string_view, std::string_view) { return ++seen < at_most; };
    const auto done = view->scan(rising, platform::ScanOrder::descending, visit, tier);
    return done ? seen : -1;
  };
  constexpr int kAll = kMany * static_cast<int>(kKeysEach);
  constexpr int kTwoTables = 2 * static_cast<int>(kKeysEach);
  EXPECT_EQ(count(kTwoTables, platform::ReadTier::any), kTwoTables);  // these are open and in memory now
  EXPECT_EQ(count(kAll + 1, platform::ReadTier::memory_only), -1)
      << "an iterator without the disk may pass over tables";
  EXPECT_EQ(count(kAll + 1, platform::ReadTier::any), kAll);
}

}  // namespace
}  // namespace ow::engine
