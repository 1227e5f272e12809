// Damage of the journal refuses to open and names file and offset; a torn tail is dropped with a notice.
#include <gmock/gmock.h>

#include <algorithm>

#include "contracts/key_value_pairs.h"
#include "engine/crc32c.h"
#include "harness/journaled_memory.h"

namespace ow::engine {
namespace {

using base::ErrorCode;
using contracts::get;
using contracts::put;
using platform::KeyValue;
using testing::HasSubstr;

constexpr int kBatches = 10;
constexpr std::uint64_t kSegment = 20 << 10;

std::string key(int batch) { return "key" + std::to_string(1000 + batch); }

class JournalDamage : public testing::Test {
 protected:
  base::Result<std::unique_ptr<KeyValue>> open() {
    notices_.clear();
    return tests::open_journaled_memory(disk_, {.segment_bytes = kSegment, .notice = [this](std::string_view sentence) {
                                                  notices_.emplace_back(sentence);
                                                }});
  }

  /// Batches 0 to kBatches, each synced, over several segments; the process is killed or ends in order.
  void make_store(bool killed, std::size_t value_bytes = 2500) {
    auto store = std::move(open().value());
    for (int i = 0; i < kBatches; ++i) {
      const auto position = store->append({put(key(i), std::string(value_bytes, static_cast<char>('a' + i)))});
      ASSERT_TRUE(position.has_value());
      ASSERT_TRUE(store->sync(*position).has_value());
    }
    if (killed) disk_.power_off();
    store.reset();
    disk_.crash_keeping(disk_.unsynced());
    remember();
  }

  /// The bytes of all segments, to be put back.
  void remember() {
    intact_.clear();
    sim::SimLogDisk log(disk_);
    const auto names = log.names();
    for (const auto& name : *names) intact_.emplace_back(name, *log.bytes(name));
  }

  void restore() {
    sim::SimLogDisk log(disk_);
    const auto names = log.names();
    for (const auto& name : *names) static_cast<void>(log.remove(name));
    for (const auto& [name, bytes] : intact_) {
      ASSERT_TRUE(log.create(name, bytes.size()).has_value());
      *log.bytes(name) = bytes;
    }
  }

  void flip(const std::string& name, std::size_t at, int bit = 2) {
    char& byte = sim::SimLogDisk(disk_).bytes(name)->at(at);
    byte = static_cast<char>(byte ^ (1 << bit));
  }

  /// Closes without writing, as a kill does.
  void kill(std::unique_ptr<KeyValue> store) {
    disk_.power_off();
    store.reset();
    disk_.crash_keeping(disk_.unsynced());
  }

  /// The segment that holds a batch, and where.
  std::pair<std::string*, std::size_t> place_of(int batch) {
    sim::SimLogDisk log(disk_);
    for (const auto& [name, bytes] : intact_) {
      const std::size_t at = bytes.find(key(batch));
      if (at != std::string::npos) return {log.bytes(name), at};
    }
    return {};
  }

  static int whole_batches(const KeyValue& store) {
    const auto pairs = contracts::scan(*store.view());
    for (std::size_t i = 0; i < pairs.size(); ++i) EXPECT_EQ(pairs[i].first, key(static_cast<int>(i)));
    return static_cast<int>(pairs.size());
  }

  /// Flips one bit after the other; gives how often the store refused to open.
  int flip_everywhere(int kept_min) {
    int refused = 0;
    for (const auto& [name, bytes] : intact_) {
      for (std::size_t at = 0; at < bytes.size(); at += 1 + at % 37) {
        flip(name, at, static_cast<int>(at % 8));
        auto opened = open();
        if (!opened) {
          ++refused;
          EXPECT_EQ(opened.error().code, ErrorCode::internal);
          EXPECT_THAT(opened.error().message, HasSubstr("Damage in file journal/0000")) << name << " " << at;
        } else {
          const int whole = whole_batches(**opened);
          EXPECT_GE(whole, kept_min) << name << " " << at;
          if (whole < kBatches) EXPECT_EQ(notices_.size(), 1U);
          kill(std::move(*opened));
        }
        restore();
        if (HasFailure()) return refused;
      }
    }
    return refused;
  }

  sim::MemoryDisk disk_;
  std::vector<std::string> notices_;
  std::vector<std::pair<std::string, std::string>> intact_;
};

TEST_F(JournalDamage, an_intact_journal_opens_without_a_notice) {
  for (const bool killed : {false, true}) {
    disk_ = sim::MemoryDisk();
    make_store(killed);
    auto opened = open();
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    EXPECT_EQ(whole_batches(**opened), kBatches);
    EXPECT_TRUE(notices_.empty());
  }
}

TEST_F(JournalDamage, after_an_end_in_order_no_flipped_bit_loses_anything_unseen) {
  make_store(false);
  EXPECT_GT(flip_everywhere(kBatches), 1000);
}

TEST_F(JournalDamage, after_a_kill_a_flipped_bit_loses_at_most_the_last_group_and_says_so) {
  make_store(true);
  EXPECT_GT(flip_everywhere(kBatches - 1), 1000);
}

TEST_F(JournalDamage, damage_is_named_with_file_and_offset_and_nothing_is_changed) {
  make_store(true);
  flip("000001.journal", 8192 + 100);
  const std::string before = *sim::SimLogDisk(disk_).bytes("000002.journal");
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto opened = open();
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().message, "Damage in file journal/000001.journal at offset 8192.");
  }
  EXPECT_EQ(*sim::SimLogDisk(disk_).bytes("000002.journal"), before);
}

TEST_F(JournalDamage, a_missing_segment_under_later_ones_is_damage) {
  make_store(false);
  for (const char* name : {"000001.journal", "000002.journal"}) {
    ASSERT_TRUE(sim::SimLogDisk(disk_).remove(name).has_value());
    const auto opened = open();
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().reason, "storage_damaged");
    restore();
  }
  const auto names = sim::SimLogDisk(disk_).names();
  for (const auto& name : *names) {
    ASSERT_TRUE(sim::SimLogDisk(disk_).remove(name).has_value());
  }
  ASSERT_FALSE(open().has_value()) << "a journal without segments would begin anew";
}

TEST_F(JournalDamage, a_zeroed_tail_is_dropped) {
  make_store(true, 200);
  const auto [bytes, at] = place_of(kBatches - 1);
  std::fill(bytes->begin() + static_cast<std::ptrdiff_t>(at / 4096 * 4096), bytes->end(), '\0');
  auto opened = open();
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  EXPECT_EQ(whole_batches(**opened), kBatches - 1);
}

TEST_F(JournalDamage, a_torn_tail_is_announced_once_and_never_comes_back) {
  make_store(true, 200);
  const auto [bytes, at] = place_of(kBatches - 1);
  bytes->at(at + 20) = '!';
  for (const std::size_t expected : {1U, 0U}) {
    auto opened = open();
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    EXPECT_EQ(whole_batches(**opened), kBatches - 1);
    EXPECT_EQ(notices_.size(), expected);
    if (expected == 1) EXPECT_THAT(notices_[0], HasSubstr(".journal at offset "));
    kill(std::move(*opened));
  }
}

TEST_F(JournalDamage, a_newer_format_is_refused_naming_both_numbers) {
  make_store(false);
  auto& bytes = *sim::SimLogDisk(disk_).bytes("000001.journal");
  bytes[12] = 9;
  const std::uint32_t sum = crc32c(0, std::string_view(bytes).substr(12, 4096 - 12));
  bytes.replace(8, sizeof sum, reinterpret_cast<const char*>(&sum), sizeof sum);
  const auto opened = open();
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::unsupported);
  EXPECT_EQ(opened.error().reason, "storage_format_newer");
  EXPECT_THAT(opened.error().message, testing::AllOf(HasSubstr("format 9"), HasSubstr("up to 1")));
}

}  // namespace
}  // namespace ow::engine
