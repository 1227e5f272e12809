// Restoring a snapshot into an empty data directory: offline, whole or not at all. Main thread.
#pragma once

#include <string>

#include "base/result.h"
#include "base/task.h"
#include "orders/restoration.h"
#include "platform/store.h"

namespace ow::app {

/// Copies the snapshot (a directory) into `data`, comparing every checksum, begins a new life there and leaves
/// background work paused. Errors: conflict `data_not_empty`, those of copy_snapshot() and of opening a store;
/// then `data` must be emptied before another try.
base::Result<orders::Restoration> restore_snapshot(const std::string& snapshot, const std::string& data);

/// What a restored store must know before it runs: the restore itself, and that background work is paused.
base::Task<base::Result<void>> mark_restored(platform::Store& store, orders::Restoration restoration);

}  // namespace ow::app
