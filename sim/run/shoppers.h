// The workload: clients on a machine of their own that place orders through the simulated network, repeat
// what was not answered under the same key, cancel now and then, and at the end read the books. One thread.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/task.h"
#include "harness/audit.h"
#include "sim/run/client.h"
#include "sim/run/listeners.h"
#include "sim/run/plan.h"
#include "sim/world/world.h"

namespace ow::sim {

class Shoppers {
 public:
  Shoppers(SimWorld& world, const Plan& plan);

  /// Starts everybody; the platform may come and go.
  void start() { client_.executor().spawn(work()); }
  /// Every attempt is answered.
  bool served() const { return served_; }
  /// Waits until all orders ended, then reads the books.
  void start_reading() { client_.executor().spawn(read()); }
  bool finished() const { return books_.has_value(); }

  const tests::Books& books() const { return *books_; }
  const tests::Supply& supply() const { return supply_; }
  const std::deque<tests::Attempt>& attempts() const { return attempts_; }
  const std::vector<tests::Finding>& complaints() const { return complaints_; }
  /// Cancel requests that were answered 202.
  int cancels() const { return cancels_; }
  SimExecutor& executor() { return client_.executor(); }
  Listeners& listeners() { return listeners_; }

 private:
  base::Task<void> work();
  base::Task<void> read();
  base::Task<void> shop(int orders);
  base::Task<void> place(std::size_t index);
  base::Task<void> cancel(std::string order_id);
  base::Task<std::optional<base::Json>> get(std::string url, std::string token);
  tests::Reader reader();
  void take_answer(tests::Attempt& attempt, const platform::HttpAnswer& answer);

  SimWorld& world_;
  const Plan& plan_;
  Client client_;
  Listeners listeners_;
  std::string shopper_token_;
  std::string operator_token_;
  std::deque<tests::Attempt> attempts_;
  std::vector<tests::Finding> complaints_;
  tests::Supply supply_;
  std::optional<tests::Books> books_;
  int running_ = 0;
  int cancels_ = 0;
  bool served_ = false;
};

}  // namespace ow::sim
