// See delivery.h.
#include "notify/webhooks/delivery.h"

#include <algorithm>
#include <array>

#include "base/json_fields.h"
#include "notify/webhooks/bounds.h"

namespace ow::notify::webhooks {
namespace {

using base::Json;
using base::time_at;

constexpr std::array<std::string_view, 3> kStates = {"waiting", "delivered", "failed"};

tl::unexpected<base::Error> bad_record(const platform::Key& key) {
  return base::fail(base::ErrorCode::internal, "bad_record", "Cannot read " + key.partition + " " + key.sort + ".");
}

Json waiting_json(const Lane& lane) {
  Json::Array all;
  for (const auto& one : lane.waiting) {
    all.push_back(Json::array({Json(one.event), Json(one.number), Json(one.type), Json(one.at.us)}));
  }
  return all;
}

std::int64_t integer_of(const Json& json) { return json.as_number().integer().value_or(0); }

std::deque<Waiting> waiting_from(const Json& json) {
  std::deque<Waiting> waiting;
  const auto* all = json.find("waiting");
  for (const auto& one : all != nullptr ? all->as_array() : Json::Array{}) {
    const auto& parts = one.as_array();
    waiting.push_back({parts.at(0).as_string(),
                       static_cast<std::uint64_t>(integer_of(parts.at(1))),
                       parts.at(2).as_string(),
                       {integer_of(parts.at(3))}});
  }
  return waiting;
}

}  // namespace

bool Lane::add(Waiting more) {
  const auto same = [&](const Waiting& one) { return one.event == more.event; };
  if (std::ranges::any_of(waiting, same)) return false;
  const auto begin = waiting.begin() + (live && !waiting.empty() ? 1 : 0);
  const auto place = std::find_if(begin, waiting.end(), [&](const Waiting& one) { return one.number > more.number; });
  waiting.insert(place, std::move(more));
  return true;
}

void Lane::advance() {
  waiting.pop_front();
  attempts = 0;
  first.reset();
  held.clear();
}

std::string lane_partition(const std::string& endpoint) { return "webhook-lane/" + endpoint; }

platform::Key lane_key(const std::string& endpoint, const std::string& subject) {
  return {lane_partition(endpoint), subject};
}

base::Result<Lane> lane_from(const std::string& endpoint, const std::string& subject, const platform::Record* record,
                             base::Instant now) {
  Lane lane{endpoint, subject};
  lane.sends = static_cast<std::uint64_t>(now.us);
  if (record == nullptr) return lane;
  const auto json = base::parse_json(record->value);
  if (!json) return bad_record(record->key);
  lane.waiting = waiting_from(*json);
  lane.attempts = static_cast<int>(json->integer_at("attempts").value_or(0));
  if (const auto first = json->integer_at("first")) lane.first = base::Instant{*first};
  lane.live = json->bool_at("live").value_or(false);
  lane.sends = static_cast<std::uint64_t>(json->integer_at("sends").value_or(0));
  lane.held = json->text_at("held");
  lane.version = record->version;
  return lane;
}

void put_lane(platform::Commit& commit, const Lane& lane) {
  auto key = lane_key(lane.endpoint, lane.subject);
  if (lane.waiting.empty()) {
    if (lane.version != 0) commit.erase(std::move(key), platform::Expect::at(lane.version));
    return;
  }
  auto json = Json::object({{"waiting", waiting_json(lane)}, {"live", lane.live}, {"sends", lane.sends}});
  if (lane.attempts != 0) json.set("attempts", lane.attempts);
  if (lane.first) json.set("first", lane.first->us);
  if (!lane.held.empty()) json.set("held", lane.held);
  platform::Record record{std::move(key), "webhook-lane", 1, base::to_text(json)};
  if (!lane.held.empty()) {
    record.indexes = {{std::string(kHeldIndex), lane.held, base::to_rfc3339(lane.waiting.front().at)}};
  }
  commit.put(std::move(record), platform::Expect::at(lane.version));
}

std::string delivery_partition(const std::string& endpoint) { return "webhook-delivery/" + endpoint; }

platform::Key delivery_key(const std::string& endpoint, const std::string& event) {
  return {delivery_partition(endpoint), event};
}

base::Json delivery_json(const DeliveryRecord& delivery) {
  auto json = Json::object({{"event", delivery.event},
                            {"subject", delivery.subject},
                            {"sequence", std::to_string(delivery.number)},
                            {"type", delivery.type},
                            {"state", kStates.at(static_cast<std::size_t>(delivery.state))},
                            {"attempts", delivery.attempts},
                            {"createdAt", base::to_rfc3339(delivery.created)}});
  if (delivery.last) json.set("lastAttemptAt", base::to_rfc3339(*delivery.last));
  if (delivery.next) json.set("nextAttemptAt", base::to_rfc3339(*delivery.next));
  if (delivery.status != 0) json.set("lastStatus", delivery.status);
  if (!delivery.reason.empty()) json.set("reason", delivery.reason);
  return json;
}

platform::Record delivery_record(const DeliveryRecord& delivery) {
  platform::Record record{delivery_key(delivery.endpoint, delivery.event), "webhook-delivery", 1,
                          base::to_text(delivery_json(delivery))};
  record.expires = delivery.created + kKept;
  if (delivery.state == DeliveryState::failed) {
    const auto when = delivery.last.value_or(delivery.created);
    record.indexes = {{std::string(kFailedIndex), delivery.endpoint, base::to_rfc3339(when)}};
  }
  return record;
}

base::Result<DeliveryRecord> delivery_from(const platform::Record& record) {
  const auto json = base::parse_json(record.value);
  if (!json || !json->is_object()) return bad_record(record.key);
  DeliveryRecord delivery;
  delivery.endpoint = record.key.partition.substr(delivery_partition("").size());
  delivery.event = record.key.sort;
  delivery.subject = json->text_at("subject");
  delivery.number = std::stoull("0" + json->text_at("sequence"));
  delivery.type = json->text_at("type");
  const auto state = std::ranges::find(kStates, json->text_at("state"));
  if (state == kStates.end()) return bad_record(record.key);
  delivery.state = static_cast<DeliveryState>(state - kStates.begin());
  delivery.attempts = static_cast<int>(json->integer_at("attempts").value_or(0));
  delivery.created = time_at(*json, "createdAt").value_or(base::Instant{});
  delivery.last = time_at(*json, "lastAttemptAt");
  delivery.next = time_at(*json, "nextAttemptAt");
  delivery.status = static_cast<int>(json->integer_at("lastStatus").value_or(0));
  delivery.reason = json->text_at("reason");
  return delivery;
}

platform::Key frozen_key(const std::string& event) { return {"webhook-event", event}; }

platform::Record frozen_record(const std::string& event, const std::string& body, base::Instant now) {
  platform::Record record{frozen_key(event), "webhook-event", 1, body};
  record.expires = now + kKept;
  return record;
}

std::string attempt_partition(const std::string& endpoint) { return "webhook-attempt/" + endpoint; }

platform::Record attempt_record(const std::string& id, const DeliveryRecord& delivery, const Outcome& outcome) {
  auto json = Json::object({{"id", id},
                            {"event", delivery.event},
                            {"subject", delivery.subject},
                            {"sequence", std::to_string(delivery.number)},
                            {"type", delivery.type},
                            {"attempt", delivery.attempts},
                            {"at", base::to_rfc3339(outcome.at)},
                            {"durationMs", outcome.took.count() / 1000},
                            {"answer", outcome.answer}});
  if (outcome.status != 0) json.set("status", outcome.status);
  if (!outcome.reason.empty()) json.set("reason", outcome.reason);
  if (!outcome.address.empty()) json.set("address", outcome.address);
  platform::Record record{{attempt_partition(delivery.endpoint), id}, "webhook-attempt", 1, base::to_text(json)};
  record.indexes = {{std::string(kAttemptIndex), delivery.endpoint + "/" + delivery.event, id}};
  record.expires = outcome.at + kKept;
  return record;
}

base::Json attempt_json(const platform::Record& record) {
  return base::parse_json(record.value).value_or(Json::object());
}

}  // namespace ow::notify::webhooks
