// POST /webhooks/ingest: events from outside into the log. Loop thread.
//
// What comes in has a subject of its own, `inbound/<source>/<id>`, and a source that is never the platform's:
// it can neither start a saga nor write into the history of an order.
#pragma once

#include "events/ingest_sources.h"
#include "http/router.h"

namespace ow::events {

/// Signed by a source of /api/event-sources, or with an API key of scope events:ingest that lists the source.
http::Route ingest_route(IngestPorts ports);

}  // namespace ow::events
