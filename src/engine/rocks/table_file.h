// Whole sorted tables written aside and taken into RocksDB at once, past its memtable and log. One thread at
// a time for a store.
#pragma once

#include <rocksdb/db.h>

#include <span>
#include <string>

#include "engine/journal/tables.h"

namespace ow::engine {

/// Writes the changes as tables in `directory`, that of the store, and takes in all of them or none; durable
/// before it returns. Each sort of keys of which there are many has a table of its own, so one whose keys
/// ascend with time lies beside its elders and neither compaction nor a look-up of a new key touches those.
/// Waits while compaction is far behind.
rocksdb::Status take_in(rocksdb::DB& db, const std::string& directory, std::span<const TableChange> changes);

/// Removes what a process that was killed left behind, before the first take_in().
void remove_drafts(const std::string& directory);

}  // namespace ow::engine
