// Mails and suppressed addresses. See mail_desk.h.
#include "notify/mail/mail_desk.h"

#include "base/bounds.h"
#include "base/encoding.h"
#include "base/json_fields.h"
#include "http/handler.h"
#include "http/listing.h"
#include "http/schema_text.h"
#include "notify/mail/bounds.h"
#include "ops/operator_action.h"

namespace ow::notify {
namespace {

using base::ErrorCode;
using base::Json;
using base::Result;
using base::Task;
using base::text_or_null;
using http::Access;
using http::closed_object;
using http::list_of;
using http::nullable;
using http::Reply;
using http::RequestContext;
using http::Response;
using http::typed;

Json mail_json(const MailDesk& desk, const MailRecord& mail) {
  return Json::object({{"mailId", mail.id},
                       {"messageId", message_id(mail, desk.domain)},
                       {"event", mail.event},
                       {"type", mail.event_type},
                       {"orderId", text_or_null(mail.order)},
                       {"topic", text_or_null(mail.topic)},
                       {"status", status_text(mail.status)},
                       {"attempts", mail.attempts},
                       {"resends", mail.round},
                       {"code", mail.code == 0 ? Json() : Json(mail.code)},
                       {"answer", text_or_null(mail.words)},
                       {"createdAt", base::to_rfc3339(mail.created)},
                       {"updatedAt", base::to_rfc3339(mail.updated)}});
}

tl::unexpected<base::Error> no_mail(const std::string& id) {
  return base::fail(ErrorCode::not_found, "mail_not_found", "There is no mail " + id + ".");
}

Task<Result<Reply>> list(MailDesk desk, const RequestContext& context) {
  const auto limit = http::page_limit(context, base::bounds::kListItemsMax);
  if (!limit) co_return base::fail(limit.error());
  MailFilter filter{http::query_text(context, "order"), parse_mail_status(http::query_text(context, "status")), *limit,
                    http::query_text(context, "cursor")};
  const auto page = co_await list_mails(desk.store, std::move(filter));
  if (!page) co_return base::fail(page.error());
  Json::Array items;
  for (const auto& mail : page->mails) items.push_back(mail_json(desk, mail));
  co_return Reply{Response::json(200, http::page_json(std::move(items), page->next_cursor))};
}

Task<Result<MailRecord>> mail_of(MailDesk desk, std::string id) {
  auto mail = co_await find_mail(desk.store, id);
  if (!mail) co_return base::fail(mail.error());
  if (!*mail) co_return no_mail(id);
  co_return std::move(**mail);
}

Task<Result<Reply>> show(MailDesk desk, const RequestContext& context) {
  const auto mail = co_await mail_of(desk, context.params.at("id"));
  if (!mail) co_return base::fail(mail.error());
  auto json = mail_json(desk, *mail);
  const auto kept = co_await desk.mailer.kept(message_id(*mail, desk.domain));
  if (!kept) co_return base::fail(kept.error());
  json.set("source", *kept && base::is_utf8(**kept) ? Json(**kept) : Json());
  co_return Reply{Response::json(200, json)};
}

Task<Result<Reply>> resend(MailDesk desk, const RequestContext& context) {
  const auto reason = ops::required_reason(context.body);
  if (!reason) co_return base::fail(reason.error());
  auto mail = co_await mail_of(desk, context.params.at("id"));
  if (!mail) co_return base::fail(mail.error());
  if (mail->order.empty())
    co_return base::fail(ErrorCode::conflict, "mail_is_a_notice", "A notice is not sent again; publish it again.");
  if (mail->status == MailStatus::waiting)
    co_return base::fail(ErrorCode::conflict, "mail_is_waiting", "The mail is still being tried.");
  if (mail->round >= static_cast<int>(bounds::kResendsMax))
    co_return base::fail(ErrorCode::conflict, "too_many_resends", "The mail was sent again too often.");
  ++mail->round;
  mail->status = MailStatus::waiting;
  mail->attempts = 0;
  mail->code = 0;
  mail->words.clear();
  const auto now = desk.clock.now();
  Reply reply{Response::json(202, mail_json(desk, *mail))};
  reply.commit = put_mail(*mail, now);
  reply.commit.send(resend_message(*mail));
  reply.commit.event(ops::operator_event(
      ops::operator_of(context), now,
      {"operator.mail-resent", mail->order, *reason, Json::object({{"mailId", mail->id}, {"resend", mail->round}})}));
  co_return reply;
}

Json suppression_json(const Suppression& suppression) {
  return Json::object({{"suppressionId", suppression.id},
                       {"address", suppression.hint},
                       {"reason", suppression.reason},
                       {"mailId", text_or_null(suppression.mail)},
                       {"since", base::to_rfc3339(suppression.since)}});
}

Task<Result<Reply>> suppressions(MailDesk desk, const RequestContext& context) {
  const auto limit = http::page_limit(context, base::bounds::kListItemsMax);
  if (!limit) co_return base::fail(limit.error());
  Json::Array items;
  const auto address = http::query_text(context, "address");
  if (!address.empty()) {
    const auto one = co_await find_suppression(desk.store, suppression_id(address));
    if (!one) co_return base::fail(one.error());
    if (*one) items.push_back(suppression_json(**one));
    co_return Reply{Response::json(200, http::page_json(std::move(items), ""))};
  }
  const auto page = co_await list_suppressions(desk.store, *limit, http::query_text(context, "cursor"));
  if (!page) co_return base::fail(page.error());
  for (const auto& suppression : page->suppressions) items.push_back(suppression_json(suppression));
  co_return Reply{Response::json(200, http::page_json(std::move(items), page->next_cursor))};
}

Task<Result<Reply>> suppress(MailDesk desk, const RequestContext& context) {
  const auto reason = ops::required_reason(context.body);
  if (!reason) co_return base::fail(reason.error());
  const std::string address(context.body.string_at("address").value_or(""));
  if (!platform::is_mail_address(address))
    co_return base::fail(
        {ErrorCode::unprocessable, "bad_address", "The suppression is not valid.", {"address must be a mail address"}});
  const auto known = co_await find_suppression(desk.store, suppression_id(address));
  if (!known) co_return base::fail(known.error());
  if (*known) co_return Reply{Response::json(200, suppression_json(**known))};
  const auto now = desk.clock.now();
  const Suppression suppression{suppression_id(address), address_hint(address), *reason, "", now};
  Reply reply{Response::json(201, suppression_json(suppression))};
  reply.commit = put_suppression(suppression);
  reply.commit.event(ops::operator_event(ops::operator_of(context), now,
                                         {"operator.mail-suppressed", "mail-suppression#" + suppression.id, *reason}));
  co_return reply;
}

Task<Result<Reply>> remove_suppression(MailDesk desk, const RequestContext& context) {
  const auto& id = context.params.at("id");
  const auto known = co_await find_suppression(desk.store, id);
  if (!known) co_return base::fail(known.error());
  if (!*known)
    co_return base::fail(ErrorCode::not_found, "suppression_not_found", "There is no suppression " + id + ".");
  Reply reply{{.status = 204}};
  reply.commit = erase_suppression(**known);
  reply.commit.event(ops::operator_event(ops::operator_of(context), desk.clock.now(),
                                         {"operator.mail-suppression-removed", "mail-suppression#" + id}));
  co_return reply;
}

Json mail_schema() {
  return Json::object(
      {{"type", "object"},
       {"properties",
        Json::object({{"mailId", typed("string")},
                      {"messageId", typed("string")},
                      {"event", typed("string")},
                      {"type", typed("string")},
                      {"orderId", nullable("string")},
                      {"topic", nullable("string")},
                      {"status", Json::object({{"enum", Json::array({"waiting", "sent", "refused", "suppressed",
                                                                     "bounced", "dead"})}})},
                      {"attempts", typed("integer")},
                      {"resends", typed("integer")},
                      {"code", nullable("integer")},
                      {"answer", nullable("string")},
                      {"createdAt", typed("string")},
                      {"updatedAt", typed("string")}})}});
}

Json shown_mail_schema() {
  auto schema = mail_schema();
  schema.find("properties")->set("source", nullable("string"));
  return schema;
}

Json suppression_schema() {
  return Json::object({{"type", "object"},
                       {"properties", Json::object({{"suppressionId", typed("string")},
                                                    {"address", typed("string")},
                                                    {"reason", typed("string")},
                                                    {"mailId", nullable("string")},
                                                    {"since", typed("string")}})}});
}

Json reason_body() { return closed_object(Json::object({{"reason", ops::reason_schema()}}), {"reason"}); }

}  // namespace

http::Routes mail_routes(const MailDesk& desk) {
  const http::Parameter limit{"limit", "Items a page, at most 50", typed("integer")};
  const http::Parameter cursor{"cursor", "nextCursor of the page before", typed("string")};
  const http::Parameter status{"status", "Only mails of this status",
                               *mail_schema().find("properties")->find("status")};
  const http::Parameter order{"order", "Only mails about this order", typed("string")};
  const http::Parameter address{"address", "Only this address", typed("string")};
  http::Routes all;
  all.push_back({"GET",
                 "/api/mails",
                 Access::operators,
                 "Mails, newest first",
                 http::handler(desk, list),
                 {status, order, limit, cursor},
                 {},
                 {{200, list_of(mail_schema())}}});
  all.push_back({"GET",
                 "/api/mails/{id}",
                 Access::operators,
                 "One mail; its source if it lies in the local outbox",
                 http::handler(desk, show),
                 {},
                 {},
                 {{200, shown_mail_schema()}}});
  all.push_back({"POST",
                 "/api/mails/{id}/resend",
                 Access::operators,
                 "Sends a mail again, under a new Message-ID",
                 http::handler(desk, resend),
                 {},
                 reason_body(),
                 {{202, mail_schema()}}});
  all.push_back({"GET",
                 "/api/mail/suppressions",
                 Access::operators,
                 "Addresses that get no mail, newest first",
                 http::handler(desk, suppressions),
                 {address, limit, cursor},
                 {},
                 {{200, list_of(suppression_schema())}}});
  all.push_back({"POST",
                 "/api/mail/suppressions",
                 Access::operators,
                 "Sends an address no more mail",
                 http::handler(desk, suppress),
                 {},
                 closed_object(Json::object({{"address", typed("string")}, {"reason", ops::reason_schema()}}),
                               {"address", "reason"}),
                 {{201, suppression_schema()}}});
  all.push_back({"DELETE",
                 "/api/mail/suppressions/{id}",
                 Access::operators,
                 "Lets an address have mail again",
                 http::handler(desk, remove_suppression),
                 {},
                 {},
                 {{204, Json()}}});
  return all;
}

}  // namespace ow::notify
