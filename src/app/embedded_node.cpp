// See embedded_node.h.
#include "app/embedded_node.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "local/posix_log_disk.h"

namespace ow::app {
namespace {

constexpr int kExitFailStop = 70;  // EX_SOFTWARE

// One write(2) a line: lines of several threads never mix.
void write_log_line(std::string_view line) {
  const std::string text = std::string(line) + '\n';
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

[[noreturn]] void fail_stop(const base::Error& cause) {
  write_log_line(
      fmt::format("orderwright: the store can no longer promise durability and stops: {} (OW-1001)", cause.message));
  ::_exit(kExitFailStop);
}

base::Result<void> make_directory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!error) std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  if (!error) return {};
  return base::fail(base::ErrorCode::unavailable, "data_directory",
                    fmt::format("cannot use the directory {}: {}", directory, error.message()));
}

base::Result<void> check_not_restoring(const std::string& directory) {
  std::error_code ignored;
  if (!std::filesystem::exists(directory + "/" + kRestoring, ignored)) return {};
  return base::fail(base::ErrorCode::conflict, "restore_interrupted",
                    fmt::format("A restore into {} did not end. Empty the directory and restore again.", directory));
}

base::Task<void> run_then_shut_down(EmbeddedNode& node, base::Task<base::Result<void>> task,
                                    base::Result<void>& result) {
  result = co_await task;
  co_await node.shut_down();
}

}  // namespace

EmbeddedNode::EmbeddedNode() : metrics_(clock_, write_log_line) {}

base::Result<std::unique_ptr<EmbeddedNode>> EmbeddedNode::open(const std::string& directory,
                                                               std::unique_ptr<platform::EventRules> rules,
                                                               base::Duration dead_letters_kept) {
  if (auto whole = check_not_restoring(directory); !whole) return base::fail(whole.error());
  if (auto made = make_directory(directory); !made) return base::fail(made.error());
  std::unique_ptr<EmbeddedNode> node(new EmbeddedNode());
  node->rules_ = std::move(rules);
  const auto notice = [&metrics = node->metrics_](std::string_view sentence) {
    metrics.log(platform::LogLevel::warning, "storage_recovered", {{"notice", std::string(sentence)}});
  };
  const auto expired = [&clock = node->clock_, &metrics = node->metrics_](std::string_view key,
                                                                          std::string_view value) {
    if (!engine::expired(key, value, clock.now())) return false;
    const auto kind = engine::expired_kind(key, value);
    if (!kind.empty()) metrics.counter("ow_pruned_total", {{"kind", kind}}).add();
    return true;
  };
  auto log_disk = local::open_log_disk(directory + "/store/journal");
  if (!log_disk) return base::fail(log_disk.error());
  const auto background = [&lane = node->drain_lane_](platform::Job job) { lane.submit(std::move(job)); };
  auto key_value =
      engine::open_journaled_rocks({.directory = directory + "/store", .expired = expired, .notice = notice},
                                   std::move(*log_disk), {.background = background});
  if (!key_value) return base::fail(key_value.error());
  node->key_value_ = std::move(*key_value);
  auto opened = engine::EmbeddedEngine::open(
      {*node->key_value_, node->executor_, node->clock_, node->random_, *node->rules_, node->metrics_},
      {.fail_stop = fail_stop, .dead_letters_kept = dead_letters_kept});
  if (!opened) return base::fail(opened.error());
  node->engine_ = std::move(*opened);
  node->executor_.spawn(node->engine_->run_timers());
  return node;
}

base::Task<void> EmbeddedNode::shut_down() {
  executor_.request_stop();
  co_await engine_->close();
}

base::Result<void> run_to_end(EmbeddedNode& node, base::Task<base::Result<void>> task) {
  base::Result<void> result;
  node.executor().spawn(run_then_shut_down(node, std::move(task), result));
  node.executor().run();
  return result;
}

}  // namespace ow::app
