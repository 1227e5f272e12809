// See operator_action.h.
#include "ops/operator_action.h"

#include <utility>

#include <fmt/format.h>

#include "base/assert.h"

namespace ow::ops {
namespace {

using base::Json;

constexpr auto kSource = "orderwright/operations";

tl::unexpected<base::Error> bad_reason(std::size_t bytes_min) {
  return base::fail({base::ErrorCode::unprocessable,
                     "invalid_reason",
                     "The reason is not valid.",
                     {fmt::format("reason must have {} to {} bytes", bytes_min, kReasonBytesMax)}});
}

base::Result<std::string> reason_of(const Json& body, std::size_t bytes_min) {
  const auto reason = body.string_at("reason").value_or("");
  if (reason.size() < bytes_min || reason.size() > kReasonBytesMax) return bad_reason(bytes_min);
  return std::string(reason);
}

}  // namespace

Operator operator_of(const http::RequestContext& context) {
  OW_ASSERT(context.principal.has_value(), "an operator's route knows its caller");
  return {context.principal->user, context.request_id, context.trace.traceparent()};
}

platform::EventDraft operator_event(const Operator& who, base::Instant now, OperatorAction action) {
  OW_ASSERT(action.type.starts_with(kOperatorPrefix), "an operator's action is named as one");
  auto data = Json::object({{"by", who.user.text}, {"why", action.why}, {"requestId", who.request_id}});
  for (const auto& [name, value] : action.details.as_object()) {
    OW_ASSERT(data.find(name) == nullptr, "details do not hide who and why");
    data.set(name, value);
  }
  return {std::move(action.subject), std::move(action.type), kSource, base::to_text(data), now, who.traceparent};
}

base::Result<std::string> required_reason(const Json& body) { return reason_of(body, 1); }
base::Result<std::string> optional_reason(const Json& body) { return reason_of(body, 0); }

Json reason_schema() {
  return Json::object({{"type", "string"}, {"description", "Why; without personal data, it is kept for ever"}});
}

}  // namespace ow::ops
