// How events are named and shown: ids and cursors follow from their place in the log. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "engine/layout.h"
#include "platform/event_log.h"

namespace ow::engine {

/// Which event of which commit.
struct EventPlace {
  Sequence sequence = 0;
  std::uint32_t index = 0;
};

base::EventId event_id(std::uint64_t epoch, EventPlace place);

/// Position just behind a place. Carries the epoch, so that a cursor of before a restore is refused.
std::string event_cursor(std::uint64_t epoch, EventPlace behind);
std::optional<EventPlace> parse_event_cursor(std::uint64_t epoch, std::string_view cursor);

/// Gives the event the id and cursor of its place.
void place_event(platform::Event& event, std::uint64_t epoch, EventPlace place);

}  // namespace ow::engine
