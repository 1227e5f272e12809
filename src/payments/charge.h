// The payment protocol over the PaymentGateway port: ask before repeating, never a second effect under one
// key, and an honest `unknown` when the gateway does not say. Each function makes at most one attempt; the
// saga decides how often and how late. Loop thread.
#pragma once

#include <string>

#include "base/task.h"
#include "platform/payment_gateway.h"

namespace ow::payments {

/// What is known about a key after an attempt.
struct Outcome {
  enum class Kind : std::uint8_t {
    done,      // the money moved under this key
    declined,  // it did not and will not
    voided,    // the key is forbidden for ever, nothing moved
    unknown,   // the gateway did not say: ask again before repeating
  };
  Kind kind = Kind::unknown;
  std::string gateway_id = {};
  std::string reason = {};  // declined: slug of the gateway; unknown: what went wrong
};

/// The key of an order's only charge: every retry, every execution and every look-up uses it, so the gateway
/// can never charge an order twice.
std::string charge_key(const base::OrderId& order);
/// The key of the refund with which the saga undoes the charge.
std::string undo_key(const base::OrderId& order);

/// One attempt to charge. `asked_before`: an earlier attempt may have reached the gateway, so it is looked up
/// first and charged only when the gateway has not seen the key. An attempt that ends unknown is looked up
/// once at once.
base::Task<Outcome> try_charge(platform::PaymentGateway& gateway, platform::ChargeRequest request, bool asked_before);

/// One attempt to refund, with the same protocol.
base::Task<Outcome> try_refund(platform::PaymentGateway& gateway, platform::RefundRequest request, bool asked_before);

/// One attempt to forbid a key. `done` means the charge was made before and must be refunded.
base::Task<Outcome> try_void(platform::PaymentGateway& gateway, std::string key, std::string traceparent);

}  // namespace ow::payments
