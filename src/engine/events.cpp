// See events.h.
#include "engine/events.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "engine/bytes.h"

namespace ow::engine {

base::EventId event_id(std::uint64_t epoch, EventPlace place) {
  return base::EventId(fmt::format("evt_{:02x}{:014x}{:02x}", epoch, place.sequence, place.index));
}

std::string event_cursor(std::uint64_t epoch, EventPlace behind) {
  std::string bytes;
  put_number(bytes, epoch);
  put_number(bytes, behind.sequence);
  put_number(bytes, behind.index);
  return base::to_base64url(bytes);
}

std::optional<EventPlace> parse_event_cursor(std::uint64_t epoch, std::string_view cursor) {
  const auto bytes = base::from_base64url(cursor);
  if (!bytes) return std::nullopt;
  ByteReader in(*bytes);
  const bool ours = in.number() == epoch;
  EventPlace place;
  place.sequence = in.number();
  place.index = static_cast<std::uint32_t>(in.number());
  if (!ours || !in.ok() || !in.at_end()) return std::nullopt;
  return place;
}

void place_event(platform::Event& event, std::uint64_t epoch, EventPlace place) {
  event.id = event_id(epoch, place);
  event.cursor = event_cursor(epoch, place);
}

}  // namespace ow::engine
