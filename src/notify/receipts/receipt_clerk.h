// The only consumer of the queue `receipts`, and so of its series: takes what has gathered, gives each order its
// receipt and each refund its credit note the next numbers, and makes the batch durable in one commit with the
// series' last number. So numbers have no gap and no double, whatever crashes, and no order waits for them. Loop thread.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "notify/receipts/receipt.h"
#include "platform/consumer.h"

namespace ow::notify {

struct ReceiptClerkOptions {
  std::string series = "R";
  Retailer retailer;
  /// Asked before each receive: true while something more urgent runs.
  std::function<bool()> yields = [] { return false; };
};

class ReceiptClerk {
 public:
  ReceiptClerk(platform::ConsumerPorts ports, OrderSource& orders, ReceiptClerkOptions options);

  /// Runs until the executor stops. Spawn it once; this must outlive it. `admits` as in platform::ConsumerSpec.
  base::Task<void> run(std::function<base::Task<std::size_t>(std::size_t wanted)> admits = {});
  /// One batch, run to its end: what it could not do is given back.
  base::Task<void> work(std::vector<platform::Delivery> batch);

 private:
  struct Draft;

  base::Task<base::Result<platform::Commit>> decide(Draft& draft);
  base::Task<base::Result<void>> issue(platform::Delivery delivery, Draft& draft);
  base::Task<base::Result<bool>> issue_receipt(OrderFacts order, Draft& draft);
  base::Task<base::Result<bool>> issue_credit_note(OrderFacts order, std::string refund, Draft& draft);
  base::Task<void> give_back(std::vector<platform::Delivery> batch, base::Error why);

  platform::ConsumerPorts ports_;
  OrderSource& orders_;
  ReceiptClerkOptions options_;
  platform::CounterMetric& issued_;
  platform::CounterMetric& handled_;
  platform::CounterMetric& failed_;
};

}  // namespace ow::notify
