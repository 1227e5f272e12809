// See replay.h.
#include "events/replay.h"
#include "base/json_fields.h"

#include <array>

namespace ow::events {
namespace {

using base::Json;
using base::Result;
using base::text_or_null;
using base::time_at;
using base::time_or_null;

constexpr std::array<std::string_view, 4> kStatusTexts = {"running", "completed", "cancelled", "failed"};

std::optional<Replay::Status> parse_status(std::string_view text) {
  for (std::size_t i = 0; i < kStatusTexts.size(); ++i) {
    if (kStatusTexts[i] == text) return static_cast<Replay::Status>(i);
  }
  return std::nullopt;
}

std::uint64_t count_at(const Json& json, std::string_view name) {
  return static_cast<std::uint64_t>(json.integer_at(name).value_or(0));
}

void read_request(const Json& json, Replay& replay) {
  replay.dry_run = json.bool_at("dryRun").value_or(false);
  replay.description = json.text_at("description");
  replay.from = time_at(json, "from");
  replay.to = time_at(json, "to");
  replay.subject = json.text_at("subject");
  if (const auto* pattern = json.find("pattern")) replay.pattern = *pattern;
  if (const auto* rules = json.find("rules")) {
    for (const auto& rule : rules->as_array()) replay.rules.push_back(rule.as_string());
  }
  replay.rate = json.integer_at("ratePerSecond");
}

void read_progress(const Json& json, Replay& replay) {
  replay.finished = time_at(json, "finishedAt");
  replay.reason = json.text_at("reason");
  replay.position = time_at(json, "position");
  replay.scanned = count_at(json, "scanned");
  replay.matched = count_at(json, "matched");
  replay.sent = count_at(json, "sent");
  replay.dead_lettered = count_at(json, "deadLettered");
  if (const auto* counts = json.find("byRule")) replay.by_rule = *counts;
  replay.cursor = json.text_at("cursor");
  replay.number = count_at(json, "number");
  replay.last_target = json.text_at("lastTarget");
  replay.end_event = json.text_at("endEvent");
  replay.step = count_at(json, "step");
}

}  // namespace

platform::Key replay_key(const std::string& id) { return {std::string(kReplayPartition), id}; }

platform::Record replay_record(const Replay& replay) {
  auto json = replay_json(replay);
  json.set("cursor", replay.cursor).set("number", replay.number).set("lastTarget", replay.last_target);
  json.set("endEvent", replay.end_event).set("step", replay.step);
  return {.key = replay_key(replay.id), .kind = std::string(kReplayKind), .value = to_text(json)};
}

Result<Replay> replay_from(const platform::Record& record) {
  const auto json = base::parse_json(record.value);
  const auto status = json ? parse_status(json->text_at("status")) : std::nullopt;
  const auto created = json ? time_at(*json, "createdAt") : std::nullopt;
  if (!status || !created) {
    return base::fail(base::ErrorCode::internal, "replay_unreadable",
                      "The replay " + record.key.sort + " cannot be read.");
  }
  Replay replay;
  replay.id = record.key.sort;
  replay.status = *status;
  replay.created = *created;
  replay.created_by = json->text_at("createdBy");
  replay.version = record.version;
  read_request(*json, replay);
  read_progress(*json, replay);
  return replay;
}

Json replay_json(const Replay& replay) {
  auto rules = Json::array();
  for (const auto& rule : replay.rules) rules.push_back(rule);
  return Json::object({{"replayId", replay.id},
                       {"status", status_text(replay.status)},
                       {"dryRun", replay.dry_run},
                       {"description", replay.description},
                       {"from", time_or_null(replay.from)},
                       {"to", time_or_null(replay.to)},
                       {"subject", text_or_null(replay.subject)},
                       {"pattern", replay.pattern},
                       {"rules", std::move(rules)},
                       {"ratePerSecond", replay.rate ? Json(*replay.rate) : Json()},
                       {"createdAt", base::to_rfc3339(replay.created)},
                       {"createdBy", replay.created_by},
                       {"finishedAt", time_or_null(replay.finished)},
                       {"reason", text_or_null(replay.reason)},
                       {"position", time_or_null(replay.position)},
                       {"scanned", replay.scanned},
                       {"matched", replay.matched},
                       {"sent", replay.sent},
                       {"deadLettered", replay.dead_lettered},
                       {"byRule", replay.by_rule}});
}

std::string_view status_text(Replay::Status status) { return kStatusTexts[static_cast<std::size_t>(status)]; }

}  // namespace ow::events
