// `order place|list|show|cancel`, `product list` and `queue list` against a running server, for people and as JSON.
#include <gmock/gmock.h>

#include "app/binary.h"

namespace ow::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

class OrderCommandTest : public SharedServerTest {
 protected:
  /// Places an order by command; its id.
  static std::string place(std::vector<std::string> more = {"--item", "mug"}) {
    std::vector<std::string> words = {"order", "place", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const auto placed = server().run(words);
    EXPECT_EQ(placed.exit, 0) << placed.out << placed.err;
    return text_of(placed.json(), "orderId");
  }
};

TEST_F(OrderCommandTest, place_says_the_order_and_its_status) {
  const auto placed = server().run({"order", "place", "--item", "mug=2", "--item", "honey"});
  EXPECT_EQ(placed.exit, 0) << placed.err;
  EXPECT_THAT(placed.out, MatchesRegex("ord_[0-9A-Z]+  pending\n"));
  EXPECT_THAT(placed.err, IsEmpty());
}

TEST_F(OrderCommandTest, place_as_json_is_the_servers_answer) {
  const auto placed = server().run({"order", "place", "--item", "mug=2", "--json"});
  EXPECT_EQ(text_of(placed.json(), "status"), "pending");
  const auto order = server().settled(text_of(placed.json(), "orderId"));
  EXPECT_EQ(text_of(order, "total"), "19.80");
  EXPECT_EQ(text_of(order, "status"), "completed");
}

TEST_F(OrderCommandTest, place_takes_a_whole_body_from_a_file_or_standard_input) {
  const auto body = mug_order(3);
  EXPECT_EQ(server().run({"order", "place", "--file", file("order.json", body)}).exit, 0);
  const auto placed = run_binary({"order", "place", "--file", "-", "--server", server().url(), "--json"},
                                 {.input = body, .environment = {"OW_TOKEN=" + server().token_of("demo-shopper")}});
  EXPECT_EQ(text_of(server().settled(text_of(placed.json(), "orderId")), "total"), "29.70");
}

TEST_F(OrderCommandTest, place_twice_under_one_key_is_one_order) {
  const std::vector<std::string> words = {"--item", "mug=2", "--idempotency-key", "-my-key-"};
  const auto order = place(words);
  EXPECT_EQ(place(words), order);
  EXPECT_NE(place({"--item", "mug=2", "--idempotency-key", "-my-key-2"}), order);
  const auto other = server().run({"order", "place", "--item", "mug=3", "--idempotency-key", "-my-key-"});
  EXPECT_EQ(other.exit, 1) << "the key with another body is refused";
}

TEST_F(OrderCommandTest, what_the_server_refuses_ends_with_1_and_says_why) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"order", "place", "--item", "mug=0"}, "items[0].quantity must be an integer >= 1"},
      {{"order", "place", "--item", "no-such-thing"}, "no-such-thing"},
      {{"order", "place", "--file", file("odd.json", R"({"items":[],"colour":"red"})")},
       "colour is not a known member"},
      {{"order", "show", "ord_00000000000000000000000000"}, "There is no order"},
      {{"order", "show", "../../health"}, "There is no order"},
      {{"order", "cancel", "ord_00000000000000000000000000"}, "There is no order"},
      {{"order", "list", "--status", "shiny"}, "status"},
      {{"order", "list", "--limit", "51"}, "limit"},
      {{"order", "list", "--from", "yesterday"}, "from"},
      {{"queue", "list"}, "operator"},
  };
  for (const auto& [words, why] : cases) {
    const auto refused = server().run(words);
    EXPECT_EQ(refused.exit, 1) << words[1] << words.back();
    EXPECT_THAT(refused.err, HasSubstr(why));
    EXPECT_THAT(refused.out, IsEmpty());
  }
}

TEST_F(OrderCommandTest, a_refusal_as_json_is_an_object_with_error_and_violations) {
  const auto refused = server().run({"order", "place", "--item", "mug=0", "--json"});
  EXPECT_EQ(refused.exit, 1);
  EXPECT_FALSE(text_of(refused.json(), "error").empty());
  EXPECT_EQ(text_of(refused.json(), "violations"), R"(["items[0].quantity must be an integer >= 1"])");
}

TEST_F(OrderCommandTest, what_cannot_be_read_as_an_order_ends_with_2) {
  const std::vector<std::vector<std::string>> cases = {
      {"--item", "mug=x"},
      {"--item", "mug="},
      {"--item", "mug=-1"},
      {"--item", "mug=1.5"},
      {"--item", "mug=10001"},
      {"--item", "mug=9223372036854775807"},
      {"--file", path("none.json")},
      {"--file", file("x", "{")},
      {"--item", "mug=99999999999999999999"},
      {"--item", "mug", "--file", file("o", mug_order())},
      {},
  };
  for (const auto& options : cases) {
    std::vector<std::string> words = {"order", "place"};
    words.insert(words.end(), options.begin(), options.end());
    const auto refused = server().run(words);
    EXPECT_EQ(refused.exit, 2) << (options.empty() ? "" : options.back());
    EXPECT_THAT(refused.err, StartsWith("orderwright: "));
  }
}

TEST_F(OrderCommandTest, without_or_with_a_bad_token_it_is_refused) {
  for (const auto* token : {"", "nonsense"}) {
    const auto refused =
        run_binary({"order", "list", "--server", server().url()}, {.environment = {std::string("OW_TOKEN=") + token}});
    EXPECT_EQ(refused.exit, 1);
  }
}

TEST_F(OrderCommandTest, show_lists_lines_and_events) {
  const auto order = place({"--item", "mug=2", "--item", "honey=1", "--email", "shopper@example.com"});
  server().settled(order);
  const auto shown = server().run({"order", "show", order});
  EXPECT_EQ(shown.exit, 0) << shown.err;
  for (const auto* part : {"completed", "28.75", "shopper@example.com", "Mug, stoneware", "order.created",
                           "inventory.reserved", "order.processing", "payment.charged", "order.completed"}) {
    EXPECT_THAT(shown.out, HasSubstr(part));
  }
  EXPECT_THAT(shown.out, Not(HasSubstr("\033")));
  const auto json = server().run({"order", "show", order, "--json"}).json();
  EXPECT_EQ(event_types(json), "order.created, inventory.reserved, order.processing, payment.charged, order.completed");
}

TEST_F(OrderCommandTest, list_pages_newest_first) {
  const auto older = place();
  const auto newer = place();
  const auto first = server().run({"order", "list", "--limit", "1", "--json"}).json();
  EXPECT_EQ(text_of(first.find("items")->as_array().at(0), "orderId"), newer);
  const auto second =
      server().run({"order", "list", "--limit", "1", "--json", "--cursor", text_of(first, "nextCursor")}).json();
  EXPECT_EQ(text_of(second.find("items")->as_array().at(0), "orderId"), older);
  const auto table = server().run({"order", "list"});
  EXPECT_THAT(table.out, StartsWith("ORDER "));
  EXPECT_LT(table.out.find(newer), table.out.find(older));
}

TEST_F(OrderCommandTest, list_filters_by_status_and_customer) {
  const auto failed = place({"--item", "mug", "--payment-token", "tok_decline"});
  const auto customer = text_of(server().settled(failed), "customer");
  const auto listed = server().run({"order", "list", "--status", "failed", "--json"}).json();
  for (const auto& order : listed.find("items")->as_array()) EXPECT_EQ(text_of(order, "status"), "failed");
  EXPECT_THAT(base::to_text(listed), HasSubstr(failed));
  const auto all = server().run({"order", "list", "--customer", customer, "--json"}, "demo-operator").json();
  EXPECT_THAT(base::to_text(all), HasSubstr(failed));
  const auto none = server().run({"order", "list", "--customer", "usr_nobody", "--json"}, "demo-operator").json();
  EXPECT_THAT(none.find("items")->as_array(), IsEmpty());
}

TEST_F(OrderCommandTest, cancel_ends_an_order_that_waits_for_its_charge_and_no_other) {
  const auto waiting = place({"--item", "mug", "--payment-token", "tok_slow"});
  const auto cancelled = server().run({"order", "cancel", waiting});
  EXPECT_EQ(cancelled.exit, 0) << cancelled.err;
  EXPECT_THAT(cancelled.out, StartsWith(waiting));
  EXPECT_EQ(text_of(server().settled(waiting), "status"), "cancelled");
  const auto done = place();
  server().settled(done);
  EXPECT_EQ(server().run({"order", "cancel", done}).exit, 1);
}

TEST_F(OrderCommandTest, product_list_pages_through_the_catalogue) {
  const auto first = server().run({"product", "list", "--limit", "12", "--json"}).json();
  const auto second =
      server().run({"product", "list", "--limit", "12", "--json", "--cursor", text_of(first, "nextCursor")}).json();
  EXPECT_EQ(first.find("items")->as_array().size() + second.find("items")->as_array().size(), 20U);
  EXPECT_EQ(text_of(second, "nextCursor"), "null");
  const auto table = server().run({"product", "list"});
  EXPECT_THAT(table.out, StartsWith("PRODUCT "));
  EXPECT_THAT(table.out, HasSubstr("Mug, stoneware"));
}

TEST_F(OrderCommandTest, queue_list_shows_depth_to_operators) {
  const auto table = server().run({"queue", "list"}, "demo-operator");
  EXPECT_EQ(table.exit, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("workflow-transitions"));
  const auto json = server().run({"queue", "list", "--json"}, "demo-operator").json();
  for (const auto& queue : json.find("items")->as_array()) EXPECT_TRUE(queue.integer_at("ready").has_value());
}

}  // namespace
}  // namespace ow::tests
