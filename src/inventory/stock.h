// The capacity ledger: every unit of a product is available, held by one order or sold. All functions return
// parts of a Commit, so stock moves exactly when the order does; `available + held + sold` changes only by
// supply and withdrawal. One hold record an order. Loop thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"
#include "platform/store.h"

namespace ow::inventory {

struct StockLine {
  base::ProductId product;
  std::int64_t quantity = 0;
  bool operator==(const StockLine&) const = default;
};

struct StockLevel {
  std::int64_t available = 0;
  std::int64_t held = 0;
  std::int64_t sold = 0;
};

/// What an order holds. Lines name each product once.
struct Hold {
  base::OrderId order;
  std::vector<StockLine> lines;
  base::Instant since;
  base::Instant until;
  platform::Version version = 0;
};

/// One line a product, sorted by product, quantities added.
std::vector<StockLine> merge_lines(std::vector<StockLine> lines);

platform::Key stock_key(const base::ProductId& product);
platform::Key hold_key(const base::OrderId& order);

/// Adds units to `available`, or withdraws them when `units` is negative (a conflict when fewer are there).
platform::Commit supply(const base::ProductId& product, std::int64_t units);

/// available -> held for all lines or none, and the hold record, which must not exist yet. `lines` as
/// merge_lines() makes them.
platform::Commit hold(const Hold& hold);
/// held -> available, and the hold is gone. Conditioned on the hold as it was read: a second release of one
/// hold is a conflict.
platform::Commit release(const Hold& hold);
/// held -> sold, and the hold is gone. Conditioned as release().
platform::Commit sell(const Hold& hold);
/// sold -> available.
platform::Commit restock(const std::vector<StockLine>& lines);

/// The first line that `available` does not cover now; nothing when all are covered.
base::Task<base::Result<std::optional<StockLine>>> find_shortage(platform::Store& store, std::vector<StockLine> lines);

base::Task<base::Result<std::optional<Hold>>> find_hold(platform::Store& store, base::OrderId order);

/// One answer per product, in order; all zero when never supplied.
base::Task<base::Result<std::vector<StockLevel>>> find_levels(platform::Store& store,
                                                              std::vector<base::ProductId> products);

}  // namespace ow::inventory
