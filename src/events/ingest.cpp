// See ingest.h. Record kind "ingested", schema 1: {subject, sha256}, kept kIngestSeenKept: which ids of a
// source were taken.
#include "events/ingest.h"

#include <algorithm>
#include <memory>

#include "base/encoding.h"
#include "events/bounds.h"
#include "ops/operator_action.h"
#include "platform/event_source.h"
#include "platform/id_source.h"

namespace ow::events {
namespace {

using base::ErrorCode;
using base::Json;
using http::RequestContext;

struct IngestDesk {
  explicit IngestDesk(IngestPorts given)
      : ports(given),
        ids(given.clock, given.random),
        accepted(given.telemetry.counter("ow_ingest_total", {{"result", "accepted"}})),
        duplicate(given.telemetry.counter("ow_ingest_total", {{"result", "duplicate"}})),
        refused(given.telemetry.counter("ow_ingest_total", {{"result", "refused"}})) {}

  IngestPorts ports;
  platform::IdSource ids;
  platform::CounterMetric& accepted;
  platform::CounterMetric& duplicate;
  platform::CounterMetric& refused;
};

struct InboundEvent {
  std::string id;  // the sender's; empty: none
  std::string source;
  std::string type;
  std::string detail;

  std::string subject(std::string_view own_id) const { return "inbound/" + source + "/" + std::string(own_id); }
  std::string digest() const { return base::to_hex(base::sha256(type + '\n' + detail)); }
};

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

base::Result<InboundEvent> read_event(const Json& body) {
  InboundEvent event{std::string(body.string_at("id").value_or("")),
                     std::string(body.string_at("source").value_or("")),
                     std::string(body.string_at("detail-type").value_or("")),
                     {}};
  std::vector<std::string> violations;
  if (event.id.size() > kIngestIdCharsMax || !is_visible(event.id)) {
    violations.emplace_back("id must be 1 to 200 visible characters of ASCII");
  }
  if (!platform::is_outside_source(event.source)) {
    violations.emplace_back(
        "source must be 1 to 128 letters, digits, `.`, `-`, `_`, `/`, and none of the platform's own");
  }
  if (event.type.empty() || event.type.size() > kIngestTypeCharsMax || event.type.starts_with(ops::kOperatorPrefix)) {
    violations.emplace_back("detail-type must have 1 to 128 characters and not begin with `operator.`");
  }
  if (!violations.empty()) {
    base::Error error{ErrorCode::unprocessable, "event_refused", "The event cannot be taken."};
    error.violations = std::move(violations);
    return base::fail(std::move(error));
  }
  event.detail = base::to_text(*body.find("detail"));
  if (event.detail.size() <= kIngestEventBytesMax) return event;
  return base::fail(ErrorCode::too_large, "event_too_large", "The event's detail is larger than 252 KB.");
}

std::optional<http::standard_webhooks::SignedHeaders> signature_of(const http::Request& request) {
  const auto id = request.header("webhook-id");
  const auto timestamp = request.header("webhook-timestamp");
  const auto signature = request.header("webhook-signature");
  if (!id && !timestamp && !signature) return std::nullopt;
  return http::standard_webhooks::SignedHeaders{id.value_or(""), timestamp.value_or(""), signature.value_or("")};
}

/// Who signed is the source itself. An unknown source is refused as a wrong signature is.
base::Task<base::Result<void>> check_signature(std::shared_ptr<IngestDesk> desk, const http::Request& request,
                                               http::standard_webhooks::SignedHeaders headers, std::string source) {
  const auto known = co_await find_source(desk->ports.store, std::move(source));
  if (!known) co_return base::fail(known.error());
  const auto now = desk->ports.clock.now();
  const auto secrets = *known ? (*known)->live_secrets(now) : std::vector<http::standard_webhooks::SigningSecret>();
  const auto verified = http::standard_webhooks::verify(secrets, headers, request.body, now);
  if (verified) co_return base::Result<void>{};
  co_return base::fail(ErrorCode::unauthenticated, verified.error().reason, verified.error().message);
}

base::Result<void> check_key(const RequestContext& context, const std::string& source) {
  if (!context.principal) {
    return base::fail(ErrorCode::unauthenticated, "missing_signature",
                      "This needs a signature (Standard Webhooks) or an API key of scope events:ingest.");
  }
  const auto& key = context.principal->key;
  if (!key || !key->allows("events:ingest")) {
    return base::fail(ErrorCode::forbidden, "scope_missing", "This needs an API key with the scope events:ingest.");
  }
  if (std::find(key->sources.begin(), key->sources.end(), source) != key->sources.end()) return {};
  return base::fail(ErrorCode::forbidden, "source_not_allowed", "The API key may not use the source " + source + ".");
}

http::Reply accepted(const std::string& subject, bool duplicate) {
  return {http::Response::json(202, Json::object({{"subject", subject}, {"duplicate", duplicate}}))};
}

platform::Key seen_key(const InboundEvent& event) { return {"ingest#" + event.source, "id#" + event.id}; }

base::Result<http::Reply> answer_again(IngestDesk& desk, const InboundEvent& event, const platform::Record& seen) {
  const auto json = base::parse_json(seen.value);
  const auto subject = json ? json->string_at("subject") : std::nullopt;
  if (!subject) return base::fail(ErrorCode::internal, "ingested_unreadable", "A record of an id cannot be read.");
  if (json->string_at("sha256") != event.digest()) {
    return base::fail(ErrorCode::conflict, "event_id_reused",
                      "An event with this id and another content was taken in the last 7 days.");
  }
  desk.duplicate.add();
  return accepted(std::string(*subject), true);
}

http::Reply take(IngestDesk& desk, const InboundEvent& event, const RequestContext& context) {
  const auto subject = event.subject(event.id.empty() ? desk.ids.next("evt") : event.id);
  const auto now = desk.ports.clock.now();
  auto reply = accepted(subject, false);
  if (!event.id.empty()) {
    reply.commit.put({.key = seen_key(event),
                      .kind = "ingested",
                      .value = base::to_text(Json::object({{"subject", subject}, {"sha256", event.digest()}})),
                      .expires = now + kIngestSeenKept},
                     platform::Expect::absent());
  }
  reply.commit.event({subject, event.type, event.source, event.detail, now, context.trace.traceparent()});
  desk.accepted.add();
  return reply;
}

base::Task<base::Result<void>> check_sender(std::shared_ptr<IngestDesk> desk, const RequestContext& context,
                                            InboundEvent& event) {
  const auto signature = signature_of(*context.request);
  if (!signature) co_return check_key(context, event.source);
  auto checked = co_await check_signature(desk, *context.request, *signature, event.source);
  if (!checked || !event.id.empty()) co_return checked;
  event.id = signature->id;
  if (event.id.size() <= kIngestIdCharsMax && is_visible(event.id)) co_return checked;
  co_return base::fail(ErrorCode::unprocessable, "bad_webhook_id",
                       "The header webhook-id must be 1 to 200 visible characters of ASCII.");
}

base::Task<base::Result<http::Reply>> ingest(std::shared_ptr<IngestDesk> desk, const RequestContext& context) {
  auto event = read_event(context.body);
  auto checked = event ? co_await check_sender(desk, context, *event) : base::Result<void>{};
  if (!event || !checked) {
    desk->refused.add();
    co_return base::fail(event ? checked.error() : event.error());
  }
  if (event->id.empty()) co_return take(*desk, *event, context);
  const auto seen = co_await platform::get_one(desk->ports.store, seen_key(*event));
  if (!seen) co_return base::fail(seen.error());
  if (*seen) co_return answer_again(*desk, *event, **seen);
  co_return take(*desk, *event, context);
}

Json body_schema() {
  const Json text = Json::object({{"type", "string"}, {"minLength", 1}});
  return Json::object(
      {{"type", "object"},
       {"required", Json::array({"source", "detail-type", "detail"})},
       {"properties", Json::object({{"id", text},
                                    {"source", text},
                                    {"detail-type", text},
                                    {"detail", Json::object({{"type", "object"}, {"additionalProperties", true}})}})}});
}

}  // namespace

http::Route ingest_route(IngestPorts ports) {
  const auto desk = std::make_shared<IngestDesk>(ports);
  return {.method = "POST",
          .pattern = "/webhooks/ingest",
          .access = http::Access::open,
          .summary = "Takes an event from outside, signed (Standard Webhooks) or with an API key of events:ingest",
          .handle = [desk](const RequestContext& context) { return ingest(desk, context); },
          .body_schema = body_schema(),
          .answers = {{202, Json::object(
                                {{"type", "object"},
                                 {"properties", Json::object({{"subject", Json::object({{"type", "string"}})},
                                                              {"duplicate", Json::object({{"type", "boolean"}})}})}})}},
          .scope = "events:ingest"};
}

}  // namespace ow::events
