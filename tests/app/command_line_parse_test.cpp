// The command line's parser: what counts as an option, a value, an argument, and what is a usage error.
#include "app/command_line.h"

#include <gmock/gmock.h>

#include <optional>

#include "app/commands/commands.h"

namespace ow::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Words = std::vector<std::string>;

class CommandLineTest : public testing::Test {
 protected:
  Exit run(const Words& words) {
    seen.reset();
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const auto exit = line.run(words);
    out = testing::internal::GetCapturedStdout();
    err = testing::internal::GetCapturedStderr();
    return exit;
  }
  CommandSpec spec(const std::string& name, std::vector<ArgumentSpec> arguments, std::vector<OptionSpec> options) {
    return {name, "Does " + name + ".", std::move(arguments), std::move(options),
            [this, name](const Invocation& given) {
              command = name;
              seen = given;
              return Exit::done;
            }};
  }

  CommandLine line{{spec("judge", {{"TOKEN", "what to judge"}},
                         {{"issuer", "I", "who", true}, {"now", "UNIX", "when"}, {"loud", "", "say it"}}),
                    spec("judge twice", {}, {})}};
  std::string command, out, err;
  std::optional<Invocation> seen;
};

TEST_F(CommandLineTest, a_value_may_be_empty_or_look_like_an_option) {
  for (const auto* value : {"", "-", "--", "-x", "--loud", "--issuer=a", "a=b"}) {
    EXPECT_EQ(run({"judge", "--issuer", value, "t"}), Exit::done) << value << err;
    EXPECT_EQ(seen->option("issuer"), value);
    EXPECT_FALSE(seen->flag("loud"));
    EXPECT_EQ(run({"judge", std::string("--issuer=") + value, "t"}), Exit::done) << value;
    EXPECT_EQ(seen->option("issuer"), value);
  }
}

TEST_F(CommandLineTest, an_argument_may_be_empty_or_begin_with_one_dash) {
  for (const auto* token : {"", "-", "-x", "a=b"}) {
    EXPECT_EQ(run({"judge", token, "--issuer", "i"}), Exit::done) << token;
    EXPECT_EQ(seen->argument(0), token);
  }
}

TEST_F(CommandLineTest, two_dashes_end_the_options) {
  EXPECT_EQ(run({"judge", "--issuer", "i", "--", "--loud"}), Exit::done);
  EXPECT_EQ(seen->argument(0), "--loud");
  EXPECT_FALSE(seen->flag("loud"));
  EXPECT_EQ(run({"judge", "--issuer", "i", "--", "--"}), Exit::done);
  EXPECT_EQ(seen->argument(0), "--");
}

TEST_F(CommandLineTest, of_a_repeated_option_all_are_kept_and_the_last_counts) {
  EXPECT_EQ(run({"judge", "--issuer", "a", "--issuer=b", "t"}), Exit::done);
  EXPECT_EQ(seen->option("issuer"), "b");
  EXPECT_THAT(seen->options("issuer"), ElementsAre("a", "b"));
}

TEST_F(CommandLineTest, the_longest_name_of_a_command_wins) {
  EXPECT_EQ(run({"judge", "twice"}), Exit::done);
  EXPECT_EQ(command, "judge twice");
  EXPECT_EQ(run({"judge", "once", "--issuer", "i"}), Exit::done);
  EXPECT_EQ(command, "judge");
}

TEST_F(CommandLineTest, every_command_takes_json) {
  EXPECT_EQ(run({"judge", "twice", "--json"}), Exit::done);
  EXPECT_TRUE(seen->json());
}

TEST_F(CommandLineTest, usage_errors_run_nothing_and_name_what_is_wrong) {
  const std::vector<std::pair<Words, std::string>> cases = {
      {{"brew"}, "brew"},
      {{"judge", "--issuer", "i", "t", "--colour"}, "--colour"},
      {{"judge", "--issuer"}, "--issuer needs a value"},
      {{"judge", "t"}, "--issuer is required"},
      {{"judge", "--issuer", "i"}, "TOKEN is missing"},
      {{"judge", "--issuer", "i", "t", "u"}, "'u'"},
      {{"judge", "--issuer", "i", "t", "--loud=yes"}, "--loud takes no value"},
      {{"judge", "twice", "--issuer", "i"}, "--issuer"},
      {{"--issuer", "i", "judge"}, "unknown command"},
  };
  for (const auto& [words, what] : cases) {
    EXPECT_EQ(run(words), Exit::usage) << words.back();
    EXPECT_THAT(err, HasSubstr(what));
    EXPECT_THAT(out, IsEmpty());
    EXPECT_FALSE(seen.has_value());
  }
  EXPECT_EQ(run({}), Exit::usage);
}

TEST_F(CommandLineTest, help_wins_over_what_is_missing_and_runs_nothing) {
  for (const auto& words : std::vector<Words>{{"--help"}, {"-h"}, {"help"}, {"judge", "--help"}}) {
    EXPECT_EQ(run(words), Exit::done);
    EXPECT_THAT(out, HasSubstr("Usage: orderwright"));
    EXPECT_THAT(err, IsEmpty());
    EXPECT_FALSE(seen.has_value());
  }
  EXPECT_THAT(out, HasSubstr("--issuer I"));
}

TEST_F(CommandLineTest, every_real_command_has_help_that_names_its_options) {
  const CommandLine real(all_commands());
  for (const auto& one : all_commands()) {
    Words words;
    std::istringstream in(one.name);
    for (std::string word; in >> word;) words.push_back(word);
    words.emplace_back("--help");
    testing::internal::CaptureStdout();
    EXPECT_EQ(real.run(words), Exit::done);
    const auto help = testing::internal::GetCapturedStdout();
    for (const auto& option : one.options) EXPECT_THAT(help, HasSubstr("--" + option.name)) << one.name;
    EXPECT_THAT(one.summary, Not(IsEmpty()));
  }
}

TEST(Complaints, as_json_are_one_object_with_violations) {
  testing::internal::CaptureStdout();
  complain(base::Error{base::ErrorCode::malformed, "bad", "It is bad.", {"a is bad"}}, true);
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "{\"error\":\"bad\",\"message\":\"It is bad.\",\"violations\":[\"a is bad\"]}\n");
}

}  // namespace
}  // namespace ow::app
