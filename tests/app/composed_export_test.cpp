// Everything the composed program holds, as lines: each of a kind that the table knows, nothing personal unless
// asked for. Test thread only.
#include <gmock/gmock.h>

#include <set>

#include "app/binary.h"
#include "app/composed_world.h"
#include "ops/record_kinds.h"

namespace ow::tests {
namespace {

using base::Json;
using testing::HasSubstr;
using testing::Not;

Json::Array all_lines(ComposedWorld& world, std::size_t limit) {
  Json::Array all;
  std::string cursor;
  do {
    const auto page = world.get("/api/export?limit=" + std::to_string(limit) + "&cursor=" + cursor);
    for (const auto& line : page.find("items")->as_array()) all.push_back(line);
    cursor = page.text_at("nextCursor");
  } while (!cursor.empty());
  return all;
}

TEST(ComposedExport, NamesEveryKindAndHoldsEveryEventInOrder) {
  ComposedWorld world;
  const auto order = world.place();
  world.settle(order);
  std::set<std::string> unknown;
  std::vector<std::string> types;
  for (const auto& line : all_lines(world, 50)) {
    const auto record = line.text_at("record");
    const auto known = [&](const ops::RecordKind& kind) { return kind.name == record; };
    if (line.text_at("kind") == "record" && !std::ranges::any_of(ops::record_kinds(), known)) unknown.insert(record);
    if (line.text_at("kind") == "event" && line.text_at("subject") == order) types.push_back(line.text_at("type"));
  }
  EXPECT_TRUE(unknown.empty()) << "add to src/ops/record_kinds.cpp and docs/retention.md: "
                               << testing::PrintToString(unknown);
  EXPECT_EQ(types.front(), "order.created");
  EXPECT_EQ(types.back(), "order.completed");
}

TEST(ComposedExport, IsTheSameWhateverThePageSize) {
  ComposedWorld world;
  world.settle(world.place());
  std::vector<std::string> large;
  std::vector<std::string> small;
  for (const auto& line : all_lines(world, 1000)) large.push_back(base::to_text(line));
  for (const auto& line : all_lines(world, 3)) small.push_back(base::to_text(line));
  EXPECT_EQ(large.size(), small.size());
  EXPECT_GT(large.size(), 50U);
}

TEST(ComposedExport, KeepsPersonalDataAndSecretsBack) {
  ComposedWorld world;
  auto body = base::parse_json(mug_order(1)).value();
  body.set("customerEmail", "someone@example.org");
  ASSERT_EQ(world.call("POST", "/api/orders", "demo-shopper", base::to_text(body)).status, 201);
  std::string text;
  for (const auto& line : all_lines(world, 1000)) text += base::to_text(line);
  EXPECT_THAT(text, Not(HasSubstr("someone@example.org")));
  EXPECT_THAT(text, Not(HasSubstr("$argon2id$")));
  EXPECT_THAT(text, HasSubstr("personal data"));
  EXPECT_EQ(world.call("GET", "/api/export?personal=true", "demo-operator").status, 403);
  EXPECT_EQ(world.call("GET", "/api/export", "demo-shopper").status, 403);
  EXPECT_EQ(world.call("GET", "/api/export?cursor=!", "demo-operator").status, 400);
}

TEST(RecordKinds, StandInTheDocumentationAsInTheTable) {
  const auto page = read_file(OW_SOURCE_DIR "/docs/retention.md");
  for (const auto& kind : ops::record_kinds()) {
    EXPECT_THAT(page, HasSubstr("| `" + std::string(kind.name) + "` | "));
    EXPECT_THAT(page, HasSubstr(" | " + std::string(kind.kept) + " |"));
  }
  EXPECT_EQ(ops::holds_of("nobody knows"), ops::RecordKind::Holds::secret);
}

}  // namespace
}  // namespace ow::tests
