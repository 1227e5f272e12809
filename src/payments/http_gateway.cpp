// See http_gateway.h. Every answer of the gateway is `{result, gatewayId, reason}` with status 200; 404 on a
// look-up means the key was never seen.
#include "payments/http_gateway.h"

#include <fmt/core.h>

#include "base/bounds.h"
#include "base/encoding.h"
#include "base/json.h"
#include "platform/trace_text.h"

namespace ow::payments {
namespace {

using base::ErrorCode;
using base::Json;
using platform::PaymentResult;

// Entries of a page, so that one fits into kGatewayAnswerBytesMax.
constexpr int kEffectsPage = 50;

base::Result<PaymentResult> payment_result(const platform::HttpAnswer& answer) {
  const auto strange = [&](std::string_view what) {
    return base::fail(ErrorCode::internal, "gateway_answer",
                      fmt::format("The payment gateway answered {} {}.", answer.status, what));
  };
  if (answer.status != 200) return strange("instead of a result");
  const auto json = base::parse_json(answer.body);
  if (!json) return strange("with a body that is not JSON");
  PaymentResult result;
  const auto kind = json->string_at("result").value_or("");
  if (kind == "approved") {
    result.kind = PaymentResult::Kind::approved;
  } else if (kind == "declined") {
    result.kind = PaymentResult::Kind::declined;
  } else if (kind == "voided") {
    result.kind = PaymentResult::Kind::voided;
  } else {
    return strange("with an unknown result");
  }
  result.gateway_id = json->string_at("gatewayId").value_or("");
  result.reason = json->string_at("reason").value_or("");
  return result;
}

platform::HttpRequest request_to(std::string method, std::string url, std::string_view trace) {
  platform::HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  if (!trace.empty()) request.headers.emplace_back("traceparent", platform::traceparent_in(trace));
  if (auto state = platform::tracestate_in(trace); !state.empty()) {
    request.headers.emplace_back("tracestate", std::move(state));
  }
  request.timeout = base::bounds::kGatewayTimeout;
  request.answer_bytes_max = base::bounds::kGatewayAnswerBytesMax;
  return request;
}

void set_body(platform::HttpRequest& request, const Json& body) {
  request.headers.emplace_back("content-type", "application/json");
  request.body = base::to_text(body);
}

base::Task<base::Result<PaymentResult>> send(platform::HttpClient& client, platform::HttpRequest request) {
  const auto answer = co_await client.send(std::move(request));
  if (!answer) co_return base::fail(answer.error());
  co_return payment_result(*answer);
}

base::Result<platform::GatewayEffect> effect_from(const Json& json) {
  const auto strange = [] {
    return base::fail(ErrorCode::internal, "gateway_answer",
                      "The payment gateway listed an entry that cannot be read.");
  };
  const auto currency = base::parse_currency(json.text_at("currency"));
  const auto* number = json.find("amount");
  const auto time = base::parse_rfc3339(json.text_at("time"));
  if (!time) return strange();
  platform::GatewayEffect effect;
  const auto kind = json.text_at("kind");
  if (kind == "charge") effect.kind = platform::GatewayEffect::Kind::charge;
  if (kind == "refund") effect.kind = platform::GatewayEffect::Kind::refund;
  if (effect.kind != platform::GatewayEffect::Kind::other) {
    if (!currency || number == nullptr || !number->is_number()) return strange();
    auto amount = base::parse_money(number->as_number().text, *currency);
    if (!amount) return strange();
    effect.amount = *amount;
  }
  effect.key = json.text_at("key");
  effect.charge_key = json.text_at("chargeKey");
  effect.order.text = json.text_at("orderId");
  effect.gateway_id = json.text_at("gatewayId");
  effect.time = *time;
  return effect;
}

base::Result<platform::EffectPage> effect_page(const platform::HttpAnswer& answer) {
  if (answer.status == 404 || answer.status == 501) {
    return base::fail(ErrorCode::unsupported, "gateway_lists_nothing", "The payment gateway cannot list what it did.");
  }
  const auto json = base::parse_json(answer.body);
  const auto* items = json ? json->find("items") : nullptr;
  if (answer.status != 200 || items == nullptr || !items->is_array()) {
    return base::fail(ErrorCode::internal, "gateway_answer",
                      fmt::format("The payment gateway answered {} instead of a list.", answer.status));
  }
  platform::EffectPage page{{}, json->text_at("nextCursor")};
  for (const auto& item : items->as_array()) {
    auto effect = effect_from(item);
    if (!effect) return base::fail(effect.error());
    page.effects.push_back(std::move(*effect));
  }
  return page;
}

}  // namespace

base::Task<base::Result<platform::EffectPage>> HttpGateway::effects(base::Instant since, std::string cursor) {
  auto url = fmt::format("{}/ledger?limit={}&since={}", base_url_, kEffectsPage,
                         base::percent_encode(base::to_rfc3339(since)));
  if (!cursor.empty()) url += "&after=" + base::percent_encode(cursor);
  const auto answer = co_await client_.send(request_to("GET", std::move(url), {}));
  if (!answer) co_return base::fail(answer.error());
  co_return effect_page(*answer);
}

base::Task<base::Result<PaymentResult>> HttpGateway::charge(platform::ChargeRequest charge) {
  auto request = request_to("POST", base_url_ + "/charges", charge.traceparent);
  auto body = Json::object({{"key", charge.key},
                            {"orderId", charge.order.text},
                            {"amount", base::JsonNumber{base::to_decimal(charge.amount)}},
                            {"currency", charge.amount.currency.text()}});
  if (!charge.payment_token.empty()) body.set("paymentToken", charge.payment_token);
  set_body(request, body);
  return send(client_, std::move(request));
}

base::Task<base::Result<PaymentResult>> HttpGateway::refund(platform::RefundRequest refund) {
  auto request = request_to("POST", base_url_ + "/refunds", refund.traceparent);
  set_body(request, Json::object({{"key", refund.key},
                                  {"chargeKey", refund.charge_key},
                                  {"orderId", refund.order.text},
                                  {"amount", base::JsonNumber{base::to_decimal(refund.amount)}},
                                  {"currency", refund.amount.currency.text()}}));
  return send(client_, std::move(request));
}

base::Task<base::Result<PaymentResult>> HttpGateway::void_key(std::string key, std::string traceparent) {
  return send(client_, request_to("POST", base_url_ + "/keys/" + base::percent_encode(key) + "/void", traceparent));
}

base::Task<base::Result<std::optional<PaymentResult>>> HttpGateway::look_up(std::string key, std::string traceparent) {
  auto request = request_to("GET", base_url_ + "/keys/" + base::percent_encode(key), traceparent);
  const auto answer = co_await client_.send(std::move(request));
  if (!answer) co_return base::fail(answer.error());
  if (answer->status == 404) co_return std::nullopt;
  auto result = payment_result(*answer);
  if (!result) co_return base::fail(result.error());
  co_return std::move(*result);
}

}  // namespace ow::payments
