// Guards: no duplicate start, second execution or late task turns a good order bad. Test thread only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "orders/order.h"
#include "orders/order_world.h"
#include "payments/obligations.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

struct SagaGuardTest : testing::Test {
  SagaGuardTest() { world.add_product("mug", 10); }

  void start_again(const std::string& execution, const std::string& order) {
    auto commit = world.workflows().start(base::ExecutionId(execution), orders::kPlaceOrder,
                                          base::Json::object({{"orderId", order}}), world.world.clock.now(), "");
    ASSERT_TRUE(world.node.executor().run(world.node.store().commit(std::move(commit))).has_value());
  }
  /// What a task does now, as if a message came late; its commit is made.
  workflow::TaskOutcome run_late(const std::string& resource, const std::string& order) {
    const auto tasks = orders::tasks({world.node.store(), world.node.engine->event_log(), gateway, world.world.clock,
                                      ids, world.node.machine.telemetry});
    workflow::TaskInput input{.input = base::Json::object({{"orderId", order}, {"error", "Payment.Unknown"}}),
                              .execution = base::ExecutionId(order),
                              .state = "Late",
                              .key = "late",
                              .entered = world.world.clock.now(),
                              .traceparent = "",
                              .store = world.node.store()};
    auto outcome = world.node.executor().run(tasks.at(resource).handle(std::move(input))).value();
    if (!outcome.commit.empty()) {
      EXPECT_TRUE(world.node.executor().run(world.node.store().commit(outcome.commit)).value().committed());
    }
    return outcome;
  }

  OrderWorld world;
  payments::HttpGateway gateway{world.node.process->http, kGatewayUrl};
  platform::IdSource ids{world.world.clock, world.node.process->random};
};

constexpr auto kTasksOfASaga = {"orders:validate",    "orders:reserve",     "orders:charge",  "orders:confirm",
                                "orders:void_charge", "orders:undo_charge", "orders:release", "orders:fail",
                                "orders:cancel",      "orders:settle"};

TEST_F(SagaGuardTest, a_second_execution_of_a_completed_order_changes_nothing) {
  const auto id = world.place({{"mug", 2}});
  const auto before = world.settle(id);
  start_again("ord_00000000000000000000000001", id);
  start_again(id, id);
  world.run_for(2min);
  EXPECT_EQ(base::to_text(world.get("/api/orders/" + id)), base::to_text(before));
  EXPECT_THAT(world.audit({{"mug", 10}}), IsEmpty());
}

TEST_F(SagaGuardTest, two_executions_that_race_complete_the_order_once) {
  const auto id = world.place({{"mug", 2}});
  start_again("ord_00000000000000000000000001", id);
  start_again("ord_00000000000000000000000002", id);
  EXPECT_EQ(text(world.settle(id), "status"), "completed");
  world.run_for(2min);
  EXPECT_EQ(world.charges(id), 1U);
  EXPECT_EQ(world.stock("mug").integer_at("sold"), 2);
  EXPECT_THAT(world.audit({{"mug", 10}}), IsEmpty());
}

TEST_F(SagaGuardTest, no_late_task_changes_an_order_that_ended) {
  const auto completed = world.place({{"mug", 2}});
  const auto failed = world.place({{"mug", 2}}, "tok_decline");
  for (const auto& id : {completed, failed}) {
    const auto before = world.settle(id);
    for (const auto* resource : kTasksOfASaga) {
      EXPECT_TRUE(run_late(resource, id).commit.empty()) << resource;
    }
    EXPECT_EQ(base::to_text(world.get("/api/orders/" + id)), base::to_text(before));
  }
  EXPECT_THAT(world.audit({{"mug", 10}}), IsEmpty());
}

TEST(OrderRecordTest, an_order_reads_back_as_it_was_written) {
  orders::Order order;
  order.id.text = "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV";
  order.customer.text = "alice";
  order.lines = {{base::ProductId("mug"), "Mug \"ü\"", 2, {990, {}}}};
  order.total = {1980, {}};
  order.created = {1'000'001};
  order.updated = {2'000'002};
  order.status = orders::Status::completed;
  order.payment = orders::Payment::charged;
  order.cancel = orders::CancelRequest{base::UserId("bob"), {3}};
  order.refunds.push_back({"ref_1",
                           orders::Refund::State::owed,
                           {990, {}},
                           {{base::ProductId("mug"), 1}},
                           true,
                           base::UserId("oscar"),
                           "broken"});
  const auto record = orders::order_record(order);
  const auto read = orders::order_from(record);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(orders::order_record(*read).value, record.value);
  EXPECT_EQ(read->refunds[0].lines[0].quantity, 1);
  EXPECT_EQ(read->cancel->by.text, "bob");
}

TEST(OrderRecordTest, a_damaged_or_newer_record_is_refused) {
  orders::Order order;
  order.id.text = "ord_1";
  auto record = orders::order_record(order);
  record.schema = 2;
  EXPECT_FALSE(orders::order_from(record).has_value());
  record.schema = 1;
  for (const auto* value : {"{", "{}", R"({"c":"a","t":1,"u":1,"cur":"EUR","sum":1,"l":[[1]],"s":0})",
                            R"({"c":"a","t":1,"u":1,"cur":"EUR","sum":1,"l":[],"s":9})"}) {
    record.value = value;
    EXPECT_FALSE(orders::order_from(record).has_value()) << value;
  }
}

TEST(OrderStatusTest, a_final_status_has_no_next_and_the_others_only_go_forward) {
  using orders::Status;
  for (const auto status :
       {Status::pending, Status::processing, Status::completed, Status::failed, Status::cancelled}) {
    EXPECT_EQ(orders::next_statuses(status).empty(), orders::is_final(status));
    EXPECT_EQ(orders::parse_status(orders::status_text(status)), status);
    for (const auto next : orders::next_statuses(status)) EXPECT_GT(next, status);
  }
}

}  // namespace
}  // namespace ow::tests
