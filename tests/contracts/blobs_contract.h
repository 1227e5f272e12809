// Contract of platform/blobs.h. A rig gives the port and runs its tasks to their end.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "platform/blobs.h"

namespace ow::contracts {

class BlobsRig {
 public:
  virtual ~BlobsRig() = default;
  virtual platform::Blobs& blobs() = 0;
  /// Runs a task to its end.
  virtual void run(base::Task<void> task) = 0;
  /// The same blobs in another process.
  virtual void open_again() = 0;
};

using MakeBlobs = std::function<std::unique_ptr<BlobsRig>()>;

class BlobsContract : public testing::TestWithParam<std::pair<const char*, MakeBlobs>> {
 protected:
  template <typename T>
  static base::Task<void> keep(base::Task<T> task, std::optional<T>& out) {
    out.emplace(co_await task);
  }
  template <typename T>
  T run(base::Task<T> task) {
    std::optional<T> out;
    rig_->run(keep(std::move(task), out));
    return std::move(*out);
  }
  base::Result<void> put(const std::string& name, const std::string& bytes) {
    return run(rig_->blobs().put(name, bytes));
  }
  std::optional<std::string> get(const std::string& name, platform::ByteRange range = {}) {
    return run(rig_->blobs().get(name, range)).value();
  }

  std::unique_ptr<BlobsRig> rig_ = GetParam().second();
};

TEST_P(BlobsContract, what_was_put_is_read_back_by_another_process) {
  const std::string bytes("a\0b\r\n\xff", 6);
  ASSERT_TRUE(put("receipts/2026/r-1.pdf", bytes));
  rig_->open_again();
  EXPECT_EQ(get("receipts/2026/r-1.pdf"), bytes);
  EXPECT_EQ(run(rig_->blobs().size("receipts/2026/r-1.pdf")).value(), 6U);
}

TEST_P(BlobsContract, what_was_never_put_is_absent) {
  EXPECT_EQ(get("a"), std::nullopt);
  EXPECT_EQ(get("a/b"), std::nullopt);
  EXPECT_EQ(run(rig_->blobs().size("a/b")).value(), std::nullopt);
  EXPECT_TRUE(run(rig_->blobs().erase("a/b")));
}

TEST_P(BlobsContract, a_blob_never_changes) {
  ASSERT_TRUE(put("a", "one"));
  EXPECT_TRUE(put("a", "one"));
  const auto other = put("a", "two");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, base::ErrorCode::conflict);
  EXPECT_EQ(get("a"), "one");
}

TEST_P(BlobsContract, an_empty_blob_is_one) {
  ASSERT_TRUE(put("empty", ""));
  EXPECT_EQ(get("empty"), "");
}

TEST_P(BlobsContract, a_range_is_cut_at_the_end) {
  ASSERT_TRUE(put("a", "0123456789"));
  EXPECT_EQ(get("a", {2, 3}), "234");
  EXPECT_EQ(get("a", {8, 100}), "89");
  EXPECT_EQ(get("a", {10, 1}), "");
  EXPECT_EQ(get("a", {UINT64_MAX, UINT64_MAX}), "");
}

TEST_P(BlobsContract, no_name_leads_out_of_its_place) {
  for (const std::string name : {"", "/", "a/", "/a", "a//b", "..", "a/../b", "a/..", ".a", "a/.b", "a b", "a\\b",
                                 "a\nb", "\xc3\xa4", "1/2/3/4/5/6/7/8/9"}) {
    const auto answer = put(name, "x");
    ASSERT_FALSE(answer) << name;
    EXPECT_EQ(answer.error().code, base::ErrorCode::malformed) << name;
    EXPECT_FALSE(run(rig_->blobs().get(name))) << name;
    EXPECT_FALSE(run(rig_->blobs().erase(name))) << name;
  }
  EXPECT_FALSE(put(std::string(201, 'a'), "x"));
  EXPECT_FALSE(put(std::string("a\0b", 3), "x"));
}

TEST_P(BlobsContract, names_are_listed_in_order_and_in_pages) {
  for (const auto* name : {"b/2", "a", "b/1", "c/x/y"}) ASSERT_TRUE(put(name, name));
  const auto all = run(rig_->blobs().list("", "", 10)).value();
  EXPECT_EQ(all.names, (std::vector<std::string>{"a", "b/1", "b/2", "c/x/y"}));
  EXPECT_FALSE(all.more);
  const auto first = run(rig_->blobs().list("b/", "", 1)).value();
  EXPECT_EQ(first.names, (std::vector<std::string>{"b/1"}));
  EXPECT_TRUE(first.more);
  const auto second = run(rig_->blobs().list("b/", "b/1", 1)).value();
  EXPECT_EQ(second.names, (std::vector<std::string>{"b/2"}));
  EXPECT_FALSE(second.more);
}

TEST_P(BlobsContract, an_erased_blob_is_gone_and_may_be_put_anew) {
  ASSERT_TRUE(put("a", "one"));
  EXPECT_TRUE(run(rig_->blobs().erase("a")));
  EXPECT_EQ(get("a"), std::nullopt);
  EXPECT_TRUE(put("a", "two"));
  EXPECT_EQ(get("a"), "two");
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(BlobsContract);

}  // namespace ow::contracts
