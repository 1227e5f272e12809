// The repository as a list of texts, and what a rule says about one. Test thread only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ow::house {

struct SourceFile {
  std::string path;  // relative to the repository, with '/'
  std::string text;
};

/// Something to change: where, what is wrong and what to do.
struct Violation {
  std::string path;
  int line = 1;
  std::string what;
};

/// "path:line: what", as editors read it.
std::string text_of(const Violation& violation);

/// Every text that people write, in order of path; nothing that was built, no binary.
std::vector<SourceFile> read_repository(const std::string& root);

bool is_cpp(const SourceFile& file);     // .cpp or .h
bool is_header(const SourceFile& file);  // .h
/// First folder of the path below `src/`, or nothing.
std::string_view room_of(const SourceFile& file);

std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace ow::house
