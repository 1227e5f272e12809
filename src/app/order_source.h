// What mails and receipts say about orders, from the feature of orders. Loop thread.
#pragma once

#include "notify/order_source.h"
#include "platform/store.h"

namespace ow::app {

class OrderSource final : public notify::OrderSource {
 public:
  explicit OrderSource(platform::Store& store) : store_(store) {}
  base::Task<base::Result<std::optional<notify::OrderFacts>>> find(base::OrderId order) override;
  base::Task<base::Result<std::string>> email(base::OrderId order) override;

 private:
  platform::Store& store_;
};

}  // namespace ow::app
