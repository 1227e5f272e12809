// The examples of docs/workflows.md, run as they stand there against a demo server: every command of its shell
// blocks, with ids, tokens and files put in, and every definition. One test process, one server.
#include <gmock/gmock.h>

#include <fmt/format.h>

#include "app/binary.h"

namespace ow::tests {
namespace {

using base::Json;
using testing::AnyOf;
using testing::SizeIs;

/// The lines of the page's blocks of one language.
std::vector<std::string> blocks(const std::string& page, const std::string& language) {
  std::vector<std::string> found;
  std::size_t at = 0;
  while ((at = page.find("```" + language + "\n", at)) != std::string::npos) {
    at += language.size() + 4;
    const auto end = page.find("```", at);
    found.push_back(page.substr(at, end - at));
    at = end + 3;
  }
  return found;
}

std::vector<std::string> commands(const std::string& page) {
  std::vector<std::string> found;
  for (const auto& block : blocks(page, "sh")) {
    std::size_t from = 0;
    while (from < block.size()) {
      const auto end = block.find('\n', from);
      const auto line = block.substr(from, end - from);
      if (line.starts_with("orderwright ")) found.push_back(line);
      from = end + 1;
    }
  }
  return found;
}

/// Words as a shell reads them: single and double quotes, a comment to the end.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;
  char quote = 0;
  for (const char c : line) {
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      inside = true;
    } else if (c == ' ') {
      if (inside) words.push_back(word);
      word.clear();
      inside = false;
    } else if (c == '#' && !inside) {
      break;
    } else {
      word += c;
      inside = true;
    }
  }
  if (inside) words.push_back(word);
  words.erase(words.begin());
  return words;
}

class WorkflowDocs : public SharedServerTest {
 protected:
  static Outcome run(std::vector<std::string> words) { return server().run(words, "demo-operator"); }

  std::string start(const std::string& definition, const std::string& input) {
    const auto started =
        run({"execution", "start", "--json", "--definition", definition, "--input", file("input.json", input)});
    EXPECT_EQ(started.exit, 0) << started.err;
    return text_of(started.json(), "executionId");
  }

  /// Waits until the execution has this status.
  Json shown(const std::string& id, const std::string& status) {
    Json execution;
    for (int tried = 0; tried < 600; ++tried) {
      execution = run({"execution", "show", "--json", id}).json();
      if (execution.is_object() && text_of(execution, "status") == status) return execution;
    }
    ADD_FAILURE() << id << " does not become " << status << ": " << base::to_text(execution);
    return execution;
  }

  std::string failed_execution() {
    const auto text = R"({"StartAt":"No","States":{"No":{"Type":"Fail","Error":"Example.Error","Cause":"as told"}}})";
    EXPECT_EQ(run({"workflow", "upload", "example", "--file", file("no.json", text), "--reason", "docs"}).exit, 0);
    const auto id = start("example", "{}");
    shown(id, "failed");
    return id;
  }

  std::string fresh_token() {
    const auto id = start("approval", R"({"what":"a refund"})");
    shown(id, "running");
    for (int tried = 0; tried < 600; ++tried) {
      const auto events = server().get("/api/events?limit=50", "demo-operator");
      for (const auto& event : events.find("items")->as_array()) {
        if (text_of(event, "subject") == id && text_of(event, "type") == "approval.requested") {
          return text_of(*event.find("data"), "token");
        }
      }
    }
    ADD_FAILURE() << "no token was handed out";
    return {};
  }
};

TEST_F(WorkflowDocs, every_definition_is_valid_and_every_command_does_what_it_says) {
  const auto page = read_file(OW_SOURCE_DIR "/docs/workflows.md");
  const auto definitions = blocks(page, "json");
  ASSERT_THAT(definitions, SizeIs(1));
  const auto approval = file("approval.json", definitions[0]);
  EXPECT_EQ(run_binary({"workflow", "validate", approval}).exit, 0);
  EXPECT_EQ(run({"workflow", "upload", "approval", "--file", approval, "--reason", "docs"}).exit, 0);
  const auto fixed = file("fixed.asl.json", read_file(OW_SOURCE_DIR "/src/orders/place_order.asl.json") + " ");
  const auto failed = failed_execution();
  const auto all = commands(page);
  EXPECT_GE(all.size(), 15U);
  for (const auto& line : all) {
    auto words = words_of(line);
    for (auto& word : words) {
      if (word.starts_with("exe_")) word = failed;
      if (word.starts_with("obl_")) word = "obl_00000000000000000000000000";
      if (word == "fixed.asl.json") word = fixed;
      if (word == "TOKEN") word = fresh_token();
    }
    const auto outcome = run(words);
    const bool no_such_obligation = line.find("obl_") != std::string::npos;
    EXPECT_EQ(outcome.exit, no_such_obligation ? 1 : 0) << line << "\n" << outcome.out << outcome.err;
    if (line.find("redrive exe_") != std::string::npos) shown(failed, "failed");
  }
}

TEST_F(WorkflowDocs, show_prints_the_history_for_people) {
  const auto id = failed_execution();
  const auto printed = run({"execution", "show", id});
  EXPECT_THAT(printed.out, testing::HasSubstr("Example.Error: as told"));
  const auto listed = run({"execution", "list", "--status", "failed", "--error", "Example.Error"});
  EXPECT_THAT(listed.out, testing::HasSubstr(id));
}

}  // namespace
}  // namespace ow::tests
