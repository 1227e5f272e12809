// The event of an operator's action: one shape for all of them, so that who did what, when and why can be
// followed in one place (docs/events/operator.json). It belongs into the Commit that carries the action out: no
// action without its event, no event without its action. Loop thread.
#pragma once

#include <string>

#include "base/ids.h"
#include "base/instant.h"
#include "base/json.h"
#include "base/result.h"
#include "http/message.h"
#include "platform/commit.h"

namespace ow::ops {

/// Every type of such an event begins so: a rule over all of them is `{"detail-type":[{"prefix":"operator."}]}`.
inline constexpr std::string_view kOperatorPrefix = "operator.";
inline constexpr std::size_t kReasonBytesMax = 500;

/// Who acts. Work that goes on after the request keeps it, so that its events name the same person.
struct Operator {
  base::UserId user;
  std::string request_id = {};
  std::string traceparent = {};
};

/// The caller; the route must not be open.
Operator operator_of(const http::RequestContext& context);

struct OperatorAction {
  std::string type;     // "operator.queue-purged"; the thing and a verb in the past
  std::string subject;  // what was acted on: a queue's name, an id
  std::string why = {};
  /// Further members of `data`, without personal data. None is called by, why or requestId.
  base::Json details = base::Json::object();
};

/// `data` is {by, why, requestId, …details}; `why` may be empty where an action needs no reason.
platform::EventDraft operator_event(const Operator& who, base::Instant now, OperatorAction action);

/// The member `reason` of a body that fits the route's schema: 1 to kReasonBytesMax bytes. Error unprocessable
/// with a violation that names it.
base::Result<std::string> required_reason(const base::Json& body);
/// The same, but may be absent or empty.
base::Result<std::string> optional_reason(const base::Json& body);
/// JSON Schema of the member.
base::Json reason_schema();

}  // namespace ow::ops
