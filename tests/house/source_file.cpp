// See source_file.h.
#include "tests/house/source_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace ow::house {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolders[] = {".ci",    "bench", "changes", "cmake", "dashboard",
                                    "deploy", "docs",  "sim",     "src",   "tests"};

bool is_text(const fs::path& path) {
  static constexpr std::string_view kEndings[] = {".cpp", ".h",   ".cmake", ".md",  ".txt", ".json", ".sh",
                                                  ".py",  ".yml", ".yaml",  ".css", ".ts",  ".tsx",  ".html"};
  const std::string ending = path.extension().string();
  return ending.empty() || std::find(std::begin(kEndings), std::end(kEndings), ending) != std::end(kEndings);
}

SourceFile read(const fs::path& root, const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {fs::relative(path, root).generic_string(), std::string(std::istreambuf_iterator<char>(file), {})};
}

}  // namespace

std::string text_of(const Violation& violation) {
  return violation.path + ":" + std::to_string(violation.line) + ": " + violation.what;
}

std::vector<SourceFile> read_repository(const std::string& root) {
  std::vector<SourceFile> files;
  for (const auto* folder : kFolders) {
    if (!fs::exists(fs::path(root) / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(root) / folder)) {
      const bool installed = entry.path().string().find("/node_modules/") != std::string::npos;
      if (entry.is_regular_file() && is_text(entry.path()) && !installed) files.push_back(read(root, entry.path()));
    }
  }
  for (const auto& entry : fs::directory_iterator(root)) {
    if (entry.is_regular_file() && is_text(entry.path())) files.push_back(read(root, entry.path()));
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

bool is_header(const SourceFile& file) { return file.path.ends_with(".h"); }
bool is_cpp(const SourceFile& file) { return file.path.ends_with(".cpp") || is_header(file); }

std::string_view room_of(const SourceFile& file) {
  std::string_view path = file.path;
  if (!path.starts_with("src/")) return {};
  path.remove_prefix(4);
  return path.substr(0, path.find('/'));
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace ow::house
