// The live tail of the composed program: what an operator and a shopper see while an order goes its way.
#include <gtest/gtest.h>

#include "app/binary.h"
#include "app/composed_world.h"

namespace ow::tests {
namespace {

/// The events in a piece of the stream.
std::vector<base::Json> stream_events(const std::string& bytes) {
  constexpr std::string_view kData = "data: ";
  std::vector<base::Json> found;
  for (std::size_t at = bytes.find(kData); at != std::string::npos; at = bytes.find(kData, at + 1)) {
    const auto begin = at + kData.size();
    found.push_back(base::parse_json(bytes.substr(begin, bytes.find('\n', begin) - begin)).value());
  }
  return found;
}

TEST(ComposedStream, shows_an_order_as_it_goes_its_way_each_event_once_and_in_order) {
  ComposedWorld shop;
  const auto answer = shop.call("GET", "/api/events/stream", "demo-operator");
  ASSERT_EQ(answer.status, 200) << answer.body;
  ASSERT_TRUE(answer.stream);
  EXPECT_EQ(answer.content_type, "text/event-stream");
  const auto order = shop.place();
  std::string seen;
  while (seen.find("order.completed") == std::string::npos) seen += shop.read(*answer.stream);
  std::vector<std::string> types;
  for (const auto& event : stream_events(seen)) {
    if (text_of(event, "subject") == order) types.push_back(text_of(event, "type"));
  }
  EXPECT_EQ(types, (std::vector<std::string>{"order.created", "inventory.reserved", "order.processing",
                                             "payment.charged", "order.completed"}));
}

TEST(ComposedStream, resumes_behind_the_last_event_id) {
  ComposedWorld shop;
  auto first = shop.call("GET", "/api/events/stream?type=order.created,order.completed", "demo-operator");
  const auto order = shop.place();
  std::string seen;
  while (seen.find("order.created") == std::string::npos) seen += shop.read(*first.stream);
  first.stream.reset();
  const auto id_at = seen.rfind("id: ") + 4;
  const auto last = seen.substr(id_at, seen.find('\n', id_at) - id_at);
  shop.settle(order);
  const auto again = shop.call("GET", "/api/events/stream?type=order.created,order.completed", "demo-operator", "",
                               {{"last-event-id", last}});
  ASSERT_EQ(again.status, 200) << again.body;
  std::string rest;
  while (rest.find("order.completed") == std::string::npos) rest += shop.read(*again.stream);
  EXPECT_EQ(rest.find("order.created"), std::string::npos);
}

TEST(ComposedStream, refuses_strangers_and_foreign_cursors) {
  ComposedWorld shop;
  EXPECT_EQ(shop.call("GET", "/api/events/stream").status, 401);
  EXPECT_EQ(shop.call("GET", "/api/events/stream?after=nonsense", "demo-operator").status, 400);
  EXPECT_EQ(shop.call("GET", "/api/events/stream?pattern=%5B%5D", "demo-operator").status, 400);
}

}  // namespace
}  // namespace ow::tests
