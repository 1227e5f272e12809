// The simulated payment gateway: a real HTTP service with a durable ledger of its own (a Store of its own,
// in no snapshot of the platform). Obeys the test tokens and records the traceparent of each call. It does a
// key's effect at most once and remembers voided keys for ever. Loop thread.
#pragma once

#include <memory>
#include <string>

#include "base/task.h"
#include "http/message.h"
#include "platform/clock.h"
#include "platform/executor.h"
#include "platform/random.h"
#include "platform/store.h"

namespace ow::sandbox {

struct GatewayPorts {
  platform::Store& store;
  platform::Executor& executor;
  const platform::Clock& clock;
  platform::Random& random;
};

class Gateway {
 public:
  explicit Gateway(GatewayPorts ports);
  ~Gateway();
  /// The service behind an http::Server, or behind the simulated network. Routes:
  ///   POST /charges {key, orderId, amount, currency, paymentToken}   POST /refunds {key, chargeKey, …}
  ///   POST /keys/{key}/void   GET /keys/{key}   GET /ledger?since=&after=&limit=
  /// A status of 0 means: the connection ends without an answer (tok_lost_*).
  base::Task<http::Response> handle(http::Request request);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ow::sandbox
