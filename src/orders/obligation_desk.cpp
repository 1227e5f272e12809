// GET /api/obligations and /api/obligations/totals, POST /api/obligations/{id}/retry and /waive. See desk.h.
#include <fmt/core.h>

#include "base/bounds.h"
#include "http/listing.h"
#include "ops/operator_action.h"
#include "orders/desk.h"
#include "orders/order_events.h"
#include "payments/obligations.h"

namespace ow::orders {
namespace {

using base::ErrorCode;
using base::Json;
using http::RequestContext;
using payments::Obligation;

constexpr int kDaysDefault = 30;

base::Task<base::Result<Obligation>> open_obligation(Desk desk, const RequestContext& context) {
  const auto& id = context.params.at("id");
  const auto missing = [&] {
    return base::fail(ErrorCode::not_found, "obligation_not_found", fmt::format("There is no obligation {}.", id));
  };
  if (!platform::is_id(id, "obl")) co_return missing();
  auto obligation = co_await payments::find_obligation(desk.ports.store, base::ObligationId(id));
  if (!obligation) co_return base::fail(obligation.error());
  if (!*obligation) co_return missing();
  if ((*obligation)->status != Obligation::Status::open) {
    const auto status = payments::status_text((*obligation)->status);
    co_return base::fail(ErrorCode::conflict, fmt::format("obligation_is_{}", status),
                         fmt::format("The obligation is {} already.", status));
  }
  co_return std::move(**obligation);
}

platform::EventDraft operator_event(Desk desk, const RequestContext& context, const Obligation& obligation,
                                    std::string type, std::string why) {
  return ops::operator_event(
      ops::operator_of(context), desk.ports.clock.now(),
      {std::move(type), obligation.id.text, std::move(why), Json::object({{"orderId", obligation.order.text}})});
}

}  // namespace

Answer list_obligations(Desk desk, const RequestContext& context) {
  const auto limit = http::page_limit(context, base::bounds::kListItemsMax);
  if (!limit) co_return base::fail(limit.error());
  const auto text = http::query_text(context, "status");
  const auto status = text.empty() ? Obligation::Status::open : payments::parse_status(text);
  if (!status) {
    co_return base::fail({ErrorCode::malformed,
                          "bad_query",
                          "The query is not valid.",
                          {"status must be one of open, settled, waived"}});
  }
  auto page =
      co_await payments::list_obligations(desk.ports.store, *status, *limit, http::query_text(context, "cursor"));
  if (!page) co_return base::fail(page.error());
  Json::Array items;
  const auto now = desk.ports.clock.now();
  for (const auto& obligation : page->obligations) items.push_back(payments::obligation_json(obligation, now));
  co_return http::Reply{http::Response::json(200, http::page_json(std::move(items), page->next_cursor))};
}

Answer total_obligations(Desk desk, const RequestContext& context) {
  const auto text = http::query_text(context, "days");
  const auto given = text.empty() ? std::nullopt : base::JsonNumber{text}.integer();
  const auto days = co_await payments::obligation_days(desk.ports.store, desk.ports.clock.now(),
                                                       static_cast<int>(given.value_or(kDaysDefault)));
  if (!days) co_return base::fail(days.error());
  Json::Array items;
  for (const auto& day : *days) items.push_back(payments::obligation_day_json(day));
  co_return http::Reply{http::Response::json(200, http::page_json(std::move(items), ""))};
}

Answer retry_obligation(Desk desk, const RequestContext& context) {
  const auto obligation = co_await open_obligation(desk, context);
  if (!obligation) co_return base::fail(obligation.error());
  http::Reply reply{http::Response::json(202, payments::obligation_json(*obligation, desk.ports.clock.now()))};
  reply.commit = desk.workflows.nudge(obligation->execution, context.request_id);
  reply.commit.event(operator_event(desk, context, *obligation, "operator.obligation-retried", {}));
  co_return reply;
}

Answer waive_obligation(Desk desk, const RequestContext& context) {
  auto reason = ops::required_reason(context.body);
  if (!reason) co_return base::fail(reason.error());
  auto obligation = co_await open_obligation(desk, context);
  if (!obligation) co_return base::fail(obligation.error());
  const auto order = co_await find_order(desk.ports.store, obligation->order);
  if (!order) co_return base::fail(order.error());
  const auto& operator_id = context.principal->user.text;
  auto waived = *obligation;
  waived.status = Obligation::Status::waived;
  waived.closed_by = operator_id;
  waived.closed_reason = *reason;
  http::Reply reply{http::Response::json(200, payments::obligation_json(waived, desk.ports.clock.now()))};
  reply.commit = payments::close_obligation(*obligation, Obligation::Status::waived, operator_id, *reason);
  if (*order) {
    reply.commit.event(order_event(**order, "obligation.waived", {desk.ports.clock.now(), context.trace.traceparent()},
                                   Json::object({{"obligationId", obligation->id.text},
                                                 {"amount", money_json(obligation->amount)},
                                                 {"by", operator_id},
                                                 {"why", *reason}})));
  }
  reply.commit.event(operator_event(desk, context, *obligation, "operator.obligation-waived", *reason));
  reply.commit.merge(desk.workflows.nudge(obligation->execution, "waived"));
  co_return reply;
}

}  // namespace ow::orders
