// Contract of platform/queues.h, with what commits do to queues: sends, acks, timers, dead letters.
#pragma once

#include <algorithm>
#include <set>

#include "contracts/engine_ports.h"

namespace ow::contracts {

using base::ErrorCode;
using platform::Commit;
using platform::Conflict;
using platform::Delivery;
using platform::QueueKind;

class QueuesContract : public EngineContract {
 protected:
  void SetUp() override {
    EngineContract::SetUp();
    declare("orders", QueueKind::ordered);
    declare("mail", QueueKind::fair);
    declare("routed", QueueKind::ordered);
  }

  std::vector<Delivery> receive(const std::string& queue, std::size_t batch_max = 10, base::Duration wait = {}) {
    auto received = run(ports_->queues().receive({queue, batch_max, wait}));
    EXPECT_TRUE(received.has_value()) << received.error().message;
    return std::move(*received);
  }
  /// The one message that can be received, waiting for it.
  Delivery receive_one(const std::string& queue) {
    const auto received = receive(queue, 1, 100s);
    EXPECT_EQ(received.size(), 1U);
    return received.empty() ? Delivery{} : received.front();
  }
  static std::vector<std::string> ids(const std::vector<Delivery>& deliveries) {
    std::vector<std::string> found;
    for (const auto& one : deliveries) found.push_back(one.id.text);
    return found;
  }
  void send(const std::string& queue, const std::string& id, const std::string& group = "g") {
    ASSERT_TRUE(committed(Commit().send(message(queue, id, group))));
  }
  bool acked(const Delivery& delivery) { return committed(Commit().ack(ack(delivery))); }
  bool empty(const std::string& queue) {
    settle();
    return receive(queue).empty();
  }
};

TEST_P(QueuesContract, a_message_arrives_with_all_of_it) {
  auto sent = message("mail", "m1", "ann");
  sent.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  ASSERT_TRUE(committed(Commit().send(sent)));
  const auto delivery = receive_one("mail");
  EXPECT_EQ(delivery.queue, "mail");
  EXPECT_EQ(delivery.id.text, "m1");
  EXPECT_EQ(delivery.group, "ann");
  EXPECT_EQ(delivery.body, sent.body);
  EXPECT_EQ(delivery.traceparent, sent.traceparent);
  EXPECT_EQ(delivery.receive_count, 1);
  EXPECT_FALSE(delivery.receipt.empty());
  EXPECT_GE(ports_->clock().now(), delivery.sent);
}

TEST_P(QueuesContract, a_queue_that_nobody_declared_is_not_found) {
  const auto received = run(ports_->queues().receive({"nowhere", 1, {}}));
  ASSERT_FALSE(received.has_value());
  EXPECT_EQ(received.error().code, ErrorCode::not_found);
}

TEST_P(QueuesContract, an_empty_queue_answers_after_the_wait) {
  const auto before = ports_->clock().ticks();
  EXPECT_TRUE(receive("mail", 10, 20s).empty());
  EXPECT_GE(ports_->clock().ticks() - before, base::Duration(20s));
}

TEST_P(QueuesContract, a_waiting_receive_hears_of_a_commit) {
  const auto before = ports_->clock().ticks();
  const auto later = [](EnginePorts& ports) -> base::Task<void> {
    co_await ports.executor().sleep_until(ports.clock().ticks() + 2s);
    static_cast<void>(co_await ports.store().commit(Commit().send(message("mail", "m1"))));
  };
  ports_->executor().spawn(later(*ports_));
  EXPECT_EQ(ids(receive("mail", 10, 60s)), (std::vector<std::string>{"m1"}));
  if (ports_->strong()) EXPECT_LT(ports_->clock().ticks() - before, base::Duration(3s));
}

TEST_P(QueuesContract, a_waiting_receive_ends_when_the_executor_stops) {
  std::optional<bool> ended;
  const auto wait = [](EnginePorts& ports, std::optional<bool>& done) -> base::Task<void> {
    const auto received = co_await ports.queues().receive({"mail", 1, 3600s});
    done = received.has_value() && received->empty();
  };
  ports_->executor().spawn(wait(*ports_, ended));
  pass(1s);
  EXPECT_FALSE(ended.has_value());
  const auto before = ports_->clock().ticks();
  ports_->executor().request_stop();
  pass(1s);
  EXPECT_EQ(ended, true);
  EXPECT_LT(ports_->clock().ticks() - before, base::Duration(60s));
}

TEST_P(QueuesContract, a_received_message_is_hidden_until_its_visibility_ends) {
  send("mail", "m1");
  const auto first = receive_one("mail");
  EXPECT_TRUE(receive("mail").empty());
  pass(31s);
  const auto second = receive_one("mail");
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(second.receive_count, 2);
  EXPECT_NE(second.receipt, first.receipt);
}

TEST_P(QueuesContract, extending_hides_it_longer) {
  send("mail", "m1");
  const auto delivery = receive_one("mail");
  pass(20s);
  ASSERT_TRUE(run(ports_->queues().extend(delivery, 60s)).has_value());
  pass(40s);
  EXPECT_TRUE(receive("mail").empty());
  pass(25s);
  EXPECT_EQ(receive_one("mail").id, delivery.id);
}

TEST_P(QueuesContract, a_receipt_that_is_no_longer_current_extends_and_releases_nothing) {
  send("mail", "m1");
  const auto first = receive_one("mail");
  pass(31s);
  const auto second = receive_one("mail");
  const auto extended = run(ports_->queues().extend(first, 60s));
  ASSERT_FALSE(extended.has_value());
  EXPECT_EQ(extended.error().code, ErrorCode::conflict);
  EXPECT_FALSE(run(ports_->queues().release(first, {})).has_value());
  EXPECT_TRUE(run(ports_->queues().release(second, {})).has_value());
}

TEST_P(QueuesContract, a_released_message_is_there_again) {
  send("mail", "m1");
  const auto delivery = receive_one("mail");
  ASSERT_TRUE(run(ports_->queues().release(delivery, {})).has_value());
  EXPECT_EQ(receive_one("mail").receive_count, 2);
}

TEST_P(QueuesContract, a_release_with_delay_shows_it_after_the_delay) {
  for (const char* queue : {"mail", "orders"}) {
    send(queue, "m1");
    const auto delivery = receive_one(queue);
    ASSERT_TRUE(run(ports_->queues().release(delivery, 10s)).has_value());
    EXPECT_TRUE(receive(queue, 1, 9s).empty()) << queue;
    const auto again = receive_one(queue);
    EXPECT_EQ(again.id, delivery.id);
    EXPECT_EQ(again.receive_count, 2);
    EXPECT_TRUE(acked(again));
  }
}

TEST_P(QueuesContract, an_acked_message_is_gone_and_acked_once) {
  send("mail", "m1");
  const auto delivery = receive_one("mail");
  ASSERT_TRUE(acked(delivery));
  const auto again = commit(Commit().put(record("p", "s", "1")).ack(ack(delivery)));
  ASSERT_EQ(again.kind, platform::CommitOutcome::Kind::conflict);
  EXPECT_EQ(again.conflict.part, Conflict::Part::ack);
  EXPECT_EQ(again.conflict.key, (platform::Key{"mail", "m1"}));
  EXPECT_EQ(get({"p", "s"}), nullptr);
  pass(60s);
  EXPECT_TRUE(empty("mail"));
}

TEST_P(QueuesContract, the_ack_decides_also_after_the_visibility_ended) {
  send("mail", "m1");
  const auto first = receive_one("mail");
  pass(31s);
  const auto second = receive_one("mail");
  EXPECT_TRUE(acked(first));
  EXPECT_FALSE(acked(second));
  pass(60s);
  EXPECT_TRUE(empty("mail"));
}

TEST_P(QueuesContract, a_message_of_a_refused_commit_is_never_sent) {
  EXPECT_FALSE(committed(Commit().send(message("mail", "m1")).require({"p", "s"}, platform::Expect::exists())));
  EXPECT_TRUE(empty("mail"));
}

TEST_P(QueuesContract, an_id_that_is_queued_or_was_consumed_is_not_sent_again) {
  send("mail", "m1");
  send("mail", "m1");
  EXPECT_TRUE(acked(receive_one("mail")));
  EXPECT_TRUE(empty("mail"));
  send("mail", "m1");
  EXPECT_TRUE(empty("mail"));
  send("orders", "m1");
  EXPECT_EQ(receive_one("orders").id.text, "m1");
}

TEST_P(QueuesContract, a_group_of_an_ordered_queue_comes_one_at_a_time_in_order) {
  for (const char* id : {"a1", "a2", "a3"}) send("orders", id, "a");
  send("orders", "b1", "b");
  settle();
  const auto first = receive("orders");
  EXPECT_EQ(ids(first), (std::vector<std::string>{"a1", "b1"}));
  EXPECT_TRUE(receive("orders").empty());
  ASSERT_TRUE(acked(first[0]));
  const auto second = receive("orders", 10, 60s);
  EXPECT_EQ(ids(second), (std::vector<std::string>{"a2"}));
  ASSERT_TRUE(run(ports_->queues().release(second[0], 10s)).has_value());
  EXPECT_TRUE(receive("orders").empty());
  pass(11s);
  EXPECT_EQ(receive_one("orders").id.text, "a2");
}

TEST_P(QueuesContract, messages_of_one_commit_keep_their_order_in_a_group) {
  ASSERT_TRUE(committed(
      Commit().send(message("orders", "z", "a")).send(message("orders", "y", "a")).send(message("orders", "x", "a"))));
  for (const char* id : {"z", "y", "x"}) {
    const auto delivery = receive_one("orders");
    EXPECT_EQ(delivery.id.text, id);
    ASSERT_TRUE(acked(delivery));
  }
}

TEST_P(QueuesContract, a_fair_queue_hands_out_a_group_at_once) {
  for (const char* id : {"a1", "a2", "a3"}) send("mail", id, "a");
  settle();
  auto found = ids(receive("mail"));
  std::ranges::sort(found);
  EXPECT_EQ(found, (std::vector<std::string>{"a1", "a2", "a3"}));
}

TEST_P(QueuesContract, in_a_fair_queue_a_quiet_owner_does_not_wait_behind_a_noisy_one) {
  if (!ports_->strong()) GTEST_SKIP() << "order of arrival is not kept";
  for (int i = 0; i < 300; ++i) send("mail", "noisy" + std::to_string(i), "noisy");
  static_cast<void>(receive("mail", 50));
  send("mail", "quiet1", "quiet");
  EXPECT_EQ(ids(receive("mail", 1)), (std::vector<std::string>{"quiet1"}));
}

TEST_P(QueuesContract, a_delayed_message_is_not_received_early) {
  auto sent = message("mail", "m1");
  sent.delay = 60s;
  ASSERT_TRUE(committed(Commit().send(sent)));
  EXPECT_TRUE(receive("mail", 1, 59s).empty());
  EXPECT_EQ(receive_one("mail").id.text, "m1");
}

TEST_P(QueuesContract, an_ordered_queue_takes_no_delayed_messages) {
  auto sent = message("orders", "m1");
  sent.delay = 60s;
  EXPECT_EQ(refusal(Commit().send(sent)), ErrorCode::malformed);
}

TEST_P(QueuesContract, a_timer_becomes_a_message_when_due) {
  const auto due = ports_->clock().now() + 3600s;
  ASSERT_TRUE(committed(Commit().schedule({"t1", due, message("orders", "m1", "a")})));
  EXPECT_TRUE(receive("orders", 1, 3599s).empty());
  const auto delivery = receive_one("orders");
  EXPECT_EQ(delivery.id.text, "m1");
  EXPECT_GE(ports_->clock().now(), due);
  if (ports_->strong()) EXPECT_LE(ports_->clock().now(), due + 1s);
  ASSERT_TRUE(acked(delivery));
  pass(3600s);
  EXPECT_TRUE(empty("orders"));
}

TEST_P(QueuesContract, a_timer_put_again_is_replaced_and_a_cancelled_one_never_fires) {
  const auto now = ports_->clock().now();
  ASSERT_TRUE(committed(Commit()
                            .schedule({"again", now + 10s, message("mail", "early")})
                            .schedule({"gone", now + 10s, message("mail", "never")})));
  ASSERT_TRUE(committed(
      Commit().schedule({"again", now + 100s, message("mail", "late")}).cancel_timer("gone").cancel_timer("unknown")));
  EXPECT_TRUE(receive("mail", 10, 90s).empty());
  EXPECT_EQ(receive_one("mail").id.text, "late");
}

TEST_P(QueuesContract, a_timer_that_is_overdue_fires_at_once) {
  pass(10s);
  ASSERT_TRUE(committed(Commit().schedule({"t1", ports_->clock().now() - 5s, message("mail", "m1")})));
  EXPECT_EQ(receive_one("mail").id.text, "m1");
}

TEST_P(QueuesContract, timers_delays_and_messages_survive_a_restart) {
  auto delayed = message("mail", "delayed");
  delayed.delay = 60s;
  ASSERT_TRUE(committed(Commit()
                            .send(message("mail", "at-once"))
                            .send(delayed)
                            .schedule({"t1", ports_->clock().now() + 120s, message("mail", "timer")})));
  ports_->restart();
  for (const char* id : {"at-once", "delayed", "timer"}) {
    const auto delivery = receive_one("mail");
    EXPECT_EQ(delivery.id.text, id);
    ASSERT_TRUE(acked(delivery));
  }
}

TEST_P(QueuesContract, after_its_limit_a_message_moves_to_the_dead_letter_queue) {
  declare("poison", QueueKind::ordered, 3);
  send("poison", "m1");
  for (int count = 1; count <= 3; ++count) {
    const auto delivery = receive_one("poison");
    EXPECT_EQ(delivery.receive_count, count);
    if (count == 2) ASSERT_TRUE(run(ports_->queues().release(delivery, {})).has_value());
  }
  pass(31s);
  EXPECT_TRUE(receive("poison").empty());
  const auto dead = receive_one("poison.dlq");
  EXPECT_EQ(dead.id.text, "m1");
  EXPECT_EQ(dead.body, message("poison", "m1").body);
}

TEST_P(QueuesContract, a_message_that_kills_the_process_is_handed_out_exactly_its_limit) {
  declare("poison", QueueKind::fair, 3);
  send("poison", "m1");
  send("poison", "m2", "other");
  std::map<std::string, int> received;
  for (int life = 0; life < 8; ++life) {
    for (const auto& delivery : receive("poison", 10, 1s)) ++received[delivery.id.text];
    ports_->restart();
  }
  EXPECT_EQ(received, (std::map<std::string, int>{{"m1", 3}, {"m2", 3}}));
  std::set<std::string> dead;
  for (const auto& delivery : receive("poison.dlq", 10, 60s)) dead.insert(delivery.id.text);
  EXPECT_EQ(dead, (std::set<std::string>{"m1", "m2"}));
}

TEST_P(QueuesContract, a_dead_letter_is_gone_after_14_days) {
  declare("poison", QueueKind::fair, 1);
  send("poison", "m1");
  receive_one("poison");
  pass(31s);
  static_cast<void>(receive("poison"));
  pass(14 * 24h);
  EXPECT_TRUE(receive("poison.dlq").empty());
}

TEST_P(QueuesContract, a_rule_makes_a_message_of_an_event) {
  ASSERT_TRUE(committed(Commit().event(event("o1", "routed")).event(event("o1", "silent"))));
  const auto delivery = receive_one("routed");
  EXPECT_EQ(delivery.group, "o1");
  EXPECT_NE(delivery.body.find(R"("detail-type":"routed")"), std::string::npos) << delivery.body;
  EXPECT_NE(delivery.body.find(R"("resources":["o1"])"), std::string::npos) << delivery.body;
  EXPECT_NE(delivery.body.find(R"("detail":{"a":1})"), std::string::npos) << delivery.body;
  EXPECT_FALSE(delivery.traceparent.empty());
  ASSERT_TRUE(acked(delivery));
  EXPECT_TRUE(empty("routed"));
}

TEST_P(QueuesContract, a_message_of_a_rule_reads_the_same_after_a_restart) {
  ASSERT_TRUE(committed(Commit().event(event("o1", "routed"))));
  const auto before = receive_one("routed");
  ports_->restart();
  const auto after = receive_one("routed");
  EXPECT_EQ(after.id, before.id);
  EXPECT_EQ(after.body, before.body);
}

}  // namespace ow::contracts
