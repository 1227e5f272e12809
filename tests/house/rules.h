// The rules of the repository. Each looks at one file and says what to change. Test thread only.
#pragma once

#include <vector>

#include "tests/house/rooms.h"
#include "tests/house/source_file.h"

namespace ow::house {

using Violations = std::vector<Violation>;

/// Arrows point down: a room includes what its line in CMakeLists.txt allows; sim/world sees the ports only.
Violations check_rooms(const SourceFile& file, const Rooms& rooms);

/// Boost, OpenSSL, RocksDB and argon2 are seen by few files, all named in rules_foreign.cpp.
Violations check_foreign_headers(const SourceFile& file);

/// Sizes of files and functions.
Violations check_sizes(const SourceFile& file);

/// No clock, randomness or sleep but through the ports.
Violations check_calls(const SourceFile& file);

/// No file or folder is called common, utils, helpers, misc, core or manager.
Violations check_names(const SourceFile& file);

/// Each file opens by saying what it is for.
Violations check_opening(const SourceFile& file);

/// No tabs, no trailing white space, one newline at the end.
Violations check_white_space(const SourceFile& file);

/// A decision record is numbered, titled by its number and says what lost.
Violations check_decision(const SourceFile& file);

}  // namespace ow::house
