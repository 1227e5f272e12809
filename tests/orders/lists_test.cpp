// What shoppers and operators read: orders, events, and whose. Test thread only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "orders/order_world.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

struct ListsTest : testing::Test {
  ListsTest() { world.add_product("mug", 100); }

  std::vector<std::string> ids(const std::string& path, const std::string& token) {
    std::vector<std::string> found;
    const auto page = world.get(path, token);
    for (const auto& order : page.find("items")->as_array()) found.push_back(text(order, "orderId"));
    return found;
  }
  std::vector<std::string> types(const base::Json& page) {
    std::vector<std::string> found;
    for (const auto& event : page.find("items")->as_array()) found.push_back(text(event, "type"));
    return found;
  }
  /// "<subject>/<sequence>" of every event, over all pages from the newest; each page is newest first, none twice.
  std::set<std::string> pages_back(const std::string& path, const std::string& token) {
    std::set<std::string> seen;
    std::string cursor;
    do {
      const auto page = world.get(path + (cursor.empty() ? "" : "&before=" + cursor), token);
      std::string time = "9";
      for (const auto& event : page.find("items")->as_array()) {
        EXPECT_LE(text(event, "time"), time);
        time = text(event, "time");
        EXPECT_TRUE(seen.insert(text(event, "subject") + "/" + text(event, "sequence")).second);
      }
      cursor = text(page, "olderCursor");
    } while (!cursor.empty());
    return seen;
  }
  int status(const std::string& path, const std::string& token) { return world.call("GET", path, token).status; }

  OrderWorld world;
};

TEST_F(ListsTest, shoppers_see_their_own_orders_newest_first_and_operators_all) {
  const auto first = world.place({{"mug"}});
  const auto second = world.place({{"mug"}}, "", "bob");
  const auto third = world.place({{"mug"}});
  EXPECT_THAT(ids("/api/orders", "alice"), ElementsAre(third, first));
  EXPECT_THAT(ids("/api/orders", "bob"), ElementsAre(second));
  EXPECT_THAT(ids("/api/orders", "oscar.operator"), ElementsAre(third, second, first));
  EXPECT_THAT(ids("/api/orders?customer=bob", "oscar.operator"), ElementsAre(second));
  EXPECT_EQ(status("/api/orders?customer=bob", "alice"), 403);
}

TEST_F(ListsTest, pages_hold_every_order_once) {
  std::vector<std::string> placed;
  for (int i = 0; i < 7; ++i) placed.insert(placed.begin(), world.place({{"mug"}}));
  std::vector<std::string> read;
  std::string cursor;
  do {
    const auto page = world.get("/api/orders?limit=3" + (cursor.empty() ? "" : "&cursor=" + cursor), "alice");
    for (const auto& order : page.find("items")->as_array()) read.push_back(text(order, "orderId"));
    cursor = text(page, "nextCursor");
  } while (!cursor.empty());
  EXPECT_EQ(read, placed);
}

TEST_F(ListsTest, filters_by_status_and_time) {
  const auto failed = world.place({{"mug"}}, "tok_decline");
  world.settle(failed);
  world.run_for(10s);
  const auto between = base::to_rfc3339(world.world.clock.now());
  world.run_for(10s);
  const auto completed = world.place({{"mug"}});
  world.settle(completed);
  EXPECT_THAT(ids("/api/orders?status=failed", "alice"), ElementsAre(failed));
  EXPECT_THAT(ids("/api/orders?status=cancelled", "alice"), IsEmpty());
  EXPECT_THAT(ids("/api/orders?from=" + between, "alice"), ElementsAre(completed));
  EXPECT_THAT(ids("/api/orders?to=" + between, "alice"), ElementsAre(failed));
  EXPECT_EQ(status("/api/orders?status=lost", "alice"), 400);
  EXPECT_EQ(status("/api/orders?from=yesterday", "alice"), 400);
  EXPECT_EQ(status("/api/orders?limit=51", "alice"), 400);
  EXPECT_EQ(status("/api/orders?limit=0", "alice"), 400);
  EXPECT_EQ(status("/api/orders?cursor=x", "alice"), 400);
  EXPECT_EQ(status("/api/orders?colour=red", "alice"), 400);
}

TEST_F(ListsTest, another_callers_order_is_forbidden_and_a_missing_one_not_found) {
  const auto id = world.place({{"mug"}});
  EXPECT_EQ(status("/api/orders/" + id, "bob"), 403);
  EXPECT_EQ(world.call("POST", "/api/orders/" + id + "/cancel", "bob").status, 403);
  EXPECT_EQ(status("/api/orders/" + id, ""), 401);
  EXPECT_EQ(status("/api/orders/ord_01ARZ3NDEKTSV4RRFFQ69G5FAV", "alice"), 404);
  EXPECT_EQ(status("/api/orders/nothing", "alice"), 404);
}

TEST_F(ListsTest, events_are_ones_own_newest_first) {
  const auto id = world.place({{"mug"}});
  world.settle(id);
  world.settle(world.place({{"mug"}}, "tok_decline", "bob"));
  const auto page = world.get("/api/events", "alice");
  EXPECT_THAT(types(page), ElementsAre("order.completed", "payment.charged", "order.processing", "inventory.reserved",
                                       "order.created"));
  for (const auto& event : page.find("items")->as_array()) EXPECT_EQ(text(event, "subject"), id);
}

TEST_F(ListsTest, events_are_followed_forward_from_a_cursor) {
  world.settle(world.place({{"mug"}}));
  for (const auto* token : {"alice", "oscar.operator"}) {
    auto cursor = text(world.get("/api/events", token), "nextCursor");
    EXPECT_THAT(types(world.get("/api/events?after=" + cursor, token)), IsEmpty());
    world.settle(world.place({{"mug"}}));
    std::vector<std::string> followed;
    for (int i = 0; i < 5; ++i) {
      const auto page = world.get("/api/events?limit=1&after=" + cursor, token);
      for (auto& type : types(page)) followed.push_back(std::move(type));
      cursor = text(page, "nextCursor");
    }
    EXPECT_THAT(followed, ElementsAre("order.created", "inventory.reserved", "order.processing", "payment.charged",
                                      "order.completed"));
  }
  EXPECT_EQ(status("/api/events?after=nonsense", "alice"), 400);
}

TEST_F(ListsTest, following_passes_over_the_events_of_others) {
  const auto cursor = text(world.get("/api/events", "alice"), "nextCursor");
  for (int i = 0; i < 30; ++i) world.settle(world.place({{"mug"}}, "", "bob"));
  world.settle(world.place({{"mug"}}));
  EXPECT_EQ(types(world.get("/api/events?after=" + cursor, "alice")).size(), 5U);
  EXPECT_EQ(types(world.get("/api/events?after=" + cursor, "bob")).size(), 100U);
}

TEST_F(ListsTest, events_are_read_back_page_by_page_over_all_orders_that_the_caller_may_see) {
  const auto oldest = world.place({{"mug"}});
  std::size_t hers = 1;
  for (int i = 1; i < 62; ++i) {
    const bool is_bobs = i % 10 == 0;
    if (!is_bobs) ++hers;
    world.place({{"mug"}}, "", is_bobs ? "bob" : "alice");
  }
  world.settle_all();
  ASSERT_GT(hers, 50U);
  const auto own = pages_back("/api/events?limit=37", "alice");
  EXPECT_EQ(own.size(), 5 * hers);
  EXPECT_TRUE(own.contains(oldest + "/1"));
  const auto all = pages_back("/api/events?limit=37", "oscar.operator");
  EXPECT_THAT(all, testing::IsSupersetOf(own));
  EXPECT_GE(all.size(), 5U * 62);
}

TEST_F(ListsTest, events_older_than_a_page_stay_where_they_are_while_orders_come_in) {
  for (int i = 0; i < 4; ++i) world.settle(world.place({{"mug"}}));
  const auto page = world.get("/api/events?limit=7", "alice");
  for (int i = 0; i < 3; ++i) world.settle(world.place({{"mug"}}));
  const auto next = world.get("/api/events?limit=100&before=" + text(page, "olderCursor"), "alice");
  EXPECT_EQ(types(next).size(), 13U);
  EXPECT_TRUE(next.find("nextCursor")->is_null());
  EXPECT_TRUE(next.find("olderCursor")->is_null());
}

TEST_F(ListsTest, a_cursor_for_older_events_shows_nobody_the_events_of_others) {
  for (int i = 0; i < 2; ++i) world.settle(world.place({{"mug"}}));
  const auto cursor = text(world.get("/api/events?limit=3", "alice"), "olderCursor");
  EXPECT_THAT(types(world.get("/api/events?before=" + cursor, "bob")), IsEmpty());
  EXPECT_EQ(status("/api/events?before=" + cursor + "&after=" + cursor, "alice"), 400);
  for (const char* bad : {"nonsense", "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV.", "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV.1.x.1"}) {
    EXPECT_EQ(status(std::string("/api/events?before=") + bad, "alice"), std::string(bad).ends_with('.') ? 200 : 400)
        << bad;
  }
  EXPECT_EQ(status("/api/events?before=nonsense", "oscar.operator"), 400);
}

TEST_F(ListsTest, the_data_of_an_event_is_the_state_after_its_change) {
  const auto order = world.settle(world.place({{"mug", 2}}));
  const auto& events = order.find("events")->as_array();
  EXPECT_EQ(text(*events[0].find("data"), "status"), "pending");
  EXPECT_EQ(text(*events[2].find("data"), "status"), "processing");
  EXPECT_EQ(text(*events[4].find("data"), "status"), "completed");
  for (const auto& event : events) {
    EXPECT_EQ(minor(*event.find("data"), "total"), 2000);
    EXPECT_EQ(event.find("data")->find("items")->as_array().size(), 1U);
  }
}

TEST_F(ListsTest, an_operator_who_cancels_a_customers_order_is_named_in_an_event) {
  const auto own = world.place({{"mug"}});
  EXPECT_EQ(world.call("POST", "/api/orders/" + own + "/cancel", "alice").status, 202);
  world.settle(own);
  EXPECT_THAT(types(world.get("/api/events")), testing::Not(testing::Contains("operator.order-cancel-requested")));

  const auto hers = world.place({{"mug"}});
  EXPECT_EQ(world.call("POST", "/api/orders/" + hers + "/cancel", "oscar.operator").status, 202);
  EXPECT_EQ(text(world.settle(hers), "status"), "cancelled");
  const auto page = world.get("/api/events");
  EXPECT_THAT(types(page), testing::Contains("operator.order-cancel-requested").Times(1));
  for (const auto& event : page.find("items")->as_array()) {
    if (text(event, "type") == "operator.order-cancel-requested") EXPECT_EQ(text(*event.find("data"), "by"), "oscar");
  }
}

}  // namespace
}  // namespace ow::tests
