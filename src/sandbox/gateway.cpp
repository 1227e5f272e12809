// See gateway.h. Every known outcome is `{result, key, kind, amount, currency, gatewayId, reason}` with 200.
#include "sandbox/gateway.h"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "http/target.h"
#include "platform/trace_text.h"
#include "sandbox/ledger.h"

namespace ow::sandbox {
namespace {

using base::Json;
using http::Response;
using namespace std::chrono_literals;

constexpr auto kSlowAnswer = 2s;
constexpr std::size_t kLedgerPage = 1000;
constexpr std::size_t kKeyCharsMax = 255;
constexpr int kNoAnswer = 0;

const std::vector<http::Parameter> kLedgerQuery = {
    {"after", "nextCursor of the page before", Json::object({{"type", "string"}}), false},
    {"since", "Only entries from this time on (RFC 3339)", Json::object({{"type", "string"}}), false},
    {"limit", "Entries a page", Json::object({{"type", "integer"}}), false}};

Response problem(int status, std::string_view error, std::string_view message) {
  return Response::json(status, Json::object({{"error", error}, {"message", message}}));
}

Response no_answer() {
  Response response;
  response.status = kNoAnswer;
  return response;
}

std::string_view result_text(KeyState state) {
  switch (state) {
    case KeyState::approved:
      return "approved";
    case KeyState::declined:
      return "declined";
    case KeyState::voided:
      return "voided";
    case KeyState::late:
      return "late";
  }
  return "";
}

Response answer(const KeyRecord& record) {
  return Response::json(200, Json::object({{"result", result_text(record.state)},
                                           {"key", record.key},
                                           {"kind", record.kind},
                                           {"amount", base::JsonNumber{base::to_decimal(record.amount)}},
                                           {"currency", record.amount.currency.text()},
                                           {"gatewayId", record.gateway_id},
                                           {"reason", record.reason}}));
}

// The outcome of the commit is not known: ending the connection says just that.
Response answer(const base::Result<KeyRecord>& record) { return record ? answer(*record) : no_answer(); }

bool is_key(std::string_view text) { return !text.empty() && text.size() <= kKeyCharsMax; }

base::Result<base::Money> amount_of(const Json& body) {
  const Json* number = body.find("amount");
  const auto currency = base::parse_currency(body.string_at("currency").value_or(""));
  if (!currency) return base::fail(currency.error());
  if (number == nullptr || !number->is_number()) {
    return base::fail(base::ErrorCode::malformed, "bad_amount", "amount must be a number.");
  }
  auto amount = base::parse_money(number->as_number().text, *currency);
  if (amount && amount->minor <= 0) {
    return base::fail(base::ErrorCode::malformed, "bad_amount", "amount must be positive.");
  }
  return amount;
}

std::string traceparent_of(const http::Request& request) {
  return platform::carry_trace(std::string(request.header("traceparent").value_or("")),
                               request.header("tracestate").value_or(""));
}

}  // namespace

struct Gateway::Impl {
  explicit Impl(GatewayPorts given) : ports(given), ledger(given.store, given.clock, given.random) {}

  base::Task<Response> charge(http::Request request);
  base::Task<Response> refund(http::Request request);
  base::Task<Response> key(http::Request request, std::string path);
  base::Task<Response> list(std::string query_text);

  GatewayPorts ports;
  Ledger ledger;
};

base::Task<Response> Gateway::Impl::charge(http::Request request) {
  const auto body = base::parse_json(request.body);
  if (!body) co_return problem(400, "malformed", body.error().message);
  const auto amount = amount_of(*body);
  if (!amount) co_return problem(400, "malformed", amount.error().message);
  ChargeCommand command{body->text_at("key"), body->text_at("orderId"), *amount, body->text_at("paymentToken"),
                        traceparent_of(request)};
  if (!is_key(command.key)) co_return problem(400, "malformed", "key must have 1 to 255 characters.");
  const auto token = command.token;
  if (token == "tok_error500") co_return problem(500, "internal", "Something went wrong.");
  if (token == "tok_lost_failure") co_return no_answer();
  const auto before = co_await ledger.find(command.key);
  if (!before) co_return no_answer();
  const auto record = co_await ledger.charge(std::move(command));
  if (token == "tok_slow") {
    co_await ports.executor.sleep_until(ports.clock.ticks() + kSlowAnswer);
  }
  const bool late = record && record->state == KeyState::late;
  const bool lost = token == "tok_lost_success" && !*before;
  if (late || lost) co_return no_answer();
  co_return answer(record);
}

base::Task<Response> Gateway::Impl::refund(http::Request request) {
  const auto body = base::parse_json(request.body);
  if (!body) co_return problem(400, "malformed", body.error().message);
  const auto amount = amount_of(*body);
  if (!amount) co_return problem(400, "malformed", amount.error().message);
  RefundCommand command{body->text_at("key"), body->text_at("chargeKey"), body->text_at("orderId"), *amount,
                        traceparent_of(request)};
  if (!is_key(command.key) || !is_key(command.charge_key)) {
    co_return problem(400, "malformed", "key and chargeKey must have 1 to 255 characters.");
  }
  co_return answer(co_await ledger.refund(std::move(command)));
}

// GET /keys/{key} and POST /keys/{key}/void.
base::Task<Response> Gateway::Impl::key(http::Request request, std::string path) {
  path.erase(0, std::string_view("/keys/").size());
  const bool voids = path.ends_with("/void");
  if (voids) path.resize(path.size() - std::string_view("/void").size());
  const auto name = http::percent_decode(path);
  if (!name || !is_key(*name)) co_return problem(400, "malformed", "The key must have 1 to 255 characters.");
  if (voids && request.method == "POST") {
    co_return answer(co_await ledger.void_key(*name, traceparent_of(request)));
  }
  if (voids || request.method != "GET") co_return problem(405, "method", "This method is not for keys.");
  const auto record = co_await ledger.find(*name);
  if (!record) co_return no_answer();
  if (!*record) co_return problem(404, "unknown_key", "This key was never seen.");
  co_return answer(**record);
}

base::Task<Response> Gateway::Impl::list(std::string query_text) {
  const auto query = http::parse_query(query_text, kLedgerQuery);
  if (!query) co_return problem(400, "malformed", query.error().message);
  std::size_t limit = kLedgerPage;
  if (const auto text = query->find("limit"); text != query->end()) {
    std::from_chars(text->second.data(), text->second.data() + text->second.size(), limit);
  }
  const auto text_of = [&](const char* name) { return query->contains(name) ? query->at(name) : std::string(); };
  std::string after = text_of("after");
  if (const auto since = text_of("since"); after.empty() && !since.empty()) {
    const auto time = base::parse_rfc3339(since);
    if (!time) co_return problem(400, "malformed", "since must be a time as in RFC 3339.");
    after = Ledger::before(*time);
  }
  const auto entries = co_await ledger.entries(std::move(after), std::clamp<std::size_t>(limit, 1, kLedgerPage));
  if (!entries) co_return no_answer();
  Json::Array items;
  for (const auto& entry : *entries) items.push_back(entry.json);
  const auto next = entries->empty() ? Json() : Json(entries->back().id);
  co_return Response::json(200, Json::object({{"items", std::move(items)}, {"nextCursor", next}}));
}

Gateway::Gateway(GatewayPorts ports) : impl_(std::make_unique<Impl>(ports)) {}

Gateway::~Gateway() = default;

base::Task<Response> Gateway::handle(http::Request request) {
  const auto target = http::split_target(request.target);
  if (!target) return base::ready(problem(400, "malformed", target.error().message));
  const auto path = target->path;
  if (request.method == "POST" && path == "/charges") return impl_->charge(std::move(request));
  if (request.method == "POST" && path == "/refunds") return impl_->refund(std::move(request));
  if (request.method == "GET" && path == "/ledger") return impl_->list(std::string(target->query));
  if (path.starts_with("/keys/")) {
    auto key_path = std::string(path);
    return impl_->key(std::move(request), std::move(key_path));
  }
  return base::ready(problem(404, "not_found", "There is nothing here."));
}

}  // namespace ow::sandbox
