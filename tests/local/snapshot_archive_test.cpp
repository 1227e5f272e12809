// A directory of snapshots: complete or not there, checked to the byte, bounded. Test thread only.
#include "local/snapshot_archive.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace ow::local {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using testing::HasSubstr;

std::string snapshot_id(int number) { return "snap_" + std::string(25, '0') + std::to_string(number); }

class SnapshotArchiveTest : public testing::Test {
 protected:
  SnapshotArchiveTest() {
    std::string pattern = "/tmp/ow-snapshots-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    write("data/store/000001.sst", "table one");
    write("data/store/deep/CURRENT", "now");
    write("data/secrets/key", "secret");
  }
  ~SnapshotArchiveTest() override { fs::remove_all(root_); }

  std::string path(const std::string& name) const { return root_ + "/" + name; }
  void write(const std::string& name, const std::string& bytes) const {
    fs::create_directories(fs::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << bytes;
  }
  base::Result<SnapshotManifest> make(int number, std::size_t kept = 3) const {
    SnapshotArchive archive(path("snapshots"), kept);
    return archive.write(
        {snapshot_id(number), {number * 1'000'000}, "why"},
        {{"store", path("data/store")}, {"secrets", path("data/secrets")}, {"blobs", path("data/blobs")}});
  }
  std::string snapshot(int number) const { return path("snapshots/" + snapshot_id(number)); }
  std::size_t listed() const { return SnapshotArchive(path("snapshots"), 3).list()->size(); }

  std::string root_;
};

TEST_F(SnapshotArchiveTest, holds_every_file_with_its_digest) {
  const auto made = make(1);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  ASSERT_EQ(made->files.size(), 3U);
  EXPECT_EQ(made->files[0].path, "secrets/key");
  EXPECT_EQ(made->bytes(), 9U + 3U + 6U);
  EXPECT_TRUE(verify_snapshot(snapshot(1)).has_value());
  // What sha256sum(1) says of the manifest.
  EXPECT_EQ(std::system(("cd " + snapshot(1) + " && sha256sum --quiet -c manifest.json.sha256").c_str()), 0);
}

TEST_F(SnapshotArchiveTest, leaves_out_a_file_that_is_still_being_written) {
  write("data/blobs/receipts/ab/whole", "%PDF");
  write("data/blobs/receipts/ab/.half", "%P");
  const auto made = make(1);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  ASSERT_EQ(made->files.size(), 4U);
  EXPECT_EQ(made->files[0].path, "blobs/receipts/ab/whole");
}

TEST_F(SnapshotArchiveTest, one_changed_bit_is_found_by_file) {
  ASSERT_TRUE(make(1).has_value());
  std::ofstream(snapshot(1) + "/store/000001.sst", std::ios::binary) << "table ond";
  const auto verdict = verify_snapshot(snapshot(1));
  ASSERT_FALSE(verdict.has_value());
  EXPECT_EQ(verdict.error().reason, "snapshot_damaged");
  EXPECT_THAT(verdict.error().message, HasSubstr("store/000001.sst"));
  fs::create_directory(path("target"));
  EXPECT_EQ(copy_snapshot(snapshot(1), path("target")).error().reason, "snapshot_damaged");
}

TEST_F(SnapshotArchiveTest, a_missing_file_and_a_changed_manifest_are_found) {
  ASSERT_TRUE(make(1).has_value());
  fs::remove(snapshot(1) + "/secrets/key");
  EXPECT_THAT(verify_snapshot(snapshot(1)).error().message, HasSubstr("secrets/key"));
  std::ofstream(snapshot(1) + "/manifest.json", std::ios::app) << " ";
  EXPECT_THAT(verify_snapshot(snapshot(1)).error().message, HasSubstr("manifest.json"));
  ASSERT_EQ(listed(), 1U);
  EXPECT_FALSE(SnapshotArchive(path("snapshots"), 3).list()->front().manifest.has_value());
}

TEST_F(SnapshotArchiveTest, a_newer_format_is_refused_by_both_numbers) {
  write("newer/manifest.json", R"({"format":2})");
  write("newer/manifest.json.sha256", "whatever");
  const auto verdict = verify_snapshot(path("newer"));
  EXPECT_EQ(verdict.error().code, ErrorCode::unsupported);
  EXPECT_THAT(verdict.error().message, HasSubstr("format 2"));
}

TEST_F(SnapshotArchiveTest, a_directory_without_a_manifest_is_no_snapshot) {
  EXPECT_EQ(verify_snapshot(path("data")).error().code, ErrorCode::not_found);
}

TEST_F(SnapshotArchiveTest, what_died_half_way_is_not_listed_and_cleaned_up) {
  write("snapshots/.making-" + snapshot_id(8) + "/store/000001.sst", "half");
  EXPECT_EQ(listed(), 0U);
  ASSERT_TRUE(make(1).has_value());
  EXPECT_EQ(listed(), 1U);
  EXPECT_FALSE(fs::exists(path("snapshots/.making-" + snapshot_id(8))));
}

TEST_F(SnapshotArchiveTest, the_oldest_go_and_the_same_bytes_are_kept_once) {
  for (int number = 1; number <= 5; ++number) {
    write("data/store/LOG", std::to_string(number));
    ASSERT_TRUE(make(number).has_value());
  }
  EXPECT_EQ(listed(), 3U);
  EXPECT_FALSE(fs::exists(snapshot(2)));
  EXPECT_EQ(fs::hard_link_count(snapshot(5) + "/store/000001.sst"), 3U);
  EXPECT_EQ(fs::hard_link_count(snapshot(5) + "/store/LOG"), 1U);
  for (int number = 3; number <= 5; ++number) EXPECT_TRUE(verify_snapshot(snapshot(number)).has_value());
}

TEST_F(SnapshotArchiveTest, a_second_writer_is_refused) {
  fs::create_directory(path("snapshots"));
  const auto held = FileLock::take(path("snapshots/.lock"));
  ASSERT_TRUE(held.has_value());
  EXPECT_EQ(make(1).error().code, ErrorCode::conflict);
}

TEST_F(SnapshotArchiveTest, a_copy_is_the_same_and_shares_nothing) {
  ASSERT_TRUE(make(1).has_value());
  fs::create_directory(path("target"));
  ASSERT_TRUE(copy_snapshot(snapshot(1), path("target")).has_value());
  EXPECT_EQ(read_whole_file(path("target/store/deep/CURRENT")).value(), "now");
  EXPECT_EQ(fs::hard_link_count(path("target/store/000001.sst")), 1U);
}

}  // namespace
}  // namespace ow::local
