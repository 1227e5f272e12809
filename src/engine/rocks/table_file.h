// A whole sorted table written aside and taken into RocksDB at once, past its memtable and log. One thread at
// a time for a store.
#pragma once

#include <rocksdb/db.h>

#include <span>
#include <string>

#include "engine/journal/tables.h"

namespace ow::engine {

/// Writes the changes as a table at `path`, in the directory of the store, and takes it in; durable before it
/// returns. Waits while compaction is far behind. After an error nothing was taken in.
rocksdb::Status take_in(rocksdb::DB& db, const std::string& path, std::span<const TableChange> changes);

}  // namespace ow::engine
