// See pace_record.h. Kind "webhook-pace", schema 1: `{"openUntil": us, "openSpan": us, "restUntil": us, "turnsUntil": us}`, each
// absent when there is none; kept for kPaceKept after the last of them.
#include "notify/webhooks/pace_record.h"

#include <algorithm>

#include "base/json.h"
#include "notify/webhooks/bounds.h"

namespace ow::notify::webhooks {
namespace {

using base::Json;

struct Until {
  const char* name;
  base::Duration PaceMemory::* instant;
};
constexpr std::array<Until, 3> kUntils = {{{"openUntil", &PaceMemory::open_until},
                                           {"restUntil", &PaceMemory::rest_until},
                                           {"turnsUntil", &PaceMemory::turns_until}}};
constexpr const char* kOpenSpan = "openSpan";

}  // namespace

platform::Key pace_key(const std::string& endpoint) { return {std::string(kPaces), endpoint}; }

platform::Record pace_record(const std::string& endpoint, const PaceMemory& memory, const platform::Clock& clock) {
  const auto now = clock.now();
  const auto ticks = clock.ticks();
  auto json = Json::object();
  auto last = now;
  for (const auto& [name, instant] : kUntils) {
    if (memory.*instant <= ticks) continue;
    const auto at = now + (memory.*instant - ticks);
    json.set(name, at.us);
    last = std::max(last, at);
  }
  if (memory.open_span.count() != 0) json.set(kOpenSpan, memory.open_span.count());
  platform::Record record{pace_key(endpoint), "webhook-pace", 1, base::to_text(json)};
  record.expires = last + kPaceKept;
  return record;
}

PaceMemory pace_memory_from(const platform::Record& record, const platform::Clock& clock) {
  const auto json = base::parse_json(record.value).value_or(Json::object());
  PaceMemory memory;
  for (const auto& [name, instant] : kUntils) {
    const auto at = base::Instant{json.integer_at(name).value_or(0)};
    if (at > clock.now()) memory.*instant = clock.ticks() + (at - clock.now());
  }
  memory.open_span = base::Duration(json.integer_at(kOpenSpan).value_or(0));
  return memory;
}

}  // namespace ow::notify::webhooks
