// See demo.h.
#include "app/demo.h"

#include <array>

#include "inventory/products.h"
#include "inventory/stock.h"
#include "platform/consumer.h"

namespace ow::app {
namespace {

struct DemoProduct {
  const char* id;
  const char* name;
  std::int64_t price_minor;
  std::int64_t units;
};

constexpr std::int64_t kPlenty = 1'000'000'000;

constexpr std::array<DemoProduct, 20> kProducts = {{
    {"mug", "Mug, stoneware", 990, kPlenty},
    {"teapot", "Teapot, cast iron", 4900, kPlenty},
    {"tea-assam", "Assam tea, 250 g", 1250, kPlenty},
    {"tea-sencha", "Sencha tea, 100 g", 1490, kPlenty},
    {"coffee-beans", "Coffee beans, 1 kg", 2190, kPlenty},
    {"coffee-filter", "Paper filters, 100", 349, kPlenty},
    {"grinder", "Hand grinder", 8900, 500},
    {"kettle", "Gooseneck kettle", 6450, 250},
    {"honey", "Forest honey, 500 g", 895, kPlenty},
    {"jam-apricot", "Apricot jam, 340 g", 525, kPlenty},
    {"chocolate", "Dark chocolate, 100 g", 399, kPlenty},
    {"biscuits", "Oat biscuits, 200 g", 279, kPlenty},
    {"tray", "Ash tray, large", 3900, 120},
    {"spoon", "Tea spoon, steel", 410, kPlenty},
    {"napkins", "Linen napkins, 4", 2400, 800},
    {"tablecloth", "Linen tablecloth", 7900, 60},
    {"candle", "Beeswax candle", 1195, kPlenty},
    {"vase", "Glass vase", 3350, 90},
    {"gift-card", "Gift card", 2500, kPlenty},
    {"last-one", "Signed print, the last one", 12000, 1},
}};

struct DemoUser {
  const char* name;
  const char* password;
  const char* password_hash;  // argon2id of it, made in advance: hashing two would be most of a first start
  const char* role;
};

constexpr std::array<DemoUser, 3> kUsers = {{
    {"demo-shopper", "shopper-demo-password",
     "$argon2id$v=19$m=19456,t=2,p=1$ZGVtby1zaG9wcGVyLXNhbHQtMTY$fpeRmVraKGDjpdh5G1OkOX6MAtc7rjEXXVUj7GLP8SY",
     "shopper"},
    {"demo-operator", "operator-demo-password",
     "$argon2id$v=19$m=19456,t=2,p=1$ZGVtby1vcGVyYXRvci1zYWx0LTE2$PM+XdIAgW1Ht0CNpL4rIu0Akmx5kQwtecOkWoDB7Xvo",
     "operator"},
    {"demo-admin", "admin-demo-password",
     "$argon2id$v=19$m=19456,t=2,p=1$ZGVtby1hZG1pbi1zYWx0LTE2eA$Uf6GV3gd4Ox2DchP4Fo9imq8mk4CdlIwILuGLbRX4RU", "admin"},
}};

const platform::Key kSeededKey{"settings", "demo"};

platform::Commit catalogue() {
  platform::Commit commit;
  for (const auto& one : kProducts) {
    const inventory::Product product{base::ProductId(one.id), one.name, {.minor = one.price_minor, .currency = {}}};
    commit.put(inventory::product_record(product), platform::Expect::absent());
    commit.merge(inventory::supply(product.id, one.units));
  }
  commit.put({.key = kSeededKey, .kind = "demo", .value = "{}"}, platform::Expect::absent());
  return commit;
}

// The catalogue, or nothing to do when an earlier try was taken after all.
base::Task<base::Result<platform::Commit>> catalogue_if_empty(platform::Store& store) {
  const auto seeded = co_await platform::get_one(store, kSeededKey);
  if (!seeded) co_return base::fail(seeded.error());
  if (*seeded) co_return platform::Commit();
  const auto mug = co_await platform::get_one(store, inventory::product_key(base::ProductId(kProducts[0].id)));
  if (!mug) co_return base::fail(mug.error());
  if (*mug) {
    co_return base::fail(base::ErrorCode::conflict, "store_not_empty",
                         "Demo data goes into an empty store only; this one has products of its own.");
  }
  co_return catalogue();
}

}  // namespace

std::optional<std::string> demo_password(std::string_view user) {
  for (const auto& one : kUsers) {
    if (user == one.name) return one.password;
  }
  return std::nullopt;
}

base::Task<base::Result<void>> seed_demo(platform::Store& store, identity::Identity& identity) {
  const auto seeded = co_await platform::get_one(store, kSeededKey);
  if (!seeded) co_return base::fail(seeded.error());
  if (*seeded) co_return base::Result<void>();
  for (const auto& user : kUsers) {
    const auto made = co_await identity.create_user({user.name, "", {user.role}, user.password_hash});
    // Taken: an earlier start ended between the users and the catalogue, whose commit is the mark.
    if (!made && made.error().code != base::ErrorCode::conflict) co_return base::fail(made.error());
  }
  co_return co_await platform::commit_until_settled(store, [&store] { return catalogue_if_empty(store); });
}

}  // namespace ow::app
