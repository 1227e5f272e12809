// See charge.h.
#include "payments/charge.h"

namespace ow::payments {
namespace {

using platform::PaymentGateway;
using platform::PaymentResult;

Outcome known(PaymentResult result) {
  switch (result.kind) {
    case PaymentResult::Kind::approved:
      return {Outcome::Kind::done, std::move(result.gateway_id), {}};
    case PaymentResult::Kind::declined:
      return {Outcome::Kind::declined, std::move(result.gateway_id), std::move(result.reason)};
    case PaymentResult::Kind::voided:
      return {Outcome::Kind::voided, std::move(result.gateway_id), std::move(result.reason)};
  }
  return {};
}

Outcome unknown(const base::Error& error) { return {Outcome::Kind::unknown, {}, error.message}; }

// Nothing when the gateway has not seen the key.
base::Task<std::optional<Outcome>> ask(PaymentGateway& gateway, std::string key, std::string traceparent) {
  auto answer = co_await gateway.look_up(std::move(key), std::move(traceparent));
  if (!answer) co_return unknown(answer.error());
  if (!*answer) co_return std::nullopt;
  co_return known(std::move(**answer));
}

bool may_have_happened(const base::Error& error) { return error.code != base::ErrorCode::unavailable; }

// `send` makes the call; it is called at most once.
template <typename Request, typename Send>
base::Task<Outcome> attempt(PaymentGateway& gateway, Request request, bool asked_before, Send send) {
  const std::string key = request.key;
  const std::string traceparent = request.traceparent;
  if (asked_before) {
    auto earlier = co_await ask(gateway, key, traceparent);
    if (earlier) co_return std::move(*earlier);
  }
  auto answer = co_await (gateway.*send)(std::move(request));
  if (answer) co_return known(std::move(*answer));
  if (may_have_happened(answer.error())) {
    auto found = co_await ask(gateway, key, traceparent);
    if (found && found->kind != Outcome::Kind::unknown) co_return std::move(*found);
  }
  co_return unknown(answer.error());
}

}  // namespace

std::string charge_key(const base::OrderId& order) { return order.text + ".charge"; }

std::string undo_key(const base::OrderId& order) { return order.text + ".undo"; }

base::Task<Outcome> try_charge(PaymentGateway& gateway, platform::ChargeRequest request, bool asked_before) {
  return attempt(gateway, std::move(request), asked_before, &PaymentGateway::charge);
}

base::Task<Outcome> try_refund(PaymentGateway& gateway, platform::RefundRequest request, bool asked_before) {
  return attempt(gateway, std::move(request), asked_before, &PaymentGateway::refund);
}

base::Task<Outcome> try_void(PaymentGateway& gateway, std::string key, std::string traceparent) {
  auto answer = co_await gateway.void_key(std::move(key), std::move(traceparent));
  if (!answer) co_return unknown(answer.error());
  co_return known(std::move(*answer));
}

}  // namespace ow::payments
