// See rules.h: rooms, sizes, names and the look of a file.
#include "tests/house/rules.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "tests/house/cpp_text.h"

namespace ow::house {
namespace {

constexpr std::size_t kFileLinesMax = 800;
constexpr std::size_t kHeaderLinesMax = 150;
constexpr int kFunctionLinesMax = 70;
constexpr int kTestLinesMax = 60;

constexpr std::array<std::string_view, 8> kBannedNames = {"common",  "util", "utils", "helper",
                                                          "helpers", "misc", "core",  "manager"};

std::string_view folder_of(std::string_view path) { return path.substr(0, path.find('/')); }

bool is_cmake(const SourceFile& file) { return file.path.ends_with("CMakeLists.txt") || file.path.ends_with(".cmake"); }

bool is_binary(const SourceFile& file) { return file.text.find('\0') != std::string::npos; }

std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0)
      words.emplace_back();
    else
      words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return words;
}

}  // namespace

Violations check_rooms(const SourceFile& file, const Rooms& rooms) {
  const std::string_view room = room_of(file);
  const bool world = file.path.starts_with("sim/world/");
  if (!is_cpp(file) || (room.empty() && !world)) return {};
  Violations found;
  const auto own = rooms.find(room);
  if (!world && own == rooms.end()) {
    return {{file.path, 1, fmt::format("the room {} has no ow_room line in CMakeLists.txt; give it one", room)}};
  }
  for (const auto& include : includes_of(file.text)) {
    if (!include.quoted) continue;
    const std::string_view target = folder_of(include.path);
    const bool allowed = world ? target == "platform" || target == "base" || include.path.starts_with("sim/world/")
                               : target == room || own->second.contains(std::string(target));
    if (allowed) continue;
    found.push_back({file.path, include.line,
                     fmt::format("{} may not include {}; reach it through a port, or move the code to a room above",
                                 world ? "sim/world" : room, include.path)});
  }
  return found;
}

Violations check_sizes(const SourceFile& file) {
  if (!is_cpp(file)) return {};
  Violations found;
  const std::size_t lines = lines_of(file.text).size();
  // A contract suite is a source that each binary includes once.
  const bool short_header = is_header(file) && !file.path.ends_with("_contract.h");
  const std::size_t lines_max = short_header ? kHeaderLinesMax : kFileLinesMax;
  if (lines > lines_max) {
    found.push_back({file.path, 1, fmt::format("{} lines, at most {}; split it by purpose", lines, lines_max)});
  }
  for (const auto& function : functions_of(file.text)) {
    const int function_max = function.is_test() ? kTestLinesMax : kFunctionLinesMax;
    if (function.lines <= function_max) continue;
    found.push_back(
        {file.path, function.line,
         fmt::format("a function of {} lines, at most {}; give its steps names", function.lines, function_max)});
  }
  return found;
}

Violations check_names(const SourceFile& file) {
  for (const auto& word : words_of(file.path)) {
    if (std::find(kBannedNames.begin(), kBannedNames.end(), word) == kBannedNames.end()) continue;
    return {{file.path, 1, fmt::format("nothing is called '{}'; name it after what it does", word)}};
  }
  return {};
}

Violations check_opening(const SourceFile& file) {
  const std::string_view mark = is_cpp(file) ? "// " : is_cmake(file) ? "# " : "";
  if (file.text.starts_with(mark)) return {};
  return {{file.path, 1, "the file opens with a comment that says what it is for and which threads may touch it"}};
}

Violations check_white_space(const SourceFile& file) {
  if (is_binary(file)) return {};
  Violations found;
  int number = 0;
  for (const auto line : lines_of(file.text)) {
    ++number;
    if (line.find('\t') != std::string_view::npos) found.push_back({file.path, number, "a tab; use spaces"});
    if (line.ends_with(' ') || line.ends_with('\r')) {
      found.push_back({file.path, number, "white space at the end of the line; remove it"});
    }
  }
  if (!file.text.empty() && (!file.text.ends_with('\n') || file.text.ends_with("\n\n"))) {
    found.push_back({file.path, number, "the file ends with one newline"});
  }
  return found;
}

Violations check_decision(const SourceFile& file) {
  constexpr std::string_view kFolder = "docs/decisions/";
  if (!file.path.starts_with(kFolder)) return {};
  const std::string_view name = std::string_view(file.path).substr(kFolder.size());
  const std::string_view number = name.substr(0, 4);
  Violations found;
  const bool numbered = number.size() == 4 && number.find_first_not_of("0123456789") == std::string_view::npos;
  if (!numbered || name.substr(4, 1) != "-" || !name.ends_with(".md")) {
    found.push_back({file.path, 1, "a decision is called NNNN-what-was-decided.md"});
  }
  if (!file.text.starts_with(fmt::format("# {}: ", number))) {
    found.push_back({file.path, 1, fmt::format("a decision opens with '# {}: ' and its title", number)});
  }
  if (file.text.find("What lost") == std::string::npos) {
    found.push_back({file.path, 1, "a decision says 'What lost:' with the options that lost and why"});
  }
  return found;
}

}  // namespace ow::house
