// Tables for people: alignment, and data that cannot steer a terminal.
#include "app/table.h"

#include <gmock/gmock.h>

namespace ow::app {
namespace {

std::string printed(const std::vector<std::string>& heading, const std::vector<std::vector<std::string>>& rows) {
  testing::internal::CaptureStdout();
  print_table(heading, rows);
  return testing::internal::GetCapturedStdout();
}

TEST(Table, aligns_columns_by_code_points_and_leaves_no_trailing_spaces) {
  EXPECT_EQ(printed({"A", "NAME", "X"}, {{"1", "Käse", "2"}, {"10", "b", ""}}),
            "A   NAME  X\n"
            "1   Käse  2\n"
            "10  b     \n");
}

TEST(Table, without_rows_is_its_heading) { EXPECT_EQ(printed({"A", "B"}, {}), "A  B\n"); }

TEST(Table, replaces_control_characters) {
  EXPECT_EQ(printed({"A", "B"}, {{"\033[31mred\n", "x\x7f\ty"},
                                 {"\xc2\x9b"
                                  "31m",
                                  std::string("a\0b", 3)}}),
            "A          B\n"
            "?[31mred?  x??y\n"
            "?31m       a?b\n");
}

TEST(Table, keeps_letters_of_all_scripts) {
  EXPECT_EQ(printed({"A"}, {{"\xc2\xa0\xc3\x9f"}, {"茶"}}), "A\n\xc2\xa0\xc3\x9f\n茶\n");
}

}  // namespace
}  // namespace ow::app
