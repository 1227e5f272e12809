// See ports.h.
#include "notify/webhooks/ports.h"

namespace ow::notify::webhooks {

using base::Json;

platform::OutMessage work_message(const Work& work, std::string id) {
  auto json = Json::object({{"kind", work.kind}, {"endpoint", work.endpoint}});
  const auto text = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) json.set(name, value);
  };
  text("subject", work.subject);
  text("event", work.event);
  text("cursor", work.cursor);
  if (work.from.us != 0) json.set("from", work.from.us);
  if (work.until.us != 0) json.set("until", work.until.us);
  if (work.number != 0) json.set("number", work.number);
  if (work.reserved) json.set("reserved", true);
  platform::OutMessage message;
  message.queue = kDeliveryQueue;
  message.id = base::MessageId(std::move(id));
  message.group = work.endpoint;
  message.body = base::to_text(json);
  return message;
}

base::Result<Work> work_from(const std::string& body) {
  const auto json = base::parse_json(body);
  if (!json || !json->string_at("kind") || !json->string_at("endpoint")) {
    return base::fail(base::ErrorCode::internal, "bad_message", "This is no work for webhooks.");
  }
  const auto text = [&](std::string_view name) { return std::string(json->string_at(name).value_or("")); };
  Work work{text("kind"), text("endpoint"), text("subject"), text("event"), text("cursor")};
  work.from.us = json->integer_at("from").value_or(0);
  work.until.us = json->integer_at("until").value_or(0);
  work.number = static_cast<int>(json->integer_at("number").value_or(0));
  work.reserved = json->bool_at("reserved").value_or(false);
  return work;
}

}  // namespace ow::notify::webhooks
