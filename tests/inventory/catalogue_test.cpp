// Products as accepts look them up: what is kept decoded never hides a change. Over the real engine. Test thread only.
#include "inventory/catalogue.h"

#include <gtest/gtest.h>

#include <fmt/core.h>

#include "base/bounds.h"
#include "sandbox/sim_node.h"

namespace ow::tests {
namespace {

using inventory::Catalogue;
using inventory::Product;

struct Shop {
  void put(const std::string& id, std::int64_t price) {
    put_record(
        inventory::product_record(Product{base::ProductId(id), id, {price, base::parse_currency("EUR").value()}}));
  }
  void put_record(platform::Record record) {
    platform::Commit commit;
    commit.put(std::move(record));
    ASSERT_TRUE(node.executor().run(node.store().commit(std::move(commit))).value().committed());
  }
  base::Result<Catalogue::Found> find(std::vector<std::string> names) {
    std::vector<base::ProductId> ids;
    for (auto& name : names) ids.emplace_back(std::move(name));
    return node.executor().run(catalogue.find(std::move(ids)));
  }

  sim::SimWorld world{5};
  SimNode node{world, "shop"};
  Catalogue catalogue{node.store()};
};

TEST(CatalogueTest, finds_what_is_there) {
  Shop shop;
  shop.put("mug", 990);
  const auto found = shop.find({"mug", "cup"}).value();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.at(base::ProductId("mug"))->price.minor, 990);
}

TEST(CatalogueTest, decodes_a_record_once_while_it_is_the_newest) {
  Shop shop;
  shop.put("mug", 990);
  const auto first = shop.find({"mug"}).value();
  const auto second = shop.find({"mug"}).value();
  EXPECT_EQ(first.begin()->second, second.begin()->second);
}

TEST(CatalogueTest, sees_a_new_price_and_a_removal_at_once) {
  Shop shop;
  shop.put("mug", 990);
  const auto before = shop.find({"mug"}).value().begin()->second;
  shop.put("mug", 1090);
  const auto after = shop.find({"mug"}).value().begin()->second;
  EXPECT_EQ(after->price.minor, 1090);
  EXPECT_GT(after->version, before->version);
  platform::Commit removal;
  removal.erase(inventory::product_key(base::ProductId("mug")));
  ASSERT_TRUE(shop.node.executor().run(shop.node.store().commit(std::move(removal))).value().committed());
  EXPECT_TRUE(shop.find({"mug"}).value().empty());
}

TEST(CatalogueTest, a_record_that_is_no_product_is_an_error) {
  Shop shop;
  shop.put_record({.key = inventory::product_key(base::ProductId("mug")), .kind = "product", .value = "{}"});
  const auto found = shop.find({"mug"});
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().reason, "product_unreadable");
}

TEST(CatalogueTest, keeps_no_more_than_its_bound) {
  constexpr std::size_t kMany = base::bounds::kProductsDecodedMax + 10;
  Shop shop;
  for (std::size_t i = 0; i < kMany; ++i) {
    const auto id = fmt::format("p{}", i);
    shop.put(id, 100);
    ASSERT_EQ(shop.find({id}).value().size(), 1U);
  }
  EXPECT_LE(shop.catalogue.decoded(), base::bounds::kProductsDecodedMax);
  EXPECT_GT(shop.catalogue.decoded(), 0U);
}

}  // namespace
}  // namespace ow::tests
