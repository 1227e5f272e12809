// Contract of platform/queue_admin.h.
#pragma once

#include <map>
#include <set>

#include "contracts/engine_ports.h"

namespace ow::contracts {

using base::ErrorCode;
using platform::Commit;
using platform::QueueKind;

class QueueAdminContract : public EngineContract {
 protected:
  void SetUp() override {
    EngineContract::SetUp();
    // Behind the weak decorator numbers lag and messages come late: what depends on either is not promised.
    static const std::set<std::string> kPromisedWeak = {"a_declared_queue_is_listed_with_its_dead_letter_queue",
                                                        "declaring_again_confirms_and_another_kind_is_a_conflict",
                                                        "a_cursor_of_another_look_is_refused",
                                                        "a_first_delay_is_no_age",
                                                        "a_pause_is_one_step_with_what_is_committed_beside_it",
                                                        "a_stale_receipt_is_a_conflict_and_changes_nothing",
                                                        "what_is_not_there_is_not_found"};
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    if (!ports_->strong() && !kPromisedWeak.contains(name.substr(0, name.find('/'))))
      GTEST_SKIP() << "not promised by a weak implementation";
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
    settle();
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

  bool pause(const std::string& queue, bool paused) {
    const auto done = run(admin().pause(queue, paused, {}));
    return done.has_value() && done->committed();
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
  EXPECT_EQ(inspect("mail", {.ids = {"m2"}}), (Ids{"m2 ready"}));
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

TEST_P(QueueAdminContract, a_dead_letter_says_how_it_died) {
  declare("mail", QueueKind::fair, 2);
  send("mail", "m1");
  const auto first_at = ports_->clock().now();
  auto failed = receive("mail");
  ASSERT_EQ(failed.size(), 1U);
  failed[0].error = "away: The gateway is away.";
  ASSERT_TRUE(run(ports_->queues().release(failed[0], 10s)).has_value());
  pass(30s);
  auto again = receive("mail");
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].error, "away: The gateway is away.");
  const auto last_at = ports_->clock().now();
  pass(5s);
  again[0].error = "refused: No.";
  ASSERT_TRUE(run(ports_->queues().release(again[0], {})).has_value());
  const auto page = run(admin().inspect("mail.dlq", {})).value();
  ASSERT_EQ(page.messages.size(), 1U);
  const auto& dead = page.messages[0];
  ASSERT_TRUE(dead.death.has_value());
  EXPECT_EQ(dead.death->queue, "mail");
  EXPECT_EQ(dead.death->error, "refused: No.");
  EXPECT_EQ(dead.death->receive_count, 2);
  EXPECT_EQ(dead.message.receive_count, 2);
  EXPECT_LT(dead.death->first_received - first_at, base::Duration(1s));
  EXPECT_LT(dead.death->last_received - last_at, base::Duration(1s));
  EXPECT_GE(dead.death->died, dead.death->last_received);
  EXPECT_EQ(*dead.expires - dead.death->died, base::Duration(14 * 24h));
}

TEST_P(QueueAdminContract, a_time_out_and_a_dead_process_are_errors_too) {
  declare("mail", QueueKind::fair, 2);
  send("mail", "m1");
  ASSERT_EQ(receive("mail").size(), 1U);
  pass(31s);
  const auto again = receive("mail");
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].error, "Its visibility timeout ended before an ack.");
  ports_->restart();
  EXPECT_TRUE(receive("mail").empty());
  const auto page = run(admin().inspect("mail.dlq", {})).value();
  ASSERT_EQ(page.messages.size(), 1U);
  EXPECT_EQ(page.messages[0].death->error, "The process ended while the message was in flight.");
  EXPECT_EQ(page.messages[0].death->receive_count, 2);
}

TEST_P(QueueAdminContract, the_receipt_of_a_look_moves_a_dead_letter_back_in_one_step) {
  make_dead(3);
  const auto page = run(admin().inspect("mail.dlq", {.group = "g1"})).value();
  ASSERT_EQ(page.messages.size(), 1U);
  const auto& dead = page.messages[0].message;
  auto back = message("mail", dead.id.text, dead.group);
  ASSERT_TRUE(committed(Commit().ack(ack(dead)).send(back)));
  EXPECT_FALSE(committed(Commit().ack(ack(dead)).send(back)));
  const auto again = receive("mail");
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].receive_count, 1);
  EXPECT_EQ(again[0].error, "");
  EXPECT_EQ(again[0].id.text, "m1");
  ASSERT_TRUE(committed(Commit().ack(ack(again[0]))));
  EXPECT_EQ(inspect("mail.dlq").size(), 2U);
  EXPECT_EQ(status("mail").dead, 2U);
}

TEST_P(QueueAdminContract, the_receipt_of_a_look_takes_out_what_is_in_flight_or_delayed) {
  auto late = message("mail", "late");
  late.delay = 60s;
  ASSERT_TRUE(committed(Commit().send(late)));
  send("mail", "flying");
  const auto flying = receive("mail");
  ASSERT_EQ(flying.size(), 1U);
  Commit drop;
  const auto page = run(admin().inspect("mail", {})).value();
  for (const auto& one : page.messages) drop.ack(ack(one.message));
  EXPECT_EQ(drop.acks().size(), 2U);
  ASSERT_TRUE(committed(drop));
  EXPECT_FALSE(committed(Commit().ack(ack(flying[0]))));
  pass(120s);
  EXPECT_TRUE(receive("mail").empty());
  EXPECT_EQ(status("mail").delayed, 0U);
  ports_->restart();
  EXPECT_TRUE(inspect("mail").empty());
}

TEST_P(QueueAdminContract, the_receipt_of_a_look_is_no_longer_good_once_the_message_moved) {
  auto late = message("mail", "late");
  late.delay = 60s;
  ASSERT_TRUE(committed(Commit().send(late)));
  const auto page = run(admin().inspect("mail", {})).value();
  const auto& seen = page.messages.at(0).message;
  pass(61s);
  const auto received = receive("mail");
  ASSERT_EQ(received.size(), 1U);
  EXPECT_FALSE(committed(Commit().ack(ack(seen))));
  EXPECT_FALSE(run(ports_->queues().release(seen, {})).has_value());
  EXPECT_TRUE(committed(Commit().ack(ack(received[0]))));
}

TEST_P(QueueAdminContract, a_stale_receipt_is_a_conflict_and_changes_nothing) {
  send("mail", "m1");
  const auto page = run(admin().inspect("mail", {.ids = {"m1"}})).value();
  ASSERT_EQ(page.messages.size(), 1U);
  ASSERT_TRUE(committed(Commit().ack(ack(page.messages[0].message))));
  const auto again = commit(Commit().ack(ack(page.messages[0].message)).put(record("p", "s", "1")));
  EXPECT_EQ(again.kind, platform::CommitOutcome::Kind::conflict);
  EXPECT_EQ(again.conflict.part, platform::Conflict::Part::ack);
  EXPECT_EQ(get({"p", "s"}), nullptr);
}

TEST_P(QueueAdminContract, a_walk_by_group_sees_each_message_once_page_by_page) {
  for (int i = 0; i < 7; ++i) send("mail", "m" + std::to_string(i), "g" + std::to_string(i % 3));
  auto late = message("mail", "late");
  late.delay = 60s;
  ASSERT_TRUE(committed(Commit().send(late)));
  std::multiset<std::string> seen;
  platform::MessageFilter filter{.by_group = true, .limit = 2};
  int pages = 0;
  do {
    const auto page = run(admin().inspect("mail", filter)).value();
    for (const auto& one : page.messages) seen.insert(one.message.id.text);
    filter.cursor = page.next_cursor;
  } while (!filter.cursor.empty() && ++pages < 20);
  EXPECT_EQ(seen, (std::multiset<std::string>{"late", "m0", "m1", "m2", "m3", "m4", "m5", "m6"}));
}

TEST_P(QueueAdminContract, a_filter_picks_by_error_receives_and_age) {
  send("mail", "old");
  auto failed = receive("mail");
  failed.at(0).error = "bad_address: nowhere";
  ASSERT_TRUE(run(ports_->queues().release(failed[0], {})).has_value());
  pass(60s);
  send("orders", "fresh");
  send("orders", "other");
  EXPECT_EQ(inspect("mail.dlq", {.error_has = "bad_address"}).size(), 1U);
  EXPECT_EQ(inspect("mail.dlq", {.error_has = "other"}).size(), 0U);
  EXPECT_EQ(inspect("mail.dlq", {.receives_min = 1, .receives_max = 1}).size(), 1U);
  EXPECT_EQ(inspect("mail.dlq", {.receives_min = 2}).size(), 0U);
  const auto minute_ago = ports_->clock().now() - base::Duration(30s);
  EXPECT_EQ(inspect("mail.dlq", {.sent_before = minute_ago}).size(), 1U);
  EXPECT_EQ(inspect("mail.dlq", {.sent_from = minute_ago}).size(), 0U);
  ASSERT_EQ(receive("orders", 1).size(), 1U);
  EXPECT_EQ(inspect("orders", {.receives_max = 0}), (Ids{"other delayed"}));
}

TEST_P(QueueAdminContract, dead_letters_are_gone_after_14_days_also_from_the_numbers) {
  make_dead(3);
  EXPECT_EQ(status("mail").dead, 3U);
  pass(13 * 24h);
  EXPECT_EQ(status("mail.dlq").ready, 3U);
  pass(24h + 1min);
  EXPECT_EQ(status("mail.dlq").ready, 0U);
  EXPECT_EQ(status("mail").dead, 0U);
  EXPECT_TRUE(inspect("mail.dlq").empty());
  EXPECT_TRUE(receive("mail.dlq").empty());
  ports_->restart();
  EXPECT_EQ(status("mail").dead, 0U);
}

TEST_P(QueueAdminContract, a_retry_does_not_make_a_message_younger) {
  declare("mail", QueueKind::fair, 5);
  send("mail", "m1");
  pass(60s);
  const auto failed = receive("mail");
  ASSERT_EQ(failed.size(), 1U);
  ASSERT_TRUE(run(ports_->queues().release(failed[0], 600s)).has_value());
  const auto waiting = status("mail");
  EXPECT_EQ(waiting.delayed, 1U);
  ASSERT_TRUE(waiting.oldest_age.has_value());
  EXPECT_GE(*waiting.oldest_age, base::Duration(60s));
  ports_->restart();
  EXPECT_EQ(status("mail").oldest_age.has_value(), true);
  pass(610s);
  ASSERT_EQ(receive("mail").size(), 1U);
  EXPECT_EQ(status("mail").oldest_age, std::nullopt);
}

TEST_P(QueueAdminContract, a_first_delay_is_no_age) {
  auto late = message("mail", "late");
  late.delay = 600s;
  ASSERT_TRUE(committed(Commit().send(late)));
  pass(300s);
  EXPECT_EQ(status("mail").oldest_age, std::nullopt);
}

TEST_P(QueueAdminContract, a_paused_queue_hands_out_nothing_also_after_a_restart) {
  ASSERT_TRUE(pause("mail", true));
  send("mail", "m1");
  EXPECT_TRUE(receive("mail").empty());
  ports_->restart();
  EXPECT_TRUE(status("mail").paused);
  EXPECT_TRUE(receive("mail").empty());
  ASSERT_TRUE(pause("mail", false));
  EXPECT_EQ(receive("mail").size(), 1U);
}

TEST_P(QueueAdminContract, a_pause_is_one_step_with_what_is_committed_beside_it) {
  Commit taken;
  taken.event(event("mail", "operator.queue-paused"));
  taken.put(record("p", "s", "1"), platform::Expect::absent());
  ASSERT_TRUE(run(admin().pause("mail", true, taken)).value().committed());
  EXPECT_NE(get({"p", "s"}), nullptr);
  const auto again = run(admin().pause("mail", false, taken)).value();
  EXPECT_EQ(again.kind, platform::CommitOutcome::Kind::conflict);
  EXPECT_TRUE(status("mail").paused);
  EXPECT_EQ(run(ports_->event_log().by_subject("mail", 0, 10)).value().size(), 1U);
}

TEST_P(QueueAdminContract, what_is_not_there_is_not_found) {
  EXPECT_EQ(run(admin().inspect("nowhere", {})).error().code, ErrorCode::not_found);
  EXPECT_EQ(run(admin().pause("nowhere", true, {})).error().code, ErrorCode::not_found);
}

}  // namespace ow::contracts
