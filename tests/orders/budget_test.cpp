// What an order costs the engine: keys and bytes written, idempotency record included. Test thread only.
#include <gtest/gtest.h>

#include "orders/order_world.h"

namespace ow::tests {
namespace {

constexpr std::uint64_t kKeysPerAcceptMax = 7;
constexpr std::uint64_t kKeysPerLifecycleMax = 30;
constexpr std::uint64_t kBytesPerLifecycleMax = 8 << 10;

TEST(BudgetTest, an_order_stays_within_its_keys_and_bytes) {
  OrderWorld world;
  world.add_product("mug", 100);
  world.settle(world.place({{"mug"}}));
  const auto& written = *world.node.written;
  const auto keys = written.keys;
  const auto bytes = written.bytes;
  const auto response = world.call("POST", "/api/orders", "alice", OrderWorld::order_body({{"mug", 2}}),
                                   {{"idempotency-key", "0c1f6a5e-6d0f-4a27-8d6e-2f1a7f0f6a11"}});
  const auto accept_keys = written.keys - keys;
  world.settle(text(world.expect(201, response), "orderId"));
  const auto lifecycle_keys = written.keys - keys;
  const auto lifecycle_bytes = written.bytes - bytes;
  RecordProperty("accept_keys", static_cast<int>(accept_keys));
  RecordProperty("lifecycle_keys", static_cast<int>(lifecycle_keys));
  RecordProperty("lifecycle_bytes", static_cast<int>(lifecycle_bytes));
  EXPECT_GT(accept_keys, 0U);
  EXPECT_LE(accept_keys, kKeysPerAcceptMax);
  EXPECT_LE(lifecycle_keys, kKeysPerLifecycleMax);
  EXPECT_LE(lifecycle_bytes, kBytesPerLifecycleMax);
}

}  // namespace
}  // namespace ow::tests
