// The reckoning after all faults: what was acknowledged against what the platform says, and both against the
// gateway's own ledger. Reads over the public API only, so that the simulator and the kill test share it.
// Loop thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/json.h"
#include "base/task.h"

namespace ow::tests {

/// One order that a shopper wants, under one idempotency key.
struct Attempt {
  std::string key;
  std::string body;
  std::string order_id;  // once acknowledged
  std::string answer;    // the first 201, byte for byte
};

/// GETs that answer the JSON of a 200, else nothing.
struct Reader {
  std::function<base::Task<std::optional<base::Json>>(std::string path)> platform;  // as an operator
  std::function<base::Task<std::optional<base::Json>>(std::string path)> gateway;
};

/// What a checker found; `checker` is its name, `what` a sentence.
struct Finding {
  std::string checker;
  std::string what;
};

struct OrderFacts {
  std::string status;
  std::int64_t total_minor = 0;
  std::map<std::string, std::int64_t> quantities;  // by product
  base::Instant created;
  base::Instant updated;
  std::vector<std::pair<std::uint64_t, std::string>> events;  // (sequence, type), in order
};

struct AccountFacts {
  int charges = 0;
  std::int64_t charged_minor = 0;
  std::int64_t refunded_minor = 0;
};

/// A receipt or a credit note.
struct ReceiptFacts {
  std::string number;  // "R-00000001"
  std::string kind;
  std::string order;
};

struct StockFacts {
  std::int64_t available = 0;
  std::int64_t held = 0;
  std::int64_t sold = 0;
};

/// Everything that can be read when the work is done.
struct Books {
  std::map<std::string, OrderFacts> orders;
  std::map<std::string, AccountFacts> accounts;  // the gateway's, by order
  std::map<std::string, StockFacts> stock;
  std::vector<ReceiptFacts> receipts;          // newest number first
  std::set<std::string> owed;                  // orders with an open obligation
  std::map<std::string, std::int64_t> queued;  // messages left, by queue

  std::size_t completed() const;
};

using Supply = std::map<std::string, std::int64_t>;

/// Units of each product, before the first order.
base::Task<std::optional<Supply>> read_supply(Reader reader);

/// Nothing when some page could not be read.
base::Task<std::optional<Books>> read_books(Reader reader);

/// Whether no order is pending or processing; nothing when that cannot be read.
base::Task<std::optional<bool>> all_terminal(Reader reader);

/// Whether messages are left in any queue.
bool is_queued(const Books& books);

/// Mails that could not be sent wait here for an operator; every other queue ends empty.
inline constexpr std::string_view kMailDeadLetters = "mail.dlq";

/// All checkers: nothing_lost, nothing_doubled, money, stock, events, receipts, terminal.
std::vector<Finding> audit(const Books& books, const std::deque<Attempt>& attempts, const Supply& supply);

/// How many of the instants fell between an order's acceptance and its end.
std::size_t count_inside_saga(const Books& books, const std::vector<base::Instant>& instants);

}  // namespace ow::tests
