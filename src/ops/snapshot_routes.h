// Routes of snapshots, for operators. Loop thread.
#pragma once

#include "http/router.h"
#include "platform/snapshots.h"

namespace ow::ops {

/// GET and POST /api/snapshots, GET /api/snapshots/{id}, POST /api/snapshots/{id}/verify. Without snapshots
/// (nullptr) each answers 501 by name.
http::Routes snapshot_routes(platform::Snapshots* snapshots);

}  // namespace ow::ops
