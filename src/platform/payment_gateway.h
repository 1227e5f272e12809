// Port: money at the outside. Every call carries a key that is the same for every retry; the gateway does a
// key's effect at most once. An unknown outcome is asked for (look_up) before it is repeated. Loop thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"
#include "base/money.h"
#include "base/result.h"
#include "base/task.h"

namespace ow::platform {

struct ChargeRequest {
  std::string key;
  base::OrderId order;
  base::Money amount;
  std::string payment_token;  // may be empty: the gateway's default means
  std::string traceparent;
};

struct RefundRequest {
  std::string key;
  std::string charge_key;
  base::OrderId order;
  base::Money amount;
  std::string traceparent;
};

struct PaymentResult {
  enum class Kind : std::uint8_t { approved, declined, voided };
  Kind kind = Kind::approved;
  std::string gateway_id;  // the gateway's own id of the charge or refund
  std::string reason;      // declined: slug of the gateway
};

/// Something the gateway did: money that moved, or a key that it forbade.
struct GatewayEffect {
  enum class Kind : std::uint8_t { charge, refund, other };
  Kind kind = Kind::other;
  std::string key;
  std::string charge_key;  // refund: of which charge
  base::OrderId order;
  base::Money amount;
  std::string gateway_id;
  base::Instant time;  // by the gateway's clock
};

struct EffectPage {
  std::vector<GatewayEffect> effects;
  std::string next_cursor;  // empty: no more for now
};

class PaymentGateway {
 public:
  virtual ~PaymentGateway() = default;
  /// Errors: unavailable (certainly not done), timed_out (unknown), internal (5xx: unknown).
  virtual base::Task<base::Result<PaymentResult>> charge(ChargeRequest request) = 0;
  virtual base::Task<base::Result<PaymentResult>> refund(RefundRequest request) = 0;
  /// Forbids the key for ever: a charge that comes later is refused, one that was done is answered
  /// `approved` (and must be refunded).
  virtual base::Task<base::Result<PaymentResult>> void_key(std::string key, std::string traceparent) = 0;
  /// What became of a key; nothing when the gateway has not seen it (yet).
  virtual base::Task<base::Result<std::optional<PaymentResult>>> look_up(std::string key, std::string traceparent) = 0;
  /// What it did from `since` on, in order; `cursor` continues behind a page. Error unsupported when this
  /// gateway cannot list.
  virtual base::Task<base::Result<EffectPage>> effects(base::Instant since, std::string cursor) = 0;
};

}  // namespace ow::platform
