// The shoppers and the operator of the restore workload, on a machine of their own. One thread.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/task.h"
#include "harness/audit.h"
#include "sim/run/client.h"

namespace ow::sim {

class RestoreClient {
 public:
  explicit RestoreClient(SimWorld& world);

  /// Each runs until it is done, whatever the platform does meanwhile; `done` outlives it.
  void start_placing(int orders, bool& done) { client_.executor().spawn(place_all(orders, done)); }
  void start_resuming(bool& done) { client_.executor().spawn(resume(done)); }
  /// Waits until all orders ended and the gateway was compared to the end.
  void start_reading(std::optional<tests::Books>& books) { client_.executor().spawn(read(books)); }

  /// Of each receipt's number the order, as listed now.
  void start_listing_receipts(std::map<std::string, std::string>& orders, bool& done) {
    client_.executor().spawn(list_receipts(orders, done));
  }

  /// Orders that were acknowledged, in order.
  const std::deque<tests::Attempt>& attempts() const { return attempts_; }
  SimExecutor& executor() { return client_.executor(); }

 private:
  base::Task<void> place_all(int orders, bool& done);
  base::Task<void> place(std::size_t index);
  base::Task<void> resume(bool& done);
  base::Task<void> read(std::optional<tests::Books>& books);
  base::Task<void> list_receipts(std::map<std::string, std::string>& orders, bool& done);
  base::Task<std::optional<base::Json>> get(std::string url, std::string token);
  tests::Reader reader();

  SimWorld& world_;
  Client client_;
  std::string shopper_token_;
  std::string operator_token_;
  std::deque<tests::Attempt> attempts_;
};

}  // namespace ow::sim
