// A process killed at random times loses nothing that was synced, and keeps a prefix of the rest. The killed
// process is this program started again (a bare fork would lack RocksDB's threads); it appends and reports
// each sync through a pipe.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "contracts/key_value_pairs.h"
#include "engine/rocks/key_value.h"
#include "local/lane_thread.h"
#include "rocks_place.h"

namespace ow::engine {
namespace {

using contracts::put;
using platform::KeyValue;

constexpr int kKeysPerBatch = 3;

std::string key(int batch, int part) { return "k" + std::to_string(1'000'000 + batch) + std::to_string(part); }

std::vector<platform::Change> batch_of(int number) {
  std::vector<platform::Change> batch;
  for (int part = 0; part < kKeysPerBatch; ++part) batch.push_back(put(key(number, part), std::string(200, 'v')));
  return batch;
}

/// RocksDB alone, or below a journal, as the directory's name says.
base::Result<std::unique_ptr<KeyValue>> open_store(const std::string& directory,
                                                   std::function<void(std::string_view)> notice,
                                                   std::function<void(platform::Job)> background = {}) {
  RocksOptions rocks{.directory = directory, .write_buffer_bytes = 64 << 10, .notice = std::move(notice)};
  if (!directory.ends_with("journaled")) return open_rocks(std::move(rocks));
  return open_journaled_at(std::move(rocks),
                           {.segment_bytes = 256 << 10, .overlay_keys = 100, .background = std::move(background)});
}

/// Appends from `first` on until it is killed; one number per sync goes into the pipe. Syncs every
/// `appends_per_sync`-th append.
[[noreturn]] void append_until_killed(const std::string& directory, int pipe, int first, int appends_per_sync) {
  local::LaneThread lane;
  auto store = open_store(directory, {}, [&lane](platform::Job job) { lane.submit(std::move(job)); });
  for (int number = first; store; ++number) {
    const auto position = (*store)->append(batch_of(number));
    if (!position) break;
    if (number % appends_per_sync != 0) continue;
    if (!(*store)->sync(*position)) break;
    if (::write(pipe, &number, sizeof number) != sizeof number) break;
  }
  ::_exit(1);
}

constexpr const char* kAppenderVariable = "OW_ROCKS_APPENDER";

/// Turns the started program into the appender before any test runs.
class Appender final : public testing::Environment {
 public:
  void SetUp() override {
    const char* order = std::getenv(kAppenderVariable);
    if (order == nullptr) return;
    std::istringstream words(order);
    std::string directory;
    int pipe = -1;
    int first = 0;
    int appends_per_sync = 1;
    words >> directory >> pipe >> first >> appends_per_sync;
    append_until_killed(directory, pipe, first, appends_per_sync);
  }
};

const auto* const kAppender = testing::AddGlobalTestEnvironment(new Appender);

pid_t start_appender(const std::string& directory, int pipe, int first, int appends_per_sync) {
  std::ostringstream order;
  order << kAppenderVariable << "=" << directory << " " << pipe << " " << first << " " << appends_per_sync;
  std::string program = "/proc/self/exe";
  std::string filter = "--gtest_filter=RocksCrash.*";
  std::string variable = order.str();
  char* arguments[] = {program.data(), filter.data(), nullptr};
  char* environment[] = {variable.data(), nullptr};
  posix_spawn_file_actions_t quiet;
  ::posix_spawn_file_actions_init(&quiet);
  ::posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  EXPECT_EQ(::posix_spawn(&child, program.c_str(), &quiet, nullptr, arguments, environment), 0);
  ::posix_spawn_file_actions_destroy(&quiet);
  return child;
}

/// Runs one life and kills it after `syncs` syncs; the last number that was acknowledged.
int one_life(const std::string& directory, int first, int appends_per_sync, int syncs) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  ::fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  const pid_t child = start_appender(directory, ends[1], first, appends_per_sync);
  ::close(ends[1]);
  int acknowledged = first - 1;
  for (int i = 0; i < syncs; ++i) {
    int number = 0;
    if (::read(ends[0], &number, sizeof number) != sizeof number) break;
    acknowledged = number;
  }
  ::kill(child, SIGKILL);
  int number = 0;
  while (::read(ends[0], &number, sizeof number) == sizeof number) acknowledged = number;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the appending process ended by itself";
  return acknowledged;
}

/// The number of whole batches; they must be a prefix.
int whole_batches(const KeyValue& store) {
  const auto pairs = contracts::scan(*store.view(), {}, platform::ScanOrder::ascending, 1'000'000);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    EXPECT_EQ(pairs[i].first, key(static_cast<int>(i) / kKeysPerBatch, static_cast<int>(i) % kKeysPerBatch));
  }
  EXPECT_EQ(pairs.size() % kKeysPerBatch, 0U);
  return static_cast<int>(pairs.size()) / kKeysPerBatch;
}

void lives_end_in_a_prefix(const std::string& kind, int appends_per_sync) {
  const TestFolder folder;
  const std::string directory = folder.path(kind);
  int first = 0;
  for (int life = 0; life < 12; ++life) {
    const int acknowledged = one_life(directory, first, appends_per_sync, 1 + life * 37 % 101);
    std::vector<std::string> notices;
    auto store = open_store(directory, [&](std::string_view sentence) { notices.emplace_back(sentence); });
    ASSERT_TRUE(store.has_value()) << store.error().message;
    const int whole = whole_batches(**store);
    EXPECT_GE(whole, acknowledged + 1) << "a synced append is lost";
    EXPECT_LE(notices.size(), 1U);
    first = whole;
  }
  EXPECT_GT(first, 12);
}

TEST(RocksCrash, a_killed_process_keeps_all_it_synced) { lives_end_in_a_prefix("rocks", 1); }

TEST(RocksCrash, a_killed_process_keeps_a_prefix_of_what_it_did_not_sync) { lives_end_in_a_prefix("rocks", 5); }

TEST(RocksCrash, a_killed_process_keeps_all_it_synced_in_a_journal) { lives_end_in_a_prefix("journaled", 1); }

TEST(RocksCrash, a_killed_process_keeps_all_that_its_journal_was_told) { lives_end_in_a_prefix("journaled", 5); }

}  // namespace
}  // namespace ow::engine
