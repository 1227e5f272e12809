// See restore.h.
#include "app/restore.h"

#include <fmt/format.h>

#include <filesystem>

#include "app/embedded_node.h"
#include "app/event_rules.h"
#include "app/node_snapshots.h"
#include "engine/restored_life.h"
#include "local/files.h"
#include "local/snapshot_archive.h"
#include "notify/receipts/receipt.h"
#include "ops/background.h"
#include "ops/operator_action.h"
#include "platform/id_source.h"

namespace ow::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;

tl::unexpected<base::Error> failed(const std::string& what, const std::error_code& error) {
  return base::fail(ErrorCode::unavailable, "data_directory", fmt::format("Cannot {}: {}.", what, error.message()));
}

base::Result<void> prepare(const std::string& data) {
  std::error_code error;
  fs::create_directories(data, error);
  if (!error) fs::permissions(data, fs::perms::owner_all, error);
  const bool empty = !error && fs::is_empty(data, error);
  if (error) return failed("use the directory " + data, error);
  if (!empty) {
    return base::fail(ErrorCode::conflict, "data_not_empty",
                      fmt::format("{} is not empty. A restore never overwrites: give it a new directory.", data));
  }
  fs::create_directory(data + "/" + kRestoring, error);
  if (error) return failed("make a directory in " + data, error);
  return local::sync_directory(data);
}

base::Result<base::Instant> begin_life(const std::string& directory) {
  const local::SystemClock clock;
  const auto now = clock.now();
  auto key_value = engine::open_rocks({.directory = directory + "/store"});
  if (!key_value) return base::fail(key_value.error());
  const auto life = engine::begin_restored_life(**key_value, now);
  if (!life) return base::fail(life.error());
  return now;
}

base::Result<void> mark(const std::string& directory, const orders::Restoration& restoration) {
  auto node = EmbeddedNode::open(directory, std::make_unique<PlatformRules>());
  if (!node) return base::fail(node.error());
  return run_to_end(**node, mark_restored((*node)->engine().store(), restoration));
}

// The store last: it is what makes a data directory one.
base::Result<void> move_into_place(const std::string& data) {
  const auto from = data + "/" + kRestoring;
  std::error_code error;
  std::vector<std::string> names(std::begin(kSnapshotExtras), std::end(kSnapshotExtras));
  names.emplace_back("store");
  for (const auto& name : names) {
    if (!fs::exists(from + "/" + name)) continue;
    fs::rename(from + "/" + name, data + "/" + name, error);
    if (error) return failed("move " + name + " into place", error);
  }
  if (auto synced = local::sync_directory(data); !synced) return synced;
  fs::remove_all(from, error);
  if (error) return failed("remove " + from, error);
  return local::sync_directory(data);
}

}  // namespace

base::Result<orders::Restoration> restore_snapshot(const std::string& snapshot, const std::string& data) {
  const auto manifest = local::read_manifest(snapshot);  // refuses before anything is made
  if (!manifest) return base::fail(manifest.error());
  if (auto prepared = prepare(data); !prepared) return base::fail(prepared.error());
  const auto restoring = data + "/" + kRestoring;
  if (auto copied = local::copy_snapshot(snapshot, restoring); !copied) return base::fail(copied.error());
  const auto begun = begin_life(restoring);
  if (!begun) return base::fail(begun.error());
  const local::SystemClock clock;
  local::SystemRandom random;
  orders::Restoration restoration;
  restoration.id = platform::IdSource(clock, random).next("rst");
  restoration.snapshot = manifest->id;
  restoration.made = manifest->made;
  restoration.restored = *begun;
  if (auto marked = mark(restoring, restoration); !marked) return base::fail(marked.error());
  if (auto moved = move_into_place(data); !moved) return base::fail(moved.error());
  return restoration;
}

base::Task<base::Result<void>> mark_restored(platform::Store& store, orders::Restoration restoration) {
  const auto why = fmt::format("Restored from {} of {}.", restoration.snapshot, base::to_rfc3339(restoration.made));
  auto paused = co_await ops::pause_background_work(store, restoration.restored, "restore", why);
  if (!paused) co_return paused;
  auto commit = orders::put_restoration(restoration);
  commit.event(ops::operator_event({base::UserId("restore")}, restoration.restored,
                                   {.type = "operator.store-restored",
                                    .subject = restoration.id,
                                    .why = why,
                                    .details = base::Json::object({{"snapshotId", restoration.snapshot}})}));
  auto receipts = co_await notify::begin_receipt_life(store, restoration.restored);
  if (!receipts) co_return base::fail(receipts.error());
  commit.merge(std::move(*receipts));
  const auto marked = co_await store.commit(std::move(commit));
  if (!marked) co_return base::fail(marked.error());
  if (marked->committed()) co_return base::Result<void>();
  co_return base::fail(ErrorCode::conflict, "restore_marked", "The restore is marked already.");
}

}  // namespace ow::app
