// The `queue` commands against a running server that has dead letters: every example of docs/queues.md, in
// order, and what each refuses.
#include <gmock/gmock.h>

#include <sstream>

#include "app/binary.h"
#include "app/embedded_node.h"
#include "app/event_rules.h"

namespace ow::tests {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

base::Task<base::Result<void>> let_die(app::EmbeddedNode& node) {
  auto& engine = node.engine();
  auto declared = co_await engine.queue_admin().declare({.name = "reports", .receive_limit = 1});
  if (!declared) co_return declared;
  for (const char* id : {"report-1", "report-2", "report-3", "report-4"}) {
    platform::Commit commit;
    commit.send({.queue = "reports", .id = base::MessageId(id), .group = "ann", .body = R"({"total":7})"});
    if (auto sent = co_await engine.store().commit(std::move(commit)); !sent) co_return base::fail(sent.error());
  }
  auto received = co_await engine.queues().receive({"reports", 10, {}});
  if (!received) co_return base::fail(received.error());
  for (auto& delivery : *received) {
    delivery.error = "bad_address: The address is wrong.";
    auto released = co_await engine.queues().release(delivery, {});
    if (!released) co_return released;
  }
  co_return base::Result<void>();
}

/// Words as a shell would split them; double quotes keep spaces.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  bool quoted = false;
  bool inside = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
      if (!inside) words.emplace_back();
      inside = true;
    } else if (c == ' ' && !quoted) {
      inside = false;
    } else {
      if (!inside) words.emplace_back();
      inside = true;
      words.back() += c;
    }
  }
  return words;
}

std::vector<std::vector<std::string>> examples() {
  std::vector<std::vector<std::string>> found;
  std::istringstream page(read_file(std::string(OW_SOURCE_DIR) + "/docs/queues.md"));
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("build/orderwright queue ")) continue;
    auto words = words_of(line);
    words.erase(words.begin());
    found.push_back(std::move(words));
  }
  return found;
}

class QueueCommandTest : public BinaryTest {
 protected:
  void SetUp() override {
    BinaryTest::SetUp();
    if (IsSkipped()) return;
    {
      auto node = app::EmbeddedNode::open(path("data"), app::no_event_rules());
      ASSERT_TRUE(node.has_value()) << node.error().message;
      const auto died = app::run_to_end(**node, let_die(**node));
      ASSERT_TRUE(died.has_value()) << died.error().message;
    }
    server_ = std::make_unique<ServeProcess>(path("data"));
    ASSERT_TRUE(server_->came_up()) << server_->err();
  }
  Outcome run(const std::vector<std::string>& words) { return server_->run(words, "demo-operator"); }
  base::Json queue(const std::string& name) { return server_->get("/api/queues/" + name, "demo-operator"); }

  std::unique_ptr<ServeProcess> server_;
};

TEST_F(QueueCommandTest, every_example_of_the_documentation_runs) {
  const auto all = examples();
  ASSERT_THAT(all, SizeIs(testing::Ge(15U)));
  const auto fixed = file("fixed.json", R"({"total":8})");
  std::string operation;
  for (auto words : all) {
    for (auto& word : words) {
      if (word == "fixed.json") word = fixed;
      if (word == "qop_…") word = operation;
    }
    const auto outcome = run(words);
    EXPECT_EQ(outcome.exit, 0) << testing::PrintToString(words) << outcome.out << outcome.err;
    const auto at = outcome.out.find("qop_");
    if (at != std::string::npos) operation = outcome.out.substr(at, 30);
    if (words[1] == "messages" && words[2] == "reports.dlq") EXPECT_THAT(outcome.out, HasSubstr("report-2"));
  }
}

TEST_F(QueueCommandTest, an_edit_is_delivered_and_shown_beside_the_original) {
  const auto fixed = file("fixed.json", R"({"total":8})");
  const auto done =
      run({"queue", "redrive", "reports", "--id", "report-2", "--body", fixed, "--reason", "typo", "--json"});
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(done.json().integer_at("messages"), 1);
  const auto shown = run({"queue", "message", "reports", "report-2"});
  EXPECT_THAT(shown.out, HasSubstr(R"({"total":8})"));
  EXPECT_THAT(shown.out, HasSubstr(R"(edit.original           {"total":7})"));
  EXPECT_EQ(queue("reports").integer_at("depth"), 1);
  EXPECT_EQ(queue("reports").integer_at("dead"), 3);
}

TEST_F(QueueCommandTest, what_is_not_there_or_not_meant_ends_with_1_or_2) {
  EXPECT_EQ(run({"queue", "show", "nowhere"}).exit, 1);
  EXPECT_EQ(run({"queue", "redrive", "reports", "--id", "report-9"}).exit, 1);
  EXPECT_EQ(run({"queue", "redrive", "reports"}).exit, 2);
  EXPECT_EQ(run({"queue", "redrive", "reports", "--all", "--id", "report-1"}).exit, 2);
  EXPECT_EQ(run({"queue", "redrive", "reports", "--id", "report-1", "--body", path("none")}).exit, 2);
  EXPECT_EQ(run({"queue", "purge", "reports", "--reason", "x"}).exit, 2);
  const auto wrong = run({"queue", "purge", "reports.dlq", "--confirm", "reports", "--reason", "x"});
  EXPECT_EQ(wrong.exit, 1);
  EXPECT_THAT(wrong.err, HasSubstr("confirm must repeat the queue's name"));
  EXPECT_EQ(queue("reports").integer_at("dead"), 4);
  EXPECT_EQ(server_->run({"queue", "list"}, "demo-shopper").exit, 1);
}

TEST_F(QueueCommandTest, a_pause_outlives_the_process) {
  EXPECT_EQ(run({"queue", "pause", "reports", "--reason", "look"}).exit, 0);
  EXPECT_EQ(server_->stop(9), 128 + 9);
  server_ = std::make_unique<ServeProcess>(path("data"));
  ASSERT_TRUE(server_->came_up()) << server_->err();
  EXPECT_EQ(queue("reports").bool_at("paused"), true);
  EXPECT_EQ(run({"queue", "resume", "reports"}).exit, 0);
  EXPECT_EQ(queue("reports").bool_at("paused"), false);
}

}  // namespace
}  // namespace ow::tests
