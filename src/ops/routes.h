// Routes of operation: health and metrics. Loop thread.
#pragma once

#include <functional>
#include <string>

#include "http/router.h"

namespace ow::ops {

struct OperationsPorts {
  /// Prometheus text of everything measured.
  std::function<std::string()> exposition;
  /// Whether sign-in works.
  std::function<bool()> sign_in_works;
};

/// GET /health (proves a write: its own commit), GET /metrics.
http::Routes routes(OperationsPorts ports);

}  // namespace ow::ops
