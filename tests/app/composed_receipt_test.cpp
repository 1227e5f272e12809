// Receipts in the composed program: numbers without gaps, the right customers, links, ranges.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "app/binary.h"
#include "app/composed_world.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using base::Json;
using testing::HasSubstr;

std::string header_of(const http::Response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

class ComposedReceiptTest : public testing::Test {
 protected:
  std::string completed() {
    auto id = world_.place();
    world_.settle(id);
    world_.world.scheduler.run_for(5s);
    return id;
  }
  Json link(const std::string& order, const std::string& user = "demo-shopper") {
    return world_.get("/api/orders/" + order + "/receipt", user);
  }
  /// The link's target without the server's name.
  static std::string target_of(const Json& link) {
    const auto url = text_of(link, "url");
    return url.substr(url.find("/receipts/"));
  }
  std::vector<Json> all_receipts() {
    std::vector<Json> all;
    std::string cursor;
    do {
      const auto page = world_.get("/api/receipts" + (cursor.empty() ? "" : "?cursor=" + cursor));
      for (const auto& item : page.find("items")->as_array()) all.push_back(item);
      cursor = page.string_at("nextCursor").value_or("");
    } while (!cursor.empty());
    return all;
  }

  ComposedWorld world_;
};

TEST_F(ComposedReceiptTest, a_receipt_is_there_after_completion_for_its_owner_only) {
  const auto declined = world_.place("tok_decline");
  world_.settle(declined);
  const auto early = world_.call("GET", "/api/orders/" + declined + "/receipt", "demo-shopper");
  EXPECT_EQ(early.status, 404);
  EXPECT_THAT(early.body, HasSubstr("not yet available"));
  const auto id = completed();
  EXPECT_EQ(world_.call("GET", "/api/orders/" + id + "/receipt").status, 401);
  EXPECT_EQ(text_of(link(id, "demo-operator"), "number"), "R-00000001");
  const auto answer = world_.call("GET", target_of(link(id)));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "application/pdf");
  EXPECT_THAT(answer.body, HasSubstr("Receipt R-00000001"));
  EXPECT_THAT(answer.body, HasSubstr(id));
  EXPECT_EQ(header_of(answer, "Content-Disposition"), "inline; filename=\"receipt-R-00000001.pdf\"");
}

TEST_F(ComposedReceiptTest, a_link_is_good_for_900_seconds_and_for_nothing_else) {
  const auto id = completed();
  const auto target = target_of(link(id));
  auto other = target;
  other.replace(other.find("ord_"), id.size(), world_.place());
  EXPECT_EQ(world_.call("GET", other).status, 403);
  EXPECT_EQ(world_.call("GET", target + "x").status, 403);
  EXPECT_EQ(world_.call("GET", target.substr(0, target.find('?'))).status, 403);
  world_.world.scheduler.run_for(890s);
  EXPECT_EQ(world_.call("GET", target).status, 200);
  world_.world.scheduler.run_for(20s);
  const auto late = world_.call("GET", target);
  EXPECT_EQ(late.status, 403);
  EXPECT_THAT(late.body, HasSubstr("link_expired"));
}

TEST_F(ComposedReceiptTest, ranges_conditions_and_head_are_served) {
  const auto target = target_of(link(completed()));
  const auto whole = world_.call("GET", target);
  const auto tag = header_of(whole, "ETag");
  const auto part = world_.call("GET", target, "", "", {{"range", "bytes=1-4"}, {"if-range", tag}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "PDF-");
  EXPECT_EQ(header_of(part, "Content-Range"), "bytes 1-4/" + std::to_string(whole.body.size()));
  EXPECT_EQ(world_.call("GET", target, "", "", {{"range", "bytes=1-4"}, {"if-range", "\"other\""}}).status, 200);
  EXPECT_EQ(world_.call("GET", target, "", "", {{"range", "bytes=9999999-"}}).status, 416);
  EXPECT_EQ(world_.call("GET", target, "", "", {{"if-none-match", tag}}).status, 304);
  const auto head = world_.call("HEAD", target, "", "", {{"range", "bytes=1-4"}});
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(header_of(head, "Accept-Ranges"), "bytes");
}

TEST_F(ComposedReceiptTest, a_pdf_never_changes_and_damage_is_told) {
  const auto id = completed();
  const auto target = target_of(link(id));
  const auto first = world_.call("GET", target).body;
  const auto hash = text_of(all_receipts().at(0), "sha256");
  const auto blob = "receipts/" + hash.substr(0, 2) + "/" + hash + ".pdf";
  EXPECT_TRUE(world_.run(world_.machine.blobs.erase(blob)));
  EXPECT_EQ(world_.call("GET", target).body, first) << "made again from the frozen content";
  EXPECT_TRUE(world_.run(world_.machine.blobs.erase(blob)));
  EXPECT_TRUE(world_.run(world_.machine.blobs.put(blob, first + "x")));
  const auto damaged = world_.call("GET", target);
  EXPECT_EQ(damaged.status, 500);
  EXPECT_EQ(damaged.body.find("PDF-"), std::string::npos);
}

TEST_F(ComposedReceiptTest, a_refund_gets_a_credit_note_in_the_same_series) {
  const auto id = completed();
  const auto refund = world_.call("POST", "/api/orders/" + id + "/refund", "demo-operator", R"({"reason":"broken"})");
  EXPECT_EQ(refund.status, 202) << refund.body;
  world_.world.scheduler.run_for(30s);
  const auto notes = *link(id).find("creditNotes");
  ASSERT_EQ(notes.as_array().size(), 1U);
  EXPECT_EQ(text_of(notes.as_array()[0], "number"), "R-00000002");
  const auto pdf = world_.call("GET", target_of(notes.as_array()[0]));
  EXPECT_EQ(pdf.status, 200);
  EXPECT_THAT(pdf.body, HasSubstr("Credit note R-00000002"));
  EXPECT_THAT(pdf.body, HasSubstr("For receipt: R-00000001"));
}

TEST_F(ComposedReceiptTest, a_thousand_completed_at_once_have_a_thousand_receipts_without_a_gap) {
  constexpr std::size_t kOrders = 1000;
  ASSERT_EQ(world_.call("PATCH", "/api/products/mug", "demo-operator", R"({"stockDelta":2000})").status, 200);
  std::set<std::string> orders;
  while (orders.size() < kOrders) orders.insert(world_.place());
  world_.world.scheduler.run_for(120s);
  const auto receipts = all_receipts();
  ASSERT_EQ(receipts.size(), kOrders);
  std::set<std::string> told;
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    EXPECT_EQ(text_of(receipts[i], "number"), fmt::format("R-{:08}", kOrders - i));
    told.insert(text_of(receipts[i], "orderId"));
  }
  EXPECT_EQ(told, orders);
  for (const auto i : {0U, 499U, 999U}) {
    const auto id = text_of(receipts[i], "orderId");
    const auto pdf = world_.call("GET", target_of(link(id))).body;
    EXPECT_THAT(pdf, HasSubstr("Order: " + id));
    EXPECT_THAT(pdf, HasSubstr(text_of(receipts[i], "number")));
  }
}

}  // namespace
}  // namespace ow::tests
