// What is kept of an endpoint's pace, so that a restart does not call a receiver that asked for rest or does not
// answer. In the store the instants are of the wall clock. Pure; loop thread.
#pragma once

#include <string>
#include <string_view>

#include "notify/webhooks/pace.h"
#include "platform/clock.h"
#include "platform/commit_parts.h"

namespace ow::notify::webhooks {

/// The partition; the sort is the endpoint's id.
inline constexpr std::string_view kPaces = "webhook-pace";

platform::Key pace_key(const std::string& endpoint);
platform::Record pace_record(const std::string& endpoint, const PaceMemory& memory, const platform::Clock& clock);
/// Instants that are past are forgotten, all but an open circuit's span: its next attempt still decides. A record that
/// cannot be read is an empty memory.
PaceMemory pace_memory_from(const platform::Record& record, const platform::Clock& clock);

}  // namespace ow::notify::webhooks
