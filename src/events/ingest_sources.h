// Sources outside that sign what they hand in (Standard Webhooks): who they are and by which secrets. The
// secret is shown once and kept, since checking a signature needs it. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "http/router.h"
#include "http/standard_webhooks.h"
#include "platform/clock.h"
#include "platform/random.h"
#include "platform/store.h"
#include "platform/telemetry.h"

namespace ow::events {

struct SourceSecret {
  std::string text;  // whsec_…
  base::Instant created;
  std::optional<base::Instant> expires;  // set when a rotation replaced it
};

struct IngestSource {
  std::string name;  // the `source` of its events
  std::string note;
  base::Instant created;
  std::vector<SourceSecret> secrets;  // newest first
  platform::Version version = 0;

  /// What a signature may be made with now.
  std::vector<http::standard_webhooks::SigningSecret> live_secrets(base::Instant now) const;
};

struct IngestPorts {
  platform::Store& store;
  const platform::Clock& clock;
  platform::Random& random;
  platform::Telemetry& telemetry;
};

base::Task<base::Result<std::optional<IngestSource>>> find_source(platform::Store& store, std::string name);

/// /api/event-sources: create, list, rotate with overlap, delete; admins.
http::Routes ingest_source_routes(IngestPorts ports);

}  // namespace ow::events
