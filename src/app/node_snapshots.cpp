// See node_snapshots.h.
#include "app/node_snapshots.h"

#include <fmt/format.h>

#include <filesystem>

namespace ow::app {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using platform::Lane;
using platform::Snapshot;

constexpr std::size_t kKnownMax = 100;
constexpr auto kScheduleLook = 1min;

std::string checkpoint_of(const std::string& data) { return data + "/checkpoint.tmp"; }

void remove_tree(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

void show(Snapshot& snapshot, const local::SnapshotManifest& manifest) {
  snapshot.made = manifest.made;
  snapshot.note = manifest.note;
  snapshot.files = manifest.files.size();
  snapshot.bytes = manifest.bytes();
}

tl::unexpected<base::Error> missing(const std::string& id) {
  return base::fail(ErrorCode::not_found, "snapshot_not_found", fmt::format("There is no snapshot {}.", id));
}

}  // namespace

NodeSnapshots::NodeSnapshots(EmbeddedNode& node, std::string data, local::SnapshotArchive archive)
    : node_(node), data_(std::move(data)), archive_(std::move(archive)), ids_(node.clock(), node.random()) {}

base::Result<void> NodeSnapshots::refuse_if_busy() const {
  if (busy_.empty()) return {};
  return base::fail(ErrorCode::conflict, "snapshot_under_way",
                    fmt::format("Snapshot {} is being made or verified.", busy_));
}

base::Task<base::Result<std::string>> NodeSnapshots::begin(std::string note) {
  if (auto busy = refuse_if_busy(); !busy) co_return base::fail(busy.error());
  const auto id = ids_.next("snap");
  if (known_.size() >= kKnownMax) known_.erase(known_.begin());
  known_[id] = {.id = id,
                .state = Snapshot::State::making,
                .made = node_.clock().now(),
                .asked = node_.clock().now(),
                .note = std::move(note)};
  busy_ = id;
  node_.executor().spawn(make(id));
  co_return id;
}

base::Task<base::Result<local::SnapshotManifest>> NodeSnapshots::copy(local::SnapshotHead head) {
  const auto checkpoint = checkpoint_of(data_);
  co_await platform::offload(node_.executor(), Lane::backup, [&checkpoint] { remove_tree(checkpoint); });
  const auto taken = co_await node_.engine().checkpoint(checkpoint);
  if (!taken) co_return base::fail(taken.error());
  head.made = node_.clock().now();
  std::vector<local::SnapshotPart> parts{{"store", checkpoint}};
  for (const auto* extra : kSnapshotExtras) parts.push_back({extra, data_ + "/" + extra});
  base::Result<local::SnapshotManifest> written;
  const auto write = [this, &head, &parts, &written, &checkpoint] {
    written = archive_.write(head, parts);
    remove_tree(checkpoint);
  };
  co_await platform::offload(node_.executor(), Lane::backup, write);
  co_return written;
}

base::Task<base::Result<void>> NodeSnapshots::make_now(std::string note, base::Result<local::SnapshotManifest>& made) {
  made = co_await copy({ids_.next("snap"), {}, std::move(note)});
  if (!made) co_return base::fail(made.error());
  co_return base::Result<void>();
}

base::Task<void> NodeSnapshots::make(std::string id) {
  const auto before = node_.clock().ticks();
  const auto made = co_await copy({id, {}, known_[id].note});
  finish(known_[id], made);
  busy_.clear();
  const std::chrono::duration<double> took = node_.clock().ticks() - before;
  node_.metrics().histogram("ow_snapshot_seconds").observe(took.count());
}

void NodeSnapshots::finish(Snapshot& snapshot, const base::Result<local::SnapshotManifest>& made) {
  auto& metrics = node_.metrics();
  metrics.counter("ow_snapshots_total", {{"result", made ? "complete" : "failed"}}).add();
  if (!made) {
    snapshot.state = Snapshot::State::failed;
    snapshot.problem = made.error();
    metrics.log(platform::LogLevel::error, "snapshot_failed",
                {{"snapshot", snapshot.id}, {"reason", made.error().reason}, {"message", made.error().message}});
    return;
  }
  snapshot.state = Snapshot::State::complete;
  show(snapshot, *made);
  metrics.gauge("ow_snapshot_bytes").set(static_cast<double>(snapshot.bytes));
  metrics.gauge("ow_snapshot_newest_unix_seconds").set(static_cast<double>(made->made.us) / 1e6);
  metrics.log(platform::LogLevel::info, "snapshot_complete",
              {{"snapshot", snapshot.id},
               {"bytes", std::to_string(snapshot.bytes)},
               {"files", std::to_string(snapshot.files)}});
}

Snapshot NodeSnapshots::shown(const local::SnapshotArchive::Listed& listed) const {
  const auto known = known_.find(listed.id);
  Snapshot snapshot = known == known_.end() ? Snapshot{.id = listed.id} : known->second;
  if (listed.manifest) {
    show(snapshot, *listed.manifest);
  } else {
    snapshot.problem = listed.manifest.error();
  }
  return snapshot;
}

base::Task<base::Result<std::vector<local::SnapshotArchive::Listed>>> NodeSnapshots::listed() {
  base::Result<std::vector<local::SnapshotArchive::Listed>> found;
  co_await platform::offload(node_.executor(), Lane::read, [this, &found] { found = archive_.list(); });
  co_return found;
}

base::Task<base::Result<std::vector<Snapshot>>> NodeSnapshots::list() {
  const auto found = co_await listed();
  if (!found) co_return base::fail(found.error());
  std::map<std::string, Snapshot> all;
  for (const auto& [id, snapshot] : known_) {
    if (snapshot.state == Snapshot::State::making || snapshot.state == Snapshot::State::failed) all[id] = snapshot;
  }
  for (const auto& one : *found) all[one.id] = shown(one);
  std::vector<Snapshot> newest_first;
  for (auto one = all.rbegin(); one != all.rend(); ++one) newest_first.push_back(std::move(one->second));
  co_return newest_first;
}

base::Task<base::Result<Snapshot>> NodeSnapshots::find(std::string id) {
  auto all = co_await list();
  if (!all) co_return base::fail(all.error());
  for (auto& one : *all) {
    if (one.id == id) co_return std::move(one);
  }
  co_return missing(id);
}

base::Task<base::Result<void>> NodeSnapshots::verify(std::string id) {
  if (auto busy = refuse_if_busy(); !busy) co_return busy;
  auto found = co_await find(id);
  if (!found) co_return base::fail(found.error());
  if (found->state == Snapshot::State::failed) co_return missing(id);
  if (auto busy = refuse_if_busy(); !busy) co_return busy;  // meanwhile
  found->state = Snapshot::State::verifying;
  found->asked = node_.clock().now();
  known_[id] = std::move(*found);
  busy_ = id;
  node_.executor().spawn(check(id));
  co_return base::Result<void>();
}

base::Task<void> NodeSnapshots::check(std::string id) {
  base::Result<local::SnapshotManifest> verdict;
  const auto path = archive_.path_of(id);
  co_await platform::offload(node_.executor(), Lane::backup,
                             [&verdict, &path] { verdict = local::verify_snapshot(path); });
  auto& snapshot = known_[id];
  snapshot.state = Snapshot::State::complete;
  snapshot.verified = node_.clock().now();
  snapshot.problem = verdict ? std::nullopt : std::optional(verdict.error());
  busy_.clear();
  if (verdict) co_return;
  node_.metrics().log(platform::LogLevel::error, "snapshot_damaged",
                      {{"snapshot", id}, {"message", verdict.error().message}});
}

base::Task<void> NodeSnapshots::run_schedule(base::Duration every) {
  do {
    const auto found = co_await list();
    if (!found) continue;
    base::Instant newest{};
    for (const auto& one : *found) newest = std::max(newest, one.made);
    if (node_.clock().now() - newest >= every && busy_.empty()) static_cast<void>(co_await begin("scheduled"));
  } while (co_await node_.executor().sleep_until(node_.clock().ticks() + kScheduleLook));
}

}  // namespace ow::app
