// What an order costs: keys and bytes per accept and per lifecycle, cache misses and syncs. Shapes as the
// orders feature and its saga commit them. The budget is 7 keys an accept, 30 keys and 8 KB a lifecycle: what
// the engine adds to the payloads is bounded here, the payloads are the features' affair.
#include <gtest/gtest.h>

#include "contracts/engine_ports.h"
#include "engine_node.h"

namespace ow::engine {
namespace {

using contracts::ack;
using contracts::message;
using platform::Commit;
using platform::Expect;
using namespace std::chrono_literals;

constexpr std::size_t kOrderBytes = 1024;
constexpr std::size_t kEventBytes = 300;
constexpr std::size_t kExecutionBytes = 400;
constexpr std::size_t kRememberedBytes = 200;
constexpr std::size_t kHoldBytes = 150;
constexpr std::size_t kPayloadBytes =
    3 * kOrderBytes + 5 * kEventBytes + 3 * kExecutionBytes + kRememberedBytes + 2 * kHoldBytes;
constexpr std::size_t kAddedBytesMax = 2'400;

platform::Record sized(const std::string& partition, const std::string& id, std::size_t bytes) {
  return contracts::record(partition, id, std::string(bytes, 'x'));
}

platform::Record order(const std::string& id) {
  auto made = sized("order", id, kOrderBytes);
  made.indexes = {{"orders_by_customer", "usr_01JDAAAAAAAAAAAAAAAAAAAAAA", id}};
  return made;
}

platform::EventDraft event(const std::string& id, const std::string& type) {
  auto draft = contracts::event(id, type);
  draft.data = std::string(kEventBytes, 'x');
  return draft;
}

platform::OutMessage transition(const std::string& id, int number) {
  return message("workflow-transitions", id + "/" + std::to_string(number), id);
}

class Budget : public testing::Test {
 protected:
  void SetUp() override {
    platform::QueueSpec spec;
    spec.name = "workflow-transitions";
    spec.kind = platform::QueueKind::ordered;
    ASSERT_TRUE(node_.executor().run(node_.queue_admin().declare(spec)).has_value());
    ASSERT_TRUE(take(Commit().move({"stock", "prd_1"}, "", "available", 1'000'000)));
  }
  bool take(Commit parts) {
    const auto outcome = node_.executor().run(node_.store().commit(std::move(parts)));
    return outcome && outcome->committed();
  }
  platform::Delivery next() {
    return node_.executor().run(node_.queues().receive({"workflow-transitions", 1, 10s})).value().at(0);
  }

  Commit accept(const std::string& id) {
    auto remembered = sized("idempotency", "usr_01JDAAAAAAAAAAAAAAAAAAAAAA/" + id, kRememberedBytes);
    remembered.expires = node_.clock().now() + 24h;
    Commit parts;
    parts.put(order(id), Expect::absent()).put(remembered, Expect::absent());
    parts.put(sized("execution", id, kExecutionBytes), Expect::absent());
    parts.event(event(id, "order.created")).send(transition(id, 1));
    return parts;
  }
  Commit reserve(const std::string& id, const platform::Delivery& delivery) {
    Commit parts;
    parts.move({"stock", "prd_1"}, "available", "held", 1).put(sized("hold", id, kHoldBytes), Expect::absent());
    parts.put(order(id), Expect::exists()).put(sized("execution", id, kExecutionBytes), Expect::exists());
    parts.event(event(id, "inventory.reserved")).event(event(id, "order.processing"));
    parts.schedule({"hold/" + id, node_.clock().now() + 15min, message("workflow-transitions", id + "/hold", id)});
    parts.ack(ack(delivery)).send(transition(id, 2));
    return parts;
  }
  Commit confirm(const std::string& id, const platform::Delivery& delivery) {
    Commit parts;
    parts.move({"stock", "prd_1"}, "held", "sold", 1).put(sized("hold", id, kHoldBytes), Expect::exists());
    parts.put(order(id), Expect::exists()).put(sized("execution", id, kExecutionBytes), Expect::exists());
    parts.event(event(id, "payment.charged")).event(event(id, "order.completed"));
    parts.cancel_timer("hold/" + id).ack(ack(delivery));
    return parts;
  }

  EngineNode node_;
};

TEST_F(Budget, an_accept_writes_7_keys_and_a_lifecycle_at_most_30_with_little_beside_the_payloads) {
  const auto start = node_.counts;
  ASSERT_TRUE(take(accept("ord_01JD0000000000000000000001")));
  const auto accepted = node_.counts;
  EXPECT_EQ(accepted.keys - start.keys, 7U);
  EXPECT_EQ(accepted.syncs - start.syncs, 1U);
  const auto first = next();
  ASSERT_TRUE(take(reserve("ord_01JD0000000000000000000001", first)));
  const auto second = next();
  ASSERT_TRUE(take(confirm("ord_01JD0000000000000000000001", second)));
  const auto keys = node_.counts.keys - start.keys;
  const auto bytes = node_.counts.bytes - start.bytes;
  EXPECT_LE(keys, 30U);
  EXPECT_LE(bytes, kPayloadBytes + kAddedBytesMax);
  EXPECT_EQ(node_.counts.syncs - start.syncs, 3U);
  RecordProperty("keys", static_cast<int>(keys));
  RecordProperty("bytes", static_cast<int>(bytes));
}

TEST_F(Budget, what_a_lifecycle_touches_again_is_found_in_the_cache) {
  ASSERT_TRUE(take(accept("ord_01JD0000000000000000000001")));
  const auto misses = node_.machine.telemetry.count("ow_cache_misses_total");
  const auto first = next();
  ASSERT_TRUE(take(reserve("ord_01JD0000000000000000000001", first)));
  const auto second = next();
  ASSERT_TRUE(take(confirm("ord_01JD0000000000000000000001", second)));
  // The hold and its timer are new; everything else was written by this order before.
  EXPECT_LE(node_.machine.telemetry.count("ow_cache_misses_total") - misses, 2U);
}

TEST_F(Budget, commits_that_come_together_share_a_sync) {
  const auto before = node_.counts;
  std::vector<std::optional<bool>> done(200);
  const auto keep = [](platform::Store& store, Commit parts, std::optional<bool>& committed) -> base::Task<void> {
    const auto outcome = co_await store.commit(std::move(parts));
    committed = outcome && outcome->committed();
  };
  for (std::size_t i = 0; i < done.size(); ++i) {
    node_.executor().spawn(keep(node_.store(), accept("ord_" + std::to_string(i)), done[i]));
  }
  node_.executor().scheduler().run_for(10s);
  for (const auto& committed : done) EXPECT_EQ(committed, true);
  EXPECT_LT(node_.counts.syncs - before.syncs, 100U);
  EXPECT_EQ(node_.counts.keys - before.keys, 7U * done.size());
}

}  // namespace
}  // namespace ow::engine
