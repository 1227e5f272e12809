// Commands without a server: usage, an unreachable server, `doctor`, `user create`, the offline tools.
#include <gmock/gmock.h>

#include <filesystem>

#include "app/binary.h"

namespace ow::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class OfflineTest : public BinaryTest {};

TEST_F(OfflineTest, usage_errors_end_with_2_and_say_what_is_wrong) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"brew"}, "unknown command 'brew'"},
      {{"order"}, "unknown command"},
      {{"order", "brew"}, "unknown command"},
      {{"order", "list", "--colour", "red"}, "unknown option --colour"},
      {{"order", "list", "--limit"}, "--limit needs a value"},
      {{"order", "list", "extra"}, "unexpected argument 'extra'"},
      {{"order", "show"}, "ORDER is missing"},
      {{"serve", "--demo=yes"}, "--demo takes no value"},
      {{"serve", "--demo"}, "data is required"},
      {{"token"}, "--user is required"},
      {{"order", "list", "--server", "nonsense"}, "nonsense"},
  };
  for (const auto& [words, why] : cases) {
    const auto refused = run_binary(words);
    EXPECT_EQ(refused.exit, 2) << words[0];
    EXPECT_THAT(refused.err, HasSubstr(why));
    EXPECT_THAT(refused.out, IsEmpty());
  }
  EXPECT_EQ(run_binary({}).exit, 2);
}

TEST_F(OfflineTest, help_ends_with_0_and_goes_to_standard_output) {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"--help"}, {"serve", "--help"}, {"token", "verify", "--help"}}) {
    const auto help = run_binary(words);
    EXPECT_EQ(help.exit, 0);
    EXPECT_THAT(help.out, HasSubstr("Usage: orderwright"));
    EXPECT_THAT(help.err, IsEmpty());
  }
}

TEST_F(OfflineTest, a_server_that_cannot_be_reached_ends_with_3) {
  const auto nobody = "http://127.0.0.1:" + std::to_string(free_port());
  for (const auto& words : std::vector<std::vector<std::string>>{{"order", "list"},
                                                                 {"order", "place", "--item", "mug"},
                                                                 {"order", "show", "ord_1"},
                                                                 {"order", "cancel", "ord_1"},
                                                                 {"product", "list"},
                                                                 {"queue", "list"},
                                                                 {"token", "--user", "demo-shopper"}}) {
    const auto failed = run_binary(words, {.environment = {"OW_SERVER=" + nobody}});
    EXPECT_EQ(failed.exit, 3) << words[0];
    EXPECT_THAT(failed.err, HasSubstr("cannot reach " + nobody));
  }
}

TEST_F(OfflineTest, doctor_examines_a_directory_and_leaves_nothing_in_it) {
  const auto good = run_binary({"doctor", "--data", directory.path(), "--json"});
  EXPECT_THAT(base::to_text(good.json()), HasSubstr(R"({"check":"durable write","ok":true)"));
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
  const auto bad = run_binary({"doctor", "--data", path("none")});
  EXPECT_EQ(bad.exit, 1);
  EXPECT_THAT(bad.out, HasSubstr("PROBLEM"));
}

TEST_F(OfflineTest, doctor_examines_a_server) {
  ServeProcess server(path("data"));
  ASSERT_TRUE(server.came_up()) << server.err();
  EXPECT_THAT(run_binary({"doctor", "--server", server.url()}).out, HasSubstr("sign-in and writes work"));
  const auto nobody = "http://127.0.0.1:" + std::to_string(free_port());
  EXPECT_EQ(run_binary({"doctor", "--server", nobody}).exit, 1);
}

TEST_F(OfflineTest, a_user_made_offline_can_sign_in) {
  const auto data = path("data");
  const auto password = file("password", "a long enough password\n");
  const auto made =
      run_binary({"user", "create", "first", "--data", data, "--role", "admin", "--password-file", password});
  EXPECT_EQ(made.exit, 0) << made.err;
  EXPECT_THAT(made.out, StartsWith("Created first (usr_"));
  ServeProcess server(data, {"--gateway", "http://127.0.0.1:1"});
  ASSERT_TRUE(server.came_up()) << server.err();
  const auto token = run_binary({"token", "--server", server.url(), "--user", "first", "--password-file", password});
  EXPECT_EQ(token.exit, 0) << token.err;
  const auto queues = run_binary({"queue", "list", "--server", server.url()},
                                 {.environment = {"OW_TOKEN=" + token.out.substr(0, token.out.size() - 1)}});
  EXPECT_EQ(queues.exit, 0) << queues.err;
}

TEST_F(OfflineTest, a_user_is_not_made_twice_nor_badly_nor_beside_a_server) {
  const auto data = path("data");
  const auto create = [&](const std::string& name, const std::string& role, const std::string& password) {
    return run_binary({"user", "create", name, "--data", data, "--role", role},
                      {.environment = {"OW_PASSWORD=" + password}});
  };
  EXPECT_EQ(create("first", "admin", "a long enough password").exit, 0);
  EXPECT_EQ(create("first", "admin", "a long enough password").exit, 1);
  EXPECT_EQ(create("other", "emperor", "a long enough password").exit, 1);
  EXPECT_EQ(create("other", "admin", "short").exit, 1);
  EXPECT_EQ(create("Other Name", "admin", "a long enough password").exit, 1);
  EXPECT_EQ(run_binary({"user", "create", "other", "--data", data, "--role", "admin"}).exit, 2) << "no password";
  ServeProcess server(data, {"--gateway", "http://127.0.0.1:1"});
  ASSERT_TRUE(server.came_up()) << server.err();
  const auto refused = create("other", "admin", "a long enough password");
  EXPECT_EQ(refused.exit, 1);
  EXPECT_THAT(refused.err, HasSubstr("in use by another process"));
}

TEST_F(OfflineTest, nothing_an_input_does_prints_a_stack_trace) {
  const auto broken = file("broken", "{\"a\":");
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"rule", "test", "--pattern", broken, "--event", broken},
           {"workflow", "validate", broken},
           {"workflow", "test", "--definition", broken, "--input", broken},
           {"workflow", "validate", directory.path()},
           {"serve", "--data", path("data"), "--demo", "--config", broken},
       }) {
    const auto refused = run_binary(words);
    EXPECT_EQ(refused.exit, 2) << words[0] << " " << words[1];
    EXPECT_THAT(refused.err, StartsWith("orderwright: "));
    EXPECT_THAT(refused.err, Not(HasSubstr("terminate")));
  }
}

}  // namespace
}  // namespace ow::tests
