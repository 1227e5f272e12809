// Snapshots of an embedded node into a directory of this machine: the store at one instant, and what lies beside
// it in the data directory. Loop thread; copying and reading on the backup lane.
#pragma once

#include <map>
#include <string>

#include "app/embedded_node.h"
#include "local/snapshot_archive.h"
#include "platform/id_source.h"
#include "platform/snapshots.h"

namespace ow::app {

/// What a snapshot holds of a data directory, beside the store. Written once under each name, or whole at once,
/// so copying them after the store is a state that was.
inline constexpr const char* kSnapshotExtras[] = {"secrets", "blobs"};

class NodeSnapshots final : public platform::Snapshots {
 public:
  NodeSnapshots(EmbeddedNode& node, std::string data, local::SnapshotArchive archive);

  base::Task<base::Result<std::string>> begin(std::string note) override;
  base::Task<base::Result<std::vector<platform::Snapshot>>> list() override;
  base::Task<base::Result<platform::Snapshot>> find(std::string id) override;
  base::Task<base::Result<void>> verify(std::string id) override;

  /// One from start to end, for offline commands.
  base::Task<base::Result<void>> make_now(std::string note, base::Result<local::SnapshotManifest>& made);

  /// Begins one each time so much has passed since the newest; spawn it.
  base::Task<void> run_schedule(base::Duration every);

 private:
  base::Task<void> make(std::string id);
  base::Task<base::Result<local::SnapshotManifest>> copy(local::SnapshotHead head);
  base::Task<void> check(std::string id);
  base::Task<base::Result<std::vector<local::SnapshotArchive::Listed>>> listed();
  void finish(platform::Snapshot& snapshot, const base::Result<local::SnapshotManifest>& made);
  base::Result<void> refuse_if_busy() const;
  platform::Snapshot shown(const local::SnapshotArchive::Listed& listed) const;

  EmbeddedNode& node_;
  std::string data_;
  local::SnapshotArchive archive_;
  platform::IdSource ids_;
  std::string busy_;  // id of the one that is being made or verified
  /// What the directory does not tell: those under way, failed, verified since the start.
  std::map<std::string, platform::Snapshot> known_;
};

}  // namespace ow::app
