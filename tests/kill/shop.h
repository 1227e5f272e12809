// Shoppers that place orders over loopback and remember what was acknowledged, however often the server dies:
// an attempt that got no answer is repeated under its idempotency key. Loop thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/task.h"
#include "harness/audit.h"
#include "local/asio_executor.h"
#include "local/beast_http_client.h"

namespace ow::tests {

/// Where the customer of an attempt gets mail, by its key.
std::string address_of(const std::string& key);

class Shop {
 public:
  Shop(local::AsioExecutor& executor, local::BeastHttpClient& client, std::uint64_t seed);

  /// Where the server is now.
  void serve_at(std::string url) { url_ = std::move(url); }
  /// Signs both demo users in; false while the server cannot.
  base::Task<bool> sign_in();
  /// Runs `shoppers` at once until close(), then returns when all have put their last attempt down.
  base::Task<void> open(int shoppers);
  void close() { open_ = false; }
  /// Repeats every attempt that has no answer until it has one.
  base::Task<void> settle();

  /// Sends all dead letters of the queue back to it, as the operator; false when that was refused.
  base::Task<bool> redrive(std::string queue);

  /// GETs as the operator, and at the gateway.
  Reader reader(std::string gateway_url);
  /// The JSON of a 200; else nothing.
  base::Task<std::optional<base::Json>> read_url(std::string url, std::string token = {});

  const std::deque<Attempt>& attempts() const { return attempts_; }
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  base::Task<void> run_shopper();
  base::Task<bool> place(Attempt& attempt);
  base::Task<std::string> token_of(std::string user, std::string password);
  /// The oldest unanswered attempt, else a new one; its index.
  std::size_t next_attempt();
  std::uint64_t draw(std::uint64_t bound);

  local::AsioExecutor& executor_;
  local::BeastHttpClient& client_;
  std::uint64_t random_;
  std::string url_;
  std::string shopper_token_;
  std::string operator_token_;
  std::deque<Attempt> attempts_;
  std::deque<std::size_t> unanswered_;
  std::vector<std::string> complaints_;
  int running_ = 0;
  bool open_ = false;
};

}  // namespace ow::tests
