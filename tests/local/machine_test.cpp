// The machine's clock, random generator, secrets and process figures.
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "local/machine.h"
#include "local/process_stats.h"

namespace ow::local {
namespace {

namespace fs = std::filesystem;

class FileSecretsTest : public testing::Test {
 protected:
  FileSecretsTest() : directory_(fs::temp_directory_path() / ("ow_secrets_" + std::to_string(SystemRandom().next()))) {}
  ~FileSecretsTest() override { fs::remove_all(directory_); }

  mode_t mode(const fs::path& path) {
    struct stat facts{};
    EXPECT_EQ(::stat(path.c_str(), &facts), 0);
    return facts.st_mode & 0777;
  }
  fs::path directory_;
};

TEST_F(FileSecretsTest, ASecretThatWasNeverPutIsAbsent) {
  FileSecrets secrets(directory_);
  const auto got = secrets.get("key");
  ASSERT_TRUE(got.has_value());
  EXPECT_FALSE(got->has_value());
}

TEST_F(FileSecretsTest, WhatWasPutIsReadByAnotherAndReplacedByTheNextPut) {
  const std::string bytes("a\0b\n", 4);
  ASSERT_TRUE(FileSecrets(directory_).put("key", bytes).has_value());
  EXPECT_EQ(FileSecrets(directory_).get("key").value(), bytes);
  ASSERT_TRUE(FileSecrets(directory_).put("key", "second").has_value());
  EXPECT_EQ(FileSecrets(directory_).get("key").value(), "second");
}

TEST_F(FileSecretsTest, OnlyTheOwnerMayRead) {
  fs::create_directory(directory_);
  fs::permissions(directory_, fs::perms::all);
  std::ofstream(directory_ / ".key") << "left by a process that died";
  fs::permissions(directory_ / ".key", fs::perms::all);
  ASSERT_TRUE(FileSecrets(directory_).put("key", "bytes").has_value());
  EXPECT_EQ(mode(directory_), 0700U);
  EXPECT_EQ(mode(directory_ / "key"), 0600U);
}

TEST_F(FileSecretsTest, ADirectoryThatCannotBeMadeIsAnErrorThatNamesIt) {
  FileSecrets secrets(directory_ / "missing" / "deeper");
  const auto put = secrets.put("key", "bytes");
  ASSERT_FALSE(put.has_value());
  EXPECT_NE(put.error().message.find("deeper"), std::string::npos);
}

TEST(SystemClock, TicksNeverGoBack) {
  const SystemClock clock;
  auto before = clock.ticks();
  for (int i = 0; i < 1000; ++i) {
    const auto now = clock.ticks();
    ASSERT_GE(now, before);
    before = now;
  }
}

TEST(SystemRandom, NumbersOfTwoThreadsAreAllDifferent) {
  SystemRandom random;
  std::set<std::uint64_t> here, there;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) there.insert(random.next());
  });
  for (int i = 0; i < 1000; ++i) here.insert(random.next());
  other.join();
  here.merge(there);
  EXPECT_EQ(here.size(), 2000U);
}

TEST(ProcessStats, ThisProcessUsesMemoryAndFiles) {
  const auto stats = read_process_stats();
  EXPECT_GT(stats.resident_bytes, 100'000U);
  EXPECT_GE(stats.open_files, 3U);
  EXPECT_GE(stats.threads, 1U);
  EXPECT_GE(stats.cpu.count(), 0);
}

}  // namespace
}  // namespace ow::local
