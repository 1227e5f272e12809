// Contract of platform/key_value.h, run over every implementation. Included by one test file per binary,
// which instantiates KeyValueContract with one maker of a place per implementation.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "contracts/key_value_pairs.h"
#include "platform/key_value.h"

namespace ow::contracts {

using platform::ReadTier;

/// Where a store lives: it outlives every open of it.
class KeyValuePlace {
 public:
  virtual ~KeyValuePlace() = default;
  virtual base::Result<std::unique_ptr<KeyValue>> open() = 0;
  /// A directory that is not there yet, for checkpoint(), and a store opened from it.
  virtual std::string new_directory() = 0;
  virtual base::Result<std::unique_ptr<KeyValue>> open_at(const std::string& directory) = 0;
};

class KeyValueContract
    : public testing::TestWithParam<std::pair<std::string, std::function<std::unique_ptr<KeyValuePlace>()>>> {
 protected:
  void SetUp() override {
    place_ = GetParam().second();
    reopen();
  }

  void reopen() {
    store_.reset();
    auto opened = place_->open();
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(*opened);
  }

  void append(const std::vector<Change>& batch) {
    const auto position = store_->append(batch);
    ASSERT_TRUE(position.has_value()) << position.error().message;
    position_ = *position;
  }

  void sync() {
    const auto synced = store_->sync(position_);
    ASSERT_TRUE(synced.has_value()) << synced.error().message;
  }

  Pairs all() { return scan(*store_->view()); }

  std::unique_ptr<KeyValuePlace> place_;
  std::unique_ptr<KeyValue> store_;
  platform::LogPosition position_ = 0;
};

TEST_P(KeyValueContract, a_new_store_is_empty) {
  EXPECT_TRUE(all().empty());
  EXPECT_EQ(get(*store_, "a"), std::nullopt);
}

TEST_P(KeyValueContract, get_answers_per_key_in_order) {
  append({put("b", "2"), put("a", "1")});
  const auto values = store_->get({"a", "missing", "b", "a"});
  ASSERT_TRUE(values.has_value());
  EXPECT_EQ(*values, (std::vector<std::optional<std::string>>{"1", std::nullopt, "2", "1"}));
  EXPECT_TRUE(store_->get({})->empty());
}

TEST_P(KeyValueContract, keys_and_values_hold_any_bytes) {
  const std::string bytes("\0\xff\n\0", 4);
  append({put(bytes, bytes), put("empty", "")});
  EXPECT_EQ(get(*store_, bytes), bytes);
  EXPECT_EQ(get(*store_, "empty"), "");
}

TEST_P(KeyValueContract, an_append_is_visible_before_it_is_synced) {
  append({put("a", "1")});
  EXPECT_EQ(get(*store_, "a"), "1");
  EXPECT_EQ(all(), (Pairs{{"a", "1"}}));
}

TEST_P(KeyValueContract, the_last_change_of_a_key_in_a_batch_wins) {
  append({put("a", "1"), put("a", "2"), put("b", "1"), erase("b"), erase("c"), put("c", "1")});
  EXPECT_EQ(all(), (Pairs{{"a", "2"}, {"c", "1"}}));
}

TEST_P(KeyValueContract, positions_ascend_by_one) {
  append({put("a", "1")});
  const auto first = position_;
  append({erase("a")});
  EXPECT_EQ(position_, first + 1);
  append({});
  EXPECT_EQ(position_, first + 2);
  sync();
}

TEST_P(KeyValueContract, scan_is_in_order_of_unsigned_bytes) {
  append({put("b", "2"), put("\xff", "4"), put("a", "1"), put("\x7f", "3"), put("", "0")});
  EXPECT_EQ(all(), (Pairs{{"", "0"}, {"a", "1"}, {"b", "2"}, {"\x7f", "3"}, {"\xff", "4"}}));
}

TEST_P(KeyValueContract, scan_range_includes_from_and_excludes_to) {
  append({put("a", "1"), put("b", "2"), put("c", "3"), put("d", "4")});
  EXPECT_EQ(scan(*store_->view(), {"b", "d"}), (Pairs{{"b", "2"}, {"c", "3"}}));
  EXPECT_EQ(scan(*store_->view(), {"bb", ""}), (Pairs{{"c", "3"}, {"d", "4"}}));
  EXPECT_TRUE(scan(*store_->view(), {"b", "b"}).empty());
  EXPECT_TRUE(scan(*store_->view(), {"d", "b"}).empty());
}

TEST_P(KeyValueContract, scan_descending_is_the_reverse_of_ascending) {
  append({put("a", "1"), put("b", "2"), put("c", "3"), put("d", "4")});
  EXPECT_EQ(scan(*store_->view(), {"b", "d"}, ScanOrder::descending), (Pairs{{"c", "3"}, {"b", "2"}}));
  EXPECT_EQ(scan(*store_->view(), {"", ""}, ScanOrder::descending, 2), (Pairs{{"d", "4"}, {"c", "3"}}));
  EXPECT_TRUE(scan(*store_->view(), {"d", "b"}, ScanOrder::descending).empty());
}

TEST_P(KeyValueContract, scan_stops_when_the_visitor_says_so) {
  append({put("a", "1"), put("b", "2"), put("c", "3")});
  EXPECT_EQ(scan(*store_->view(), {}, ScanOrder::ascending, 1), (Pairs{{"a", "1"}}));
}

TEST_P(KeyValueContract, a_view_does_not_see_what_comes_after_it) {
  append({put("a", "1"), put("b", "1")});
  const auto before = store_->view();
  append({put("a", "2"), erase("b"), put("c", "2")});
  const auto between = store_->view();
  append({erase("a"), put("b", "3")});
  EXPECT_EQ(scan(*before), (Pairs{{"a", "1"}, {"b", "1"}}));
  EXPECT_EQ(scan(*between), (Pairs{{"a", "2"}, {"c", "2"}}));
  EXPECT_EQ(all(), (Pairs{{"b", "3"}, {"c", "2"}}));
}

TEST_P(KeyValueContract, a_view_does_not_see_a_later_erase_of_a_range) {
  append({put("a", "1"), put("b", "1")});
  const auto view = store_->view();
  ASSERT_TRUE(store_->erase_range({"a", "c"}).has_value());
  EXPECT_EQ(scan(*view), (Pairs{{"a", "1"}, {"b", "1"}}));
  EXPECT_TRUE(all().empty());
}

TEST_P(KeyValueContract, erase_range_takes_the_range_alone) {
  append({put("a", "1"), put("b", "2"), put("c", "3"), put("d", "4")});
  ASSERT_TRUE(store_->erase_range({"b", "d"}).has_value());
  EXPECT_EQ(all(), (Pairs{{"a", "1"}, {"d", "4"}}));
  ASSERT_TRUE(store_->erase_range({"b", ""}).has_value());
  EXPECT_EQ(all(), (Pairs{{"a", "1"}}));
  ASSERT_TRUE(store_->erase_range({"", ""}).has_value());
  EXPECT_TRUE(all().empty());
  ASSERT_TRUE(store_->erase_range({"", ""}).has_value());
  append({put("b", "5")});
  EXPECT_EQ(get(*store_, "b"), "5");
}

TEST_P(KeyValueContract, everything_is_there_after_a_reopen) {
  append({put("a", "1"), put("b", "2")});
  append({erase("b"), put("c", std::string(100'000, 'x'))});
  sync();
  append({put("d", "4")});
  ASSERT_TRUE(store_->erase_range({"a", "b"}).has_value());
  reopen();
  EXPECT_EQ(get(*store_, "a"), std::nullopt);
  EXPECT_EQ(get(*store_, "b"), std::nullopt);
  EXPECT_EQ(get(*store_, "c")->size(), 100'000U);
  EXPECT_EQ(get(*store_, "d"), "4");
}

TEST_P(KeyValueContract, it_survives_many_reopens_with_more_appends_in_each) {
  for (int round = 0; round < 6; ++round) {
    append({put("round" + std::to_string(round), "x"), put("last", std::to_string(round))});
    sync();
    reopen();
  }
  EXPECT_EQ(all().size(), 7U);
  EXPECT_EQ(get(*store_, "last"), "5");
}

TEST_P(KeyValueContract, a_second_open_is_refused_while_the_first_lives) {
  const auto second = place_->open();
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, base::ErrorCode::unavailable);
  EXPECT_NE(second.error().message.find("in use by another process"), std::string::npos);
  append({put("a", "1")});
  EXPECT_EQ(get(*store_, "a"), "1");
}

TEST_P(KeyValueContract, a_checkpoint_is_a_store_of_that_moment) {
  append({put("a", "1")});
  const std::string directory = place_->new_directory();
  ASSERT_TRUE(store_->checkpoint(directory).has_value());
  append({put("a", "2"), put("b", "2")});
  {
    auto copy = place_->open_at(directory);
    ASSERT_TRUE(copy.has_value()) << copy.error().message;
    EXPECT_EQ(scan(*(*copy)->view()), (Pairs{{"a", "1"}}));
    ASSERT_TRUE((*copy)->append({put("c", "3")}).has_value());
  }
  EXPECT_EQ(all(), (Pairs{{"a", "2"}, {"b", "2"}}));
  EXPECT_FALSE(store_->checkpoint(directory).has_value());
}

TEST_P(KeyValueContract, what_was_just_written_is_read_from_memory) {
  append({put("a", "1")});
  const auto values = store_->get({"a"}, ReadTier::memory_only);
  ASSERT_TRUE(values.has_value());
  EXPECT_EQ(values->at(0), "1");
}

}  // namespace ow::contracts
