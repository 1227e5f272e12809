// Contract of platform/queue_admin.h.
#pragma once

#include <map>

#include "contracts/engine_ports.h"

namespace ow::contracts {

using base::ErrorCode;
using platform::Commit;
using platform::QueueKind;

class QueueAdminContract : public EngineContract {
 protected:
  void SetUp() override {
    EngineContract::SetUp();
    declare("orders", QueueKind::ordered, 1);
    declare("mail", QueueKind::fair, 1);
  }

  platform::QueueAdmin& admin() { return ports_->queue_admin(); }
  std::vector<platform::Delivery> receive(const std::string& queue, std::size_t batch_max = 10) {
    return run(ports_->queues().receive({queue, batch_max, {}})).value();
  }
  void send(const std::string& queue, const std::string& id, const std::string& group = "g") {
    ASSERT_TRUE(committed(Commit().send(message(queue, id, group))));
  }
  platform::QueueStatus status(const std::string& name) {
    const auto queues = run(admin().list()).value();
    for (const auto& queue : queues) {
      if (queue.spec.name == name) return queue;
    }
    ADD_FAILURE() << "no queue " << name;
    return {};
  }
  /// Ids with states, in order.
  std::vector<std::string> inspect(const std::string& queue, platform::MessageFilter filter = {}) {
    std::vector<std::string> found;
    const auto page = run(admin().inspect(queue, std::move(filter)));
    EXPECT_TRUE(page.has_value()) << page.error().message;
    last_cursor_ = page->next_cursor;
    for (const auto& one : page->messages) found.push_back(one.message.id.text + " " + one.state);
    return found;
  }
  /// Messages that were received to their limit.
  void make_dead(int count) {
    for (int i = 0; i < count; ++i) send("mail", "m" + std::to_string(i), "g" + std::to_string(i % 2));
    ASSERT_EQ(receive("mail", 64).size(), static_cast<std::size_t>(count));
    pass(31s);
    ASSERT_TRUE(receive("mail").empty());
  }

  using Ids = std::vector<std::string>;
  std::string last_cursor_;
};

TEST_P(QueueAdminContract, a_declared_queue_is_listed_with_its_dead_letter_queue) {
  std::map<std::string, platform::QueueSpec> found;
  const auto queues = run(admin().list()).value();
  for (const auto& queue : queues) found[queue.spec.name] = queue.spec;
  ASSERT_TRUE(found.contains("orders") && found.contains("orders.dlq") && found.contains("mail.dlq"));
  EXPECT_EQ(found["orders"].kind, QueueKind::ordered);
  EXPECT_EQ(found["orders"].receive_limit, 1);
}

TEST_P(QueueAdminContract, declaring_again_confirms_and_another_kind_is_a_conflict) {
  declare("orders", QueueKind::ordered, 3);
  EXPECT_EQ(status("orders").spec.receive_limit, 3);
  platform::QueueSpec other;
  other.name = "orders";
  other.kind = QueueKind::fair;
  const auto declared = run(admin().declare(other));
  ASSERT_FALSE(declared.has_value());
  EXPECT_EQ(declared.error().code, ErrorCode::conflict);
  ports_->restart();
  EXPECT_EQ(status("orders").spec.receive_limit, 3);
}

TEST_P(QueueAdminContract, the_status_counts_by_state_and_knows_the_oldest) {
  send("orders", "a1", "a");
  pass(60s);
  for (const char* id : {"a2", "a3"}) send("orders", id, "a");
  send("orders", "b1", "b");
  pass(60s);
  const auto before = status("orders");
  EXPECT_EQ(before.ready, 2U);
  EXPECT_EQ(before.in_flight, 0U);
  EXPECT_EQ(before.delayed, 2U);
  ASSERT_TRUE(before.oldest_age.has_value());
  EXPECT_GE(*before.oldest_age, base::Duration(120s));
  EXPECT_LT(*before.oldest_age, base::Duration(125s));
  ASSERT_EQ(receive("orders", 1).size(), 1U);
  const auto after = status("orders");
  EXPECT_EQ(after.ready, 1U);
  EXPECT_EQ(after.in_flight, 1U);
  EXPECT_LT(*after.oldest_age, base::Duration(65s));
  EXPECT_EQ(status("mail").oldest_age, std::nullopt);
}

TEST_P(QueueAdminContract, the_status_is_the_same_after_a_restart) {
  auto delayed = message("mail", "late");
  delayed.delay = 600s;
  send("mail", "m1");
  ASSERT_TRUE(committed(Commit().send(delayed)));
  EXPECT_EQ(status("mail").delayed, 1U);
  ports_->restart();
  EXPECT_EQ(status("mail").ready, 1U);
  EXPECT_EQ(status("mail").delayed, 1U);
}

TEST_P(QueueAdminContract, looking_receives_nothing_and_shows_states_in_order_of_sending) {
  send("orders", "b1", "b");
  send("orders", "a1", "a");
  send("orders", "b2", "b");
  ASSERT_EQ(receive("orders", 1).size(), 1U);
  EXPECT_EQ(inspect("orders"), (Ids{"b1 in_flight", "a1 ready", "b2 delayed"}));
  EXPECT_EQ(receive("orders").size(), 1U);
}

TEST_P(QueueAdminContract, a_filter_picks_by_id_group_and_body) {
  send("mail", "m1", "ann");
  send("mail", "m2", "bob");
  send("mail", "m3", "bob");
  EXPECT_EQ(inspect("mail", {.id = "m2"}), (Ids{"m2 ready"}));
  EXPECT_EQ(inspect("mail", {.group = "bob"}), (Ids{"m2 ready", "m3 ready"}));
  EXPECT_EQ(inspect("mail", {.group = "bob", .body_has = "\"m3\""}), (Ids{"m3 ready"}));
  EXPECT_EQ(inspect("mail", {.limit = 2}), (Ids{"m1 ready", "m2 ready"}));
  EXPECT_EQ(inspect("mail", {.limit = 2, .cursor = last_cursor_}), (Ids{"m3 ready"}));
  EXPECT_TRUE(last_cursor_.empty());
}

TEST_P(QueueAdminContract, a_cursor_of_another_look_is_refused) {
  for (const char* id : {"m1", "m2"}) send("mail", id);
  inspect("mail", {.limit = 1});
  ASSERT_FALSE(last_cursor_.empty());
  const auto page = run(admin().inspect("orders", {.cursor = last_cursor_}));
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, ErrorCode::malformed);
}

TEST_P(QueueAdminContract, a_dead_letter_says_why_and_is_driven_back_with_a_fresh_count) {
  make_dead(3);
  const auto page = run(admin().inspect("mail.dlq", {})).value();
  ASSERT_EQ(page.messages.size(), 3U);
  EXPECT_FALSE(page.messages[0].failure.empty());
  EXPECT_EQ(run(admin().redrive("mail.dlq", {.group = "g1"})).value(), 1U);
  const auto again = receive("mail");
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].receive_count, 1);
  EXPECT_EQ(again[0].id.text, "m1");
  ASSERT_TRUE(committed(Commit().ack(ack(again[0]))));
  EXPECT_EQ(inspect("mail.dlq").size(), 2U);
}

TEST_P(QueueAdminContract, only_a_dead_letter_queue_is_driven_back) {
  EXPECT_EQ(run(admin().redrive("mail", {})).error().code, ErrorCode::malformed);
  EXPECT_EQ(run(admin().redrive("nowhere.dlq", {})).error().code, ErrorCode::not_found);
}

TEST_P(QueueAdminContract, a_paused_queue_hands_out_nothing_also_after_a_restart) {
  ASSERT_TRUE(run(admin().pause("mail", true)).has_value());
  send("mail", "m1");
  EXPECT_TRUE(receive("mail").empty());
  ports_->restart();
  EXPECT_TRUE(status("mail").paused);
  EXPECT_TRUE(receive("mail").empty());
  ASSERT_TRUE(run(admin().pause("mail", false)).has_value());
  EXPECT_EQ(receive("mail").size(), 1U);
}

TEST_P(QueueAdminContract, a_purge_drops_everything_of_the_queue_and_nothing_else) {
  for (const char* id : {"a1", "a2"}) send("orders", id, "a");
  auto delayed = message("mail", "late");
  delayed.delay = 60s;
  send("mail", "other");
  ASSERT_TRUE(committed(Commit().send(delayed)));
  const auto in_flight = receive("orders", 1);
  ASSERT_EQ(in_flight.size(), 1U);
  EXPECT_EQ(run(admin().purge("orders")).value(), 2U);
  EXPECT_FALSE(committed(Commit().ack(ack(in_flight[0]))));
  send("orders", "a3", "a");
  EXPECT_EQ(inspect("orders"), (Ids{"a3 ready"}));
  EXPECT_EQ(status("orders").ready, 1U);
  EXPECT_EQ(receive("orders").size(), 1U);
  EXPECT_EQ(run(admin().purge("mail")).value(), 2U);
  pass(120s);
  EXPECT_TRUE(receive("mail").empty());
  ports_->restart();
  EXPECT_TRUE(inspect("mail").empty());
}

TEST_P(QueueAdminContract, what_is_not_there_is_not_found) {
  EXPECT_EQ(run(admin().inspect("nowhere", {})).error().code, ErrorCode::not_found);
  EXPECT_EQ(run(admin().pause("nowhere", true)).error().code, ErrorCode::not_found);
  EXPECT_EQ(run(admin().purge("nowhere")).error().code, ErrorCode::not_found);
}

}  // namespace ow::contracts
