// See definition_record.h.
#include "workflow/definition_record.h"

#include <fmt/format.h>

namespace ow::workflow {
namespace {

using base::Json;

base::Error unreadable(const platform::Record& record) {
  return {base::ErrorCode::internal, "definition_damaged",
          fmt::format("The record {} {} is none of a definition.", record.key.partition, record.key.sort)};
}

Actor actor_from(const Json& json) { return {json.text_at("by"), json.text_at("why")}; }

Json actor_to_json(const Actor& actor, base::Instant at) {
  return Json::object({{"by", actor.by}, {"why", actor.why}, {"at", Json(at.us)}});
}

}  // namespace

platform::Key routing_key(std::string_view name) { return {"definition/" + std::string(name), "routing"}; }

platform::Key version_key(std::string_view name, std::int64_t number) {
  return {"definition/" + std::string(name), fmt::format("version/{:06}", number)};
}

platform::Record version_record(std::string_view name, const DefinitionVersion& version) {
  auto json = actor_to_json(version.added, version.at);
  json.set("number", Json(version.number)).set("text", version.text).set("digest", version.digest);
  if (version.built_in) json.set("builtIn", Json(true));
  return {.key = version_key(name, version.number), .kind = "definition", .value = to_text(json)};
}

platform::Record routing_record(const Routing& routing) {
  auto json = actor_to_json(routing.changed, routing.at);
  json.set("name", routing.name).set("current", Json(routing.current)).set("latest", Json(routing.latest));
  if (routing.previous != 0) json.set("previous", Json(routing.previous));
  if (routing.by_operator) json.set("byOperator", Json(true));
  if (routing.share) {
    json.set("share",
             Json::object({{"version", Json(routing.share->version)}, {"percent", Json(routing.share->percent)}}));
  }
  if (routing.paused) json.set("paused", actor_to_json(routing.paused->actor, routing.paused->at));
  if (routing.resume_rate != 0) json.set("resumeRate", Json(routing.resume_rate));
  return {.key = routing_key(routing.name),
          .kind = "definition_routing",
          .value = to_text(json),
          .indexes = {{std::string(kDefinitionIndex), std::string(kAllDefinitions), routing.name}}};
}

base::Result<DefinitionVersion> version_from(const platform::Record& record) {
  const auto json = base::parse_json(record.value);
  if (!json || !json->integer_at("number")) return base::fail(unreadable(record));
  return DefinitionVersion{*json->integer_at("number"), json->text_at("text"),
                           json->text_at("digest"),     json->bool_at("builtIn").value_or(false),
                           actor_from(*json),           {json->integer_at("at").value_or(0)}};
}

base::Result<Routing> routing_from(const platform::Record& record) {
  const auto json = base::parse_json(record.value);
  if (!json || !json->integer_at("current")) return base::fail(unreadable(record));
  Routing routing;
  routing.name = json->text_at("name");
  routing.current = *json->integer_at("current");
  routing.latest = json->integer_at("latest").value_or(routing.current);
  routing.previous = json->integer_at("previous").value_or(0);
  routing.changed = actor_from(*json);
  routing.at.us = json->integer_at("at").value_or(0);
  routing.by_operator = json->bool_at("byOperator").value_or(false);
  routing.resume_rate = static_cast<int>(json->integer_at("resumeRate").value_or(0));
  routing.version = record.version;
  if (const auto* share = json->find("share")) {
    routing.share =
        Share{share->integer_at("version").value_or(0), static_cast<int>(share->integer_at("percent").value_or(0))};
  }
  if (const auto* paused = json->find("paused")) {
    routing.paused = Routing::Paused{actor_from(*paused), {paused->integer_at("at").value_or(0)}};
  }
  return routing;
}

}  // namespace ow::workflow
