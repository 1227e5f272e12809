// GET /api/obligations, POST /api/obligations/{id}/retry and /waive. See desk.h.
#include <fmt/core.h>

#include "base/bounds.h"
#include "inventory/listing.h"
#include "orders/desk.h"
#include "orders/order_events.h"
#include "payments/obligations.h"

namespace ow::orders {
namespace {

using base::ErrorCode;
using base::Json;
using http::RequestContext;
using payments::Obligation;

constexpr std::size_t kReasonBytesMax = 500;

base::Task<base::Result<Obligation>> open_obligation(Desk desk, const RequestContext& context) {
  const auto& id = context.params.at("id");
  const auto missing = [&] {
    return base::fail(ErrorCode::not_found, "obligation_not_found",
                      fmt::format("There is no obligation {}.", id));
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

base::Result<std::string> reason_of(const Json& body) {
  const auto reason = body.string_at("reason").value_or("");
  if (reason.empty() || reason.size() > kReasonBytesMax) {
    return base::fail({ErrorCode::unprocessable,
                       "invalid_waiver",
                       "A waiver needs a reason.",
                       {fmt::format("reason must have 1 to {} bytes", kReasonBytesMax)}});
  }
  return std::string(reason);
}

}  // namespace

Answer list_obligations(Desk desk, const RequestContext& context) {
  const auto limit = inventory::page_limit(context, base::bounds::kListItemsMax);
  if (!limit) co_return base::fail(limit.error());
  const auto text = inventory::query_text(context, "status");
  const auto status = text.empty() ? Obligation::Status::open : payments::parse_status(text);
  if (!status) {
    co_return base::fail({ErrorCode::malformed,
                          "bad_query",
                          "The query is not valid.",
                          {"status must be one of open, settled, waived"}});
  }
  auto page = co_await payments::list_obligations(desk.ports.store, *status, *limit,
                                                  inventory::query_text(context, "cursor"));
  if (!page) co_return base::fail(page.error());
  Json::Array items;
  for (const auto& obligation : page->obligations) items.push_back(payments::obligation_json(obligation));
  co_return http::Reply{http::Response::json(200, inventory::page_json(std::move(items), page->next_cursor))};
}

Answer retry_obligation(Desk desk, const RequestContext& context) {
  const auto obligation = co_await open_obligation(desk, context);
  if (!obligation) co_return base::fail(obligation.error());
  http::Reply reply{http::Response::json(202, payments::obligation_json(*obligation))};
  reply.commit = desk.workflows.nudge(obligation->execution, context.request_id);
  co_return reply;
}

Answer waive_obligation(Desk desk, const RequestContext& context) {
  auto reason = reason_of(context.body);
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
  http::Reply reply{http::Response::json(200, payments::obligation_json(waived))};
  reply.commit = payments::close_obligation(*obligation, Obligation::Status::waived, operator_id, *reason);
  if (*order) {
    reply.commit.event(order_event(**order, "obligation.waived",
                                   {desk.ports.clock.now(), context.trace.traceparent()},
                                   Json::object({{"obligationId", obligation->id.text},
                                                 {"amount", money_json(obligation->amount)},
                                                 {"by", operator_id},
                                                 {"why", *reason}})));
  }
  reply.commit.merge(desk.workflows.nudge(obligation->execution, "waived"));
  co_return reply;
}

}  // namespace ow::orders
