// Routes of operation: health, metrics, queues. Loop thread.
#pragma once

#include <functional>
#include <string>

#include "http/router.h"
#include "platform/queue_admin.h"

namespace ow::ops {

struct OperationsPorts {
  platform::QueueAdmin& queue_admin;
  /// Prometheus text of everything measured.
  std::function<std::string()> exposition;
  /// Whether sign-in works.
  std::function<bool()> sign_in_works;
};

/// GET /health (proves a write: its own commit), GET /metrics, GET /api/queues.
http::Routes routes(OperationsPorts ports);

}  // namespace ow::ops
