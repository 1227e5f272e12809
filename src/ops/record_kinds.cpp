// See record_kinds.h.
#include "ops/record_kinds.h"

#include <algorithm>
#include <array>

namespace ow::ops {
namespace {

using Holds = RecordKind::Holds;

constexpr std::array kKinds = {
    RecordKind{"api-key", Holds::nothing, "until revoked and removed"},
    RecordKind{"api-key-secret", Holds::secret, "until revoked and removed"},
    RecordKind{"api-key-use", Holds::nothing, "with the key"},
    RecordKind{"background_work", Holds::nothing, "for ever: one record"},
    RecordKind{"contact", Holds::personal, "until erased on request"},
    RecordKind{"definition", Holds::nothing, "for ever: executions refer to it"},
    RecordKind{"definition_routing", Holds::nothing, "for ever: one a definition"},
    RecordKind{"demo", Holds::nothing, "for ever: one record, demo only"},
    RecordKind{"event-source", Holds::secret, "until removed"},
    RecordKind{"event_rule", Holds::nothing, "until deleted"},
    RecordKind{"execution", Holds::nothing, "30 days after its end, or as set"},
    RecordKind{"execution_history", Holds::nothing, "with the execution"},
    RecordKind{"execution_payload", Holds::nothing, "with the execution"},
    RecordKind{"hold", Holds::nothing, "until the order is decided"},
    RecordKind{"idempotency", Holds::personal, "24 hours, or as set"},
    RecordKind{"ingested", Holds::nothing, "7 days"},
    RecordKind{"mail", Holds::personal, "a year after its last change, or until the person is erased"},
    RecordKind{"mail-suppression", Holds::personal, "until removed, or the person is erased"},
    RecordKind{"mail-template", Holds::nothing, "until replaced"},
    RecordKind{"mail-template-head", Holds::nothing, "for ever: one a template"},
    RecordKind{"obligation", Holds::nothing, "for ever: it is money owed"},
    RecordKind{"order", Holds::nothing, "for ever"},
    RecordKind{"person", Holds::personal, "until erased on request"},
    RecordKind{"probe", Holds::nothing, "for ever: one record"},
    RecordKind{"product", Holds::nothing, "until removed"},
    RecordKind{"queue-edit", Holds::personal, "14 days"},
    RecordKind{"queue-operation", Holds::nothing, "14 days"},
    RecordKind{"queue-operation-results", Holds::nothing, "14 days"},
    RecordKind{"receipt", Holds::personal, "for ever: bookkeeping"},
    RecordKind{"receipt-life", Holds::nothing, "for ever: one record"},
    RecordKind{"receipt-series", Holds::nothing, "for ever: one a series and year"},
    RecordKind{"restore", Holds::nothing, "for ever"},
    RecordKind{"restore_finding", Holds::nothing, "for ever"},
    RecordKind{"session", Holds::secret, "until its refresh token expires"},
    RecordKind{"topic", Holds::nothing, "until deleted"},
    RecordKind{"user", Holds::secret, "until erased"},
    RecordKind{"webhook-attempt", Holds::nothing, "30 days"},
    RecordKind{"webhook-delivery", Holds::nothing, "30 days"},
    RecordKind{"webhook-endpoint", Holds::secret, "until deleted"},
    RecordKind{"webhook-event", Holds::nothing, "30 days"},
    RecordKind{"webhook-health", Holds::nothing, "with the endpoint"},
    RecordKind{"webhook-lane", Holds::nothing, "until it is empty"},
    RecordKind{"webhook-pace", Holds::nothing, "a day after it last mattered"},
    RecordKind{"webhook-subject", Holds::nothing, "90 days after its last event"},
};

}  // namespace

std::span<const RecordKind> record_kinds() { return kKinds; }

RecordKind::Holds holds_of(std::string_view record_kind) {
  const auto found = std::ranges::find(kKinds, record_kind, &RecordKind::name);
  return found == kKinds.end() ? Holds::secret : found->holds;
}

}  // namespace ow::ops
