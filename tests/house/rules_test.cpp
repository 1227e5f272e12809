// Every rule of the house fails on a text that breaks it, and names the line. Test thread only.
#include "tests/house/rules.h"

#include <gmock/gmock.h>

#include "tests/house/cpp_text.h"

namespace ow::house {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> said(const Violations& violations) {
  std::vector<std::string> out;
  for (const auto& violation : violations) out.push_back(text_of(violation));
  return out;
}

std::string repeated(const std::string& line, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += line;
  return out;
}

const Rooms kRooms = read_rooms(R"(
ow_room(base LINKS fmt::fmt)
ow_room(net ROOMS base)
ow_room(http ROOMS platform base PRIVATE_LINKS ow_net Threads::Threads)
ow_room(orders ROOMS http platform
        base EXCLUDE main.cpp)
)");

TEST(HouseRulesTest, the_rooms_are_read_from_the_build) {
  EXPECT_THAT(kRooms.at("base"), IsEmpty());
  EXPECT_THAT(kRooms.at("http"), ElementsAre("base", "net", "platform"));
  EXPECT_THAT(kRooms.at("orders"), ElementsAre("base", "http", "platform"));
}

TEST(HouseRulesTest, an_include_of_a_room_above_is_refused) {
  EXPECT_THAT(
      said(check_rooms({"src/http/x.cpp", "// x\n#include \"base/json.h\"\n#include \"orders/order.h\"\n"}, kRooms)),
      ElementsAre(HasSubstr("src/http/x.cpp:3: http may not include orders/order.h")));
  EXPECT_THAT(
      check_rooms({"src/orders/x.h", "#include \"orders/y.h\"\n#include \"http/z.h\"\n#include <map>\n"}, kRooms),
      IsEmpty());
}

TEST(HouseRulesTest, a_room_without_a_line_is_refused) {
  EXPECT_THAT(said(check_rooms({"src/venue/x.cpp", ""}, kRooms)), ElementsAre(HasSubstr("no ow_room line")));
}

TEST(HouseRulesTest, the_simulated_world_sees_ports_only) {
  EXPECT_THAT(
      said(check_rooms({"sim/world/x.h", "#include \"platform/store.h\"\n#include \"engine/engine.h\"\n"}, kRooms)),
      ElementsAre(HasSubstr("sim/world/x.h:2: sim/world may not include engine/engine.h")));
  EXPECT_THAT(check_rooms({"sim/run/x.cpp", "#include \"app/compose.h\"\n"}, kRooms), IsEmpty());
}

TEST(HouseRulesTest, a_foreign_header_outside_of_its_files_is_refused) {
  EXPECT_THAT(said(check_foreign_headers({"src/orders/x.cpp", "\n#include <boost/asio/post.hpp>\n"})),
              ElementsAre(HasSubstr("src/orders/x.cpp:2: boost/asio/post.hpp brings in Asio")));
  EXPECT_THAT(check_foreign_headers({"src/base/json.h", "#include <boost/json.hpp>\n"}), testing::SizeIs(1));
  EXPECT_THAT(check_foreign_headers({"src/local/executor.h", "#include <boost/asio/post.hpp>\n"}), testing::SizeIs(1));
  EXPECT_THAT(check_foreign_headers({"src/engine/queue.cpp", "#include <rocksdb/db.h>\n"}), testing::SizeIs(1));
  EXPECT_THAT(check_foreign_headers({"src/engine/rocks/key_value.cpp", "#include <rocksdb/db.h>\n"}), IsEmpty());
}

TEST(HouseRulesTest, a_private_header_is_as_foreign_as_what_it_shows) {
  EXPECT_THAT(check_foreign_headers({"src/http/router.h", "#include \"net/operation.h\"\n"}), testing::SizeIs(1));
  EXPECT_THAT(check_foreign_headers({"src/http/server.cpp", "#include \"net/operation.h\"\n"}), IsEmpty());
}

TEST(HouseRulesTest, long_files_are_refused) {
  EXPECT_THAT(said(check_sizes({"src/a/x.cpp", repeated("\n", 801)})),
              ElementsAre(HasSubstr("801 lines, at most 800")));
  EXPECT_THAT(said(check_sizes({"src/a/x.h", repeated("\n", 151)})), ElementsAre(HasSubstr("151 lines, at most 150")));
  EXPECT_THAT(check_sizes({"src/a/x.cpp", repeated("\n", 800)}), IsEmpty());
  EXPECT_THAT(check_sizes({"tests/contracts/x_contract.h", repeated("\n", 800)}), IsEmpty());
}

TEST(HouseRulesTest, long_functions_are_refused_where_they_begin) {
  const auto body = [](int lines) {
    return "namespace a {\n\nint f(int x) {\n" + repeated("  ++x;\n", lines) + "}\n}\n";
  };
  EXPECT_THAT(said(check_sizes({"x.cpp", body(69)})),
              ElementsAre(HasSubstr("x.cpp:3: a function of 71 lines, at most 70")));
  EXPECT_THAT(check_sizes({"x.cpp", body(68)}), IsEmpty());
}

TEST(HouseRulesTest, long_tests_are_refused) {
  const auto body = [](int lines) { return "TEST_F(A, b) {\n" + repeated("  EXPECT_TRUE(x);\n", lines) + "}\n"; };
  EXPECT_THAT(said(check_sizes({"x.cpp", body(59)})), ElementsAre(HasSubstr("61 lines, at most 60")));
  EXPECT_THAT(check_sizes({"x.cpp", body(58)}), IsEmpty());
}

TEST(HouseRulesTest, clocks_randomness_and_sleep_are_refused_outside_of_the_ports) {
  const std::string text =
      "auto a = std::chrono::steady_clock::now();\nauto b = std::time(nullptr);\nstd::random_device c;\n"
      "std::this_thread::sleep_for(1s);\nint d = rand();\nreturn time(0);\n";
  EXPECT_EQ(check_calls({"src/orders/x.cpp", text}).size(), 6U);
  EXPECT_EQ(check_calls({"sim/run/x.cpp", text}).size(), 6U);
  EXPECT_THAT(check_calls({"src/local/x.cpp", text}), IsEmpty());
  EXPECT_THAT(check_calls({"tests/kill/x.cpp", text}), IsEmpty());
}

TEST(HouseRulesTest, what_only_looks_like_a_banned_call_is_allowed) {
  const std::string text =
      "// time( and rand()\nauto a = \"time(0)\";\nauto b = event.time();\nInstant time() const;\nauto c = "
      "Gate::sleep(1);\n"
      "auto d = R\"x(rand())x\";\nconst auto e = x->time(2);\nint operand(int);\n";
  EXPECT_THAT(said(check_calls({"src/orders/x.cpp", text})), IsEmpty());
}

TEST(HouseRulesTest, names_that_say_nothing_are_refused) {
  EXPECT_THAT(said(check_names({"src/orders/order_utils.cpp", ""})),
              ElementsAre(HasSubstr("nothing is called 'utils'")));
  EXPECT_THAT(check_names({"src/common/x.h", ""}), testing::SizeIs(1));
  EXPECT_THAT(check_names({"src/orders/Manager.h", ""}), testing::SizeIs(1));
  EXPECT_THAT(check_names({"src/app/commands/order.cpp", ""}), IsEmpty());
}

TEST(HouseRulesTest, a_file_without_an_opening_comment_is_refused) {
  EXPECT_THAT(said(check_opening({"src/a/x.h", "#pragma once\n"})),
              ElementsAre(HasSubstr("src/a/x.h:1: the file opens")));
  EXPECT_THAT(check_opening({"sim/CMakeLists.txt", "add_library(x)\n"}), testing::SizeIs(1));
  EXPECT_THAT(check_opening({"src/a/x.h", "// See y.\n#pragma once\n"}), IsEmpty());
}

TEST(HouseRulesTest, tabs_and_trailing_white_space_are_refused) {
  EXPECT_THAT(
      said(check_white_space({"a.md", "x\n\ty\nz \nw\r\n"})),
      ElementsAre(HasSubstr("a.md:2: a tab"), HasSubstr("a.md:3: white space"), HasSubstr("a.md:4: white space")));
  EXPECT_THAT(check_white_space({"a.md", "x"}), testing::SizeIs(1));
  EXPECT_THAT(check_white_space({"a.md", "x\n\n"}), testing::SizeIs(1));
  EXPECT_THAT(check_white_space({"a.md", "x\n"}), IsEmpty());
}

TEST(HouseRulesTest, a_decision_without_number_title_or_losers_is_refused) {
  EXPECT_THAT(check_decision({"docs/decisions/rules.md", "# Rules\n"}), testing::SizeIs(3));
  EXPECT_THAT(said(check_decision({"docs/decisions/0002-x.md", "# 0002: X\n\nWhat won.\n"})),
              ElementsAre(HasSubstr("What lost")));
  EXPECT_THAT(check_decision({"docs/decisions/0002-x.md", "# 0002: X\n\nWhat lost: Y.\n"}), IsEmpty());
}

TEST(CppTextTest, comments_and_literals_are_blanked_in_place) {
  EXPECT_EQ(code_only("a = \"x\\\"{\"; // {\nb = '{'; /* { \n */ c = 1'000;"),
            "a =       ;     \nb =    ;      \n    c = 1'000;");
  EXPECT_EQ(code_only("R\"q( } )\" )q\"; x"), "             ; x");
}

TEST(CppTextTest, functions_are_found_with_their_lengths) {
  const auto found = functions_of(
      "#define X(a) {\nnamespace a::b {\nconstexpr int kX[] = {1, 2};\nstruct S : T {\n  S(int x) : x_{x}, "
      "y_(2) {\n"
      "    if (x) {\n    }\n  }\n  int x_{0};\n};\ntemplate <typename U>\nauto f(U u) -> int {\n"
      "  auto g = [&] {\n    return S{1};\n  };\n}\n}\n");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0].header, HasSubstr("S(int x)"));
  EXPECT_EQ(found[0].line, 5);
  EXPECT_EQ(found[0].lines, 4);
  EXPECT_EQ(found[1].line, 11);
  EXPECT_EQ(found[1].lines, 6);
}

}  // namespace
}  // namespace ow::house
