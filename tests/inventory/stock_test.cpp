// The capacity ledger: units move, none appears or vanishes. Over the real engine. Test thread only.
#include "inventory/stock.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sandbox/sim_node.h"

namespace ow::tests {
namespace {

using inventory::Hold;
using inventory::StockLevel;
using inventory::StockLine;

const base::ProductId kMug("mug");
const base::ProductId kTea("tea");

struct Shelf {
  Shelf() {
    commit(inventory::supply(kMug, 10));
    commit(inventory::supply(kTea, 5));
  }
  platform::CommitOutcome commit(platform::Commit commit) {
    return node.executor().run(node.store().commit(std::move(commit))).value();
  }
  StockLevel level(const base::ProductId& product) {
    return node.executor().run(inventory::find_levels(node.store(), {product})).value().front();
  }
  std::optional<Hold> hold_of(const std::string& order) {
    return node.executor().run(inventory::find_hold(node.store(), base::OrderId(order))).value();
  }
  bool hold(const std::string& order, std::vector<StockLine> lines) {
    return commit(inventory::hold({base::OrderId(order), inventory::merge_lines(std::move(lines)), {1}, {2}}))
        .committed();
  }

  sim::SimWorld world{3};
  SimNode node{world, "shelf"};
};

TEST(StockTest, lines_of_one_product_are_merged) {
  const auto lines = inventory::merge_lines({{kTea, 1}, {kMug, 2}, {kTea, 3}});
  EXPECT_EQ(lines, (std::vector<StockLine>{{kMug, 2}, {kTea, 4}}));
}

TEST(StockTest, a_hold_takes_all_lines_or_none) {
  Shelf shelf;
  EXPECT_FALSE(shelf.hold("o1", {{kMug, 3}, {kTea, 6}}));
  EXPECT_EQ(shelf.level(kMug).available, 10);
  EXPECT_FALSE(shelf.hold_of("o1").has_value());
  EXPECT_TRUE(shelf.hold("o1", {{kMug, 3}, {kTea, 5}}));
  EXPECT_EQ(shelf.level(kMug).held, 3);
  EXPECT_EQ(shelf.level(kTea).available, 0);
}

TEST(StockTest, an_order_holds_once) {
  Shelf shelf;
  EXPECT_TRUE(shelf.hold("o1", {{kMug, 3}}));
  EXPECT_FALSE(shelf.hold("o1", {{kMug, 3}}));
  EXPECT_EQ(shelf.level(kMug).held, 3);
}

TEST(StockTest, a_hold_is_released_or_sold_once) {
  Shelf shelf;
  shelf.hold("o1", {{kMug, 3}});
  const auto hold = shelf.hold_of("o1").value();
  EXPECT_TRUE(shelf.commit(inventory::release(hold)).committed());
  EXPECT_FALSE(shelf.commit(inventory::release(hold)).committed());
  EXPECT_FALSE(shelf.commit(inventory::sell(hold)).committed());
  EXPECT_EQ(shelf.level(kMug).available, 10);
}

TEST(StockTest, what_is_sold_can_be_put_back) {
  Shelf shelf;
  shelf.hold("o1", {{kMug, 3}});
  EXPECT_TRUE(shelf.commit(inventory::sell(shelf.hold_of("o1").value())).committed());
  EXPECT_EQ(shelf.level(kMug).sold, 3);
  EXPECT_TRUE(shelf.commit(inventory::restock({{kMug, 2}})).committed());
  EXPECT_FALSE(shelf.commit(inventory::restock({{kMug, 2}})).committed());
  EXPECT_EQ(shelf.level(kMug).available, 9);
}

TEST(StockTest, only_available_units_can_be_withdrawn) {
  Shelf shelf;
  shelf.hold("o1", {{kMug, 8}});
  EXPECT_FALSE(shelf.commit(inventory::supply(kMug, -3)).committed());
  EXPECT_TRUE(shelf.commit(inventory::supply(kMug, -2)).committed());
  EXPECT_EQ(shelf.level(kMug).available, 0);
}

TEST(StockTest, a_product_never_supplied_is_short) {
  Shelf shelf;
  const base::ProductId none("none");
  const auto shortage =
      shelf.node.executor().run(inventory::find_shortage(shelf.node.store(), {{kMug, 1}, {none, 1}})).value();
  ASSERT_TRUE(shortage.has_value());
  EXPECT_EQ(shortage->product, none);
}

RC_GTEST_PROP(StockProperty, units_are_constant_whatever_moves, (std::vector<std::uint8_t> moves)) {
  Shelf shelf;
  for (const auto move : moves) {
    const auto order = "o" + std::to_string(move % 4);
    const auto hold = shelf.hold_of(order);
    switch (move / 4 % 4) {
      case 0:
        shelf.hold(order, {{kMug, 1 + move % 5}, {kTea, 1}});
        break;
      case 1:
        if (hold) shelf.commit(inventory::release(*hold));
        break;
      case 2:
        if (hold) shelf.commit(inventory::sell(*hold));
        break;
      case 3:
        shelf.commit(inventory::restock({{kMug, 1}}));
        break;
    }
    for (const auto& [product, units] : {std::pair(kMug, 10), std::pair(kTea, 5)}) {
      const auto level = shelf.level(product);
      RC_ASSERT(level.available >= 0 && level.held >= 0 && level.sold >= 0);
      RC_ASSERT(level.available + level.held + level.sold == units);
    }
  }
}

}  // namespace
}  // namespace ow::tests
