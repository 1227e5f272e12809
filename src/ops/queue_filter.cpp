// See queue_filter.h.
#include "ops/queue_filter.h"

#include <charconv>
#include <chrono>

namespace ow::ops {
namespace {

using base::Json;
using platform::MessageFilter;

/// A hundred years: older than any message, and far from overflow.
constexpr std::int64_t kAgeSecondsMax = 3'200'000'000;
constexpr std::int64_t kReceivesMax = 1'000'000;

Json text_schema(const char* description) {
  return Json::object({{"type", "string"}, {"minLength", 1}, {"description", description}});
}
Json number_schema(std::int64_t max, const char* description) {
  return Json::object({{"type", "integer"}, {"minimum", 0}, {"maximum", max}, {"description", description}});
}

Json::Object members() {
  return {{"group", text_schema("Message group or owner, exactly")},
          {"text", text_schema("Text that the body contains")},
          {"error", text_schema("Text that the last error contains")},
          {"minReceives", number_schema(kReceivesMax, "Received at least this often")},
          {"maxReceives", number_schema(kReceivesMax, "Received at most this often")},
          {"olderThanSeconds", number_schema(kAgeSecondsMax, "Sent at least this long ago")},
          {"youngerThanSeconds", number_schema(kAgeSecondsMax, "Sent less than this long ago")}};
}

std::optional<int> count_at(const Json& json, const char* name) {
  const auto count = json.integer_at(name);
  return count ? std::optional(static_cast<int>(*count)) : std::nullopt;
}

std::optional<base::Instant> ago(const Json& json, const char* name, base::Instant now) {
  const auto seconds = json.integer_at(name);
  if (!seconds) return std::nullopt;
  return now - std::chrono::seconds(*seconds);
}

void put_instant(Json& json, const char* name, const std::optional<base::Instant>& at, bool for_people) {
  if (at) json.set(name, for_people ? Json(base::to_rfc3339(*at)) : Json(at->us));
}

std::optional<base::Instant> instant_at(const Json& json, const char* name) {
  const auto us = json.integer_at(name);
  return us ? std::optional(base::Instant{*us}) : std::nullopt;
}

Json set_members(const MessageFilter& filter, bool for_people) {
  auto json = Json::object();
  if (!filter.ids.empty()) {
    auto ids = Json::array();
    for (const auto& id : filter.ids) ids.push_back(id);
    json.set("ids", std::move(ids));
  }
  if (!filter.group.empty()) json.set("group", filter.group);
  if (!filter.body_has.empty()) json.set("text", filter.body_has);
  if (!filter.error_has.empty()) json.set("error", filter.error_has);
  if (filter.receives_min) json.set("minReceives", *filter.receives_min);
  if (filter.receives_max) json.set("maxReceives", *filter.receives_max);
  put_instant(json, "sentBefore", filter.sent_before, for_people);
  put_instant(json, "sentFrom", filter.sent_from, for_people);
  put_instant(json, "enteredBefore", filter.entered_before, for_people);
  return json;
}

}  // namespace

Json filter_schema() {
  return Json::object({{"type", "object"}, {"additionalProperties", false}, {"properties", Json(members())}});
}

std::vector<http::Parameter> filter_parameters() {
  std::vector<http::Parameter> parameters;
  for (auto& [name, schema] : members()) {
    parameters.push_back({name, std::string(*schema.string_at("description")), schema});
  }
  return parameters;
}

base::Result<MessageFilter> filter_from(const Json& json, base::Instant now) {
  MessageFilter filter;
  filter.group = json.text_at("group");
  filter.body_has = json.text_at("text");
  filter.error_has = json.text_at("error");
  filter.receives_min = count_at(json, "minReceives");
  filter.receives_max = count_at(json, "maxReceives");
  filter.sent_before = ago(json, "olderThanSeconds", now);
  filter.sent_from = ago(json, "youngerThanSeconds", now);
  std::vector<std::string> violations;
  if (filter.receives_min && filter.receives_max && *filter.receives_min > *filter.receives_max)
    violations.emplace_back("minReceives must not be above maxReceives");
  if (filter.sent_before && filter.sent_from && *filter.sent_from >= *filter.sent_before)
    violations.emplace_back("olderThanSeconds must be below youngerThanSeconds");
  if (violations.empty()) return filter;
  return base::fail(
      {base::ErrorCode::unprocessable, "invalid_filter", "The filter lets nothing through.", std::move(violations)});
}

base::Result<MessageFilter> filter_from(const std::map<std::string, std::string>& query, base::Instant now) {
  auto json = Json::object();
  for (const auto& [name, schema] : members()) {
    const auto given = query.find(name);
    if (given == query.end()) continue;
    const bool number = schema.string_at("type") == "integer";
    json.set(name, number ? Json(base::JsonNumber{given->second}) : Json(given->second));
  }
  return filter_from(json, now);
}

bool narrows(const MessageFilter& filter) { return !set_members(filter, false).as_object().empty(); }

Json stored_filter(const MessageFilter& filter) {
  auto json = set_members(filter, false);
  json.set("cursor", filter.cursor);
  return json;
}

MessageFilter filter_of_stored(const Json& stored) {
  MessageFilter filter;
  if (const Json* ids = stored.find("ids")) {
    for (const auto& id : ids->as_array()) filter.ids.push_back(id.as_string());
  }
  filter.group = stored.text_at("group");
  filter.body_has = stored.text_at("text");
  filter.error_has = stored.text_at("error");
  filter.receives_min = count_at(stored, "minReceives");
  filter.receives_max = count_at(stored, "maxReceives");
  filter.sent_before = instant_at(stored, "sentBefore");
  filter.sent_from = instant_at(stored, "sentFrom");
  filter.entered_before = instant_at(stored, "enteredBefore");
  filter.cursor = stored.text_at("cursor");
  return filter;
}

Json shown_filter(const MessageFilter& filter) {
  auto json = set_members(filter, true);
  json.remove("enteredBefore");
  return json;
}

}  // namespace ow::ops
