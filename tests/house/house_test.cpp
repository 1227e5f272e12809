// The repository keeps its own rules. Test thread only.
#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "tests/house/cpp_text.h"
#include "tests/house/rules.h"

namespace ow::house {
namespace {

const std::vector<SourceFile>& repository() {
  static const auto kFiles = read_repository(OW_SOURCE_DIR);
  return kFiles;
}

const SourceFile& file_at(std::string_view path) {
  const auto& files = repository();
  const auto at = std::find_if(files.begin(), files.end(), [&](const SourceFile& file) { return file.path == path; });
  EXPECT_NE(at, files.end()) << path;
  return *at;
}

void expect_kept(const std::function<Violations(const SourceFile&)>& rule) {
  ASSERT_GT(repository().size(), 100U) << "the repository is at " << OW_SOURCE_DIR;
  for (const auto& file : repository()) {
    for (const auto& violation : rule(file)) ADD_FAILURE() << text_of(violation);
  }
}

/// The value that a share of the sorted numbers does not pass.
int percentile(std::vector<int> values, double share) {
  EXPECT_FALSE(values.empty());
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(static_cast<double>(values.size() - 1) * share)];
}

std::vector<int> function_lengths() {
  std::vector<int> lengths;
  for (const auto& file : repository()) {
    if (!is_cpp(file) || room_of(file).empty()) continue;
    for (const auto& function : functions_of(file.text)) lengths.push_back(function.lines);
  }
  return lengths;
}

TEST(HouseTest, rooms_include_only_what_their_line_allows) {
  const auto rooms = read_rooms(file_at("CMakeLists.txt").text);
  ASSERT_GE(rooms.size(), 10U);
  expect_kept([&](const SourceFile& file) { return check_rooms(file, rooms); });
}

TEST(HouseTest, foreign_headers_stay_in_their_files) { expect_kept(check_foreign_headers); }

TEST(HouseTest, files_and_functions_are_short) { expect_kept(check_sizes); }

TEST(HouseTest, most_files_and_functions_are_very_short) {
  std::vector<int> files;
  for (const auto& file : repository()) {
    if (file.path.ends_with(".cpp")) files.push_back(static_cast<int>(lines_of(file.text).size()));
  }
  EXPECT_LE(percentile(files, 0.9), 350);
  EXPECT_LE(percentile(function_lengths(), 0.5), 8);
  EXPECT_LE(percentile(function_lengths(), 0.9), 30);
}

TEST(HouseTest, clocks_and_randomness_come_through_the_ports) { expect_kept(check_calls); }

TEST(HouseTest, names_say_something) { expect_kept(check_names); }

TEST(HouseTest, files_open_with_what_they_are_for) { expect_kept(check_opening); }

TEST(HouseTest, texts_are_free_of_tabs_and_trailing_white_space) { expect_kept(check_white_space); }

TEST(HouseTest, decisions_are_numbered_and_say_what_lost) {
  expect_kept(check_decision);
  int number = 0;
  for (const auto& file : repository()) {
    constexpr std::string_view kFolder = "docs/decisions/";
    if (!file.path.starts_with(kFolder)) continue;
    EXPECT_EQ(std::atoi(file.path.c_str() + kFolder.size()), ++number) << file.path << ": numbers leave no gap";
  }
}

}  // namespace
}  // namespace ow::house
