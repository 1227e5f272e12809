// Mail, receipts and topics against a running server: the examples of their pages as they stand, and the routes.
#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "app/binary.h"
#include "app/docs_script.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using base::Json;
using testing::HasSubstr;
using testing::StartsWith;

class NotifyBinaryTest : public BinaryTest {
 protected:
  void SetUp() override {
    BinaryTest::SetUp();
    if (IsSkipped()) return;
    server_.emplace(path("data"));
    ASSERT_TRUE(server_->came_up()) << server_->err();
    order_ = order_of("ann@example.org");
    until([&] { return server_->send("GET", "/api/orders/" + order_ + "/receipt").status == 200; });
  }
  /// An order whose customer was told that it is completed.
  std::string order_of(const std::string& email) {
    auto order = base::parse_json(mug_order(2)).value();
    order.set("customerEmail", email);
    const auto id = server_->place(base::to_text(order));
    EXPECT_EQ(text_of(server_->settled(id), "status"), "completed");
    until([&] { return text_of(mail_of(id), "status") == "sent"; });
    return id;
  }
  /// Asks now and then, for at most half a minute.
  static void until(const std::function<bool()>& done) {
    for (int i = 0; i < 300 && !done(); ++i) std::this_thread::sleep_for(100ms);
    EXPECT_TRUE(done());
  }
  Json mail() { return mail_of(order_); }
  Json mail_of(const std::string& order) {
    const auto mails = server_->get("/api/mails?order=" + order, "demo-operator");
    const auto* items = mails.find("items");
    return items == nullptr || items->as_array().empty() ? Json::object() : items->as_array().front();
  }
  /// Runs all examples of a page in a directory of their own; what they said.
  std::string run_page(const std::string& page, const std::string& user, std::vector<std::string> more = {}) {
    const auto program = std::filesystem::path(binary_path()).parent_path().string();
    const auto script = file("script", "PATH=" + program + ":$PATH\ncd " + directory.path() + "\n" +
                                           script_of(read_file(OW_SOURCE_DIR "/docs/" + page)));
    more.insert(more.end(), {"OW_SERVER=" + server_->url(), "OW_TOKEN=" + server_->token_of(user), "ORDER=" + order_});
    auto process = Process::start({"/bin/bash", script}, path("log"), more);
    EXPECT_EQ(process.wait(), 0) << read_file(path("log"));
    return read_file(path("log"));
  }

  std::optional<ServeProcess> server_;
  std::string order_;
};

TEST_F(NotifyBinaryTest, the_examples_of_mail_run_as_they_stand_and_the_bounce_suppresses) {
  const auto other = text_of(mail_of(order_of("cleo@example.org")), "mailId");
  const auto said = run_page("mail.md", "demo-admin", {"MAIL=" + other, "MESSAGE_ID=" + text_of(mail(), "messageId")});
  EXPECT_THAT(said, HasSubstr("b…@example.org"));
  EXPECT_THAT(said, HasSubstr("Danke, " + order_));
  until([&] { return text_of(mail(), "status") == "bounced"; });
  const auto suppressed = server_->get("/api/mail/suppressions?address=ann@example.org", "demo-operator");
  ASSERT_EQ(suppressed.find("items")->as_array().size(), 1U);
  EXPECT_EQ(text_of(suppressed.find("items")->as_array().at(0), "mailId"), text_of(mail(), "mailId"));
}

TEST_F(NotifyBinaryTest, a_bounce_with_an_api_key_suppresses_until_an_operator_lifts_it) {
  const auto key = server_->run(
      {"api-key", "create", "--name", "mailer", "--scope", "events:ingest", "--source", "mailer"}, "demo-admin");
  ASSERT_EQ(key.exit, 0) << key.err;
  const auto body = R"({"source":"mailer","detail-type":"mail.bounced","detail":{"messageId":")" +
                    text_of(mail(), "messageId") + R"(","kind":"complaint","reason":"marked as spam"}})";
  const auto words = std::vector<std::string>{"/usr/bin/curl",
                                              "-sf",
                                              server_->url() + "/webhooks/ingest",
                                              "-d",
                                              body,
                                              "-H",
                                              "content-type: application/json",
                                              "-H",
                                              "authorization: Bearer " + key.out.substr(0, key.out.size() - 1)};
  EXPECT_EQ(Process::start(words, path("curl")).wait(), 0) << read_file(path("curl"));
  until([&] { return text_of(mail(), "status") == "bounced"; });
  const auto listed = server_->run({"mail", "suppressions", "--address", "ann@example.org", "--json"}, "demo-operator");
  EXPECT_EQ(listed.exit, 0) << listed.err;
  const auto first = listed.json().find("items")->as_array().at(0);
  EXPECT_EQ(text_of(first, "reason"), "marked as spam");
  EXPECT_EQ(server_->run({"mail", "unsuppress", text_of(first, "suppressionId")}, "demo-operator").exit, 0);
  EXPECT_EQ(server_->run({"mail", "unsuppress", text_of(first, "suppressionId")}, "demo-operator").exit, 1);
}

TEST_F(NotifyBinaryTest, mails_are_the_operators_business) {
  EXPECT_EQ(server_->send("GET", "/api/mails").status, 403);
  EXPECT_EQ(server_->send("GET", "/api/mails", "", "").status, 401);
  EXPECT_EQ(server_->send("GET", "/api/mails/mail_nobody", "", "demo-operator").status, 404);
  EXPECT_EQ(server_->send("GET", "/api/mails?status=lost", "", "demo-operator").status, 400);
  const auto shown = server_->run({"mail", "show", text_of(mail(), "mailId"), "--json"}, "demo-operator");
  EXPECT_EQ(shown.exit, 0) << shown.err;
  EXPECT_THAT(text_of(shown.json(), "source"), HasSubstr("Message-ID: <" + text_of(mail(), "messageId") + ">"));
}

TEST_F(NotifyBinaryTest, the_examples_of_receipts_run_as_they_stand) {
  const auto said = run_page("receipts.md", "demo-operator");
  EXPECT_THAT(said, HasSubstr("R-00000001"));
  EXPECT_THAT(read_file(path("receipt.pdf")), StartsWith("%PDF-"));
  EXPECT_EQ(read_file(path("receipt.pdf")), read_file(path("receipt-by-link.pdf")));
}

TEST_F(NotifyBinaryTest, a_receipt_is_its_owners_and_its_link_is_whole_or_nothing) {
  const auto receipt = server_->get("/api/orders/" + order_ + "/receipt");
  EXPECT_EQ(text_of(receipt, "number"), "R-00000001");
  const auto target = text_of(receipt, "url").substr(server_->url().size());
  const auto part = server_->send("GET", target, "", "", {{"range", "bytes=0-4"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "%PDF-");
  EXPECT_EQ(server_->send("GET", target + "0", "", "").status, 403);
  EXPECT_EQ(server_->send("GET", "/api/receipts").status, 403);
  EXPECT_EQ(server_->send("GET", "/api/orders/ord_nobody/receipt").status, 404);
}

TEST_F(NotifyBinaryTest, the_examples_of_topics_run_as_they_stand) {
  const auto made = server_->send("POST", "/api/webhooks",
                                  R"({"url":"https://192.0.43.8/hook","types":["nothing.such"]})", "demo-operator");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto webhook = text_of(base::parse_json(made.body).value(), "id");
  const auto said = run_page("topics.md", "demo-operator", {"WEBHOOK=" + webhook});
  EXPECT_THAT(said, HasSubstr("topic-erp"));
  EXPECT_THAT(said, HasSubstr(webhook));
  until([&] {
    const auto queue = server_->get("/api/queues/topic-erp", "demo-operator");
    return text_of(queue, "ready") == "1";
  });
}

}  // namespace
}  // namespace ow::tests
