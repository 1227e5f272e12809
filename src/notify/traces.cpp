// See traces.h.
#include "notify/traces.h"

#include <functional>

#include "base/encoding.h"
#include "notify/mail/mail_record.h"
#include "notify/receipts/receipt.h"

namespace ow::notify {
namespace {

using base::Json;
using base::Result;
using base::Task;

Task<Result<void>> done(platform::Store& store, platform::Commit commit) {
  const auto outcome = co_await store.commit(std::move(commit));
  if (!outcome) co_return base::fail(outcome.error());
  if (outcome->committed()) co_return Result<void>();
  co_return base::fail(base::ErrorCode::unavailable, "contended", "The store is busy; try again.");
}

Task<Result<Json>> trace_of(TracePorts ports, MailRecord mail) {
  auto json = Json::object({{"mailId", mail.id},
                            {"type", mail.event_type},
                            {"orderId", mail.order},
                            {"status", status_text(mail.status)},
                            {"answer", mail.words.empty() ? Json() : Json(mail.words)},
                            {"createdAt", base::to_rfc3339(mail.created)},
                            {"updatedAt", base::to_rfc3339(mail.updated)}});
  auto sources = Json::array();
  for (mail.round = std::max(mail.round, 0); mail.round >= 0; --mail.round) {
    auto kept = co_await ports.mailer.kept(message_id(mail, ports.domain));
    if (!kept) co_return base::fail(kept.error());
    if (*kept && base::is_utf8(**kept)) sources.push_back(std::move(**kept));
  }
  json.set("sources", std::move(sources));
  co_return json;
}

Task<Result<void>> forget(TracePorts ports, MailRecord mail) {
  auto erased = erase_mail(mail);
  for (; mail.round >= 0; --mail.round) {
    auto forgotten = co_await ports.mailer.forget(message_id(mail, ports.domain));
    if (!forgotten) co_return forgotten;
  }
  co_return co_await done(ports.store, std::move(erased));
}

using VisitMail = std::function<Task<Result<void>>(MailRecord mail)>;

Task<Result<void>> each_mail(platform::Store& store, base::OrderId order, VisitMail visit) {
  MailFilter filter;
  filter.order = order.text;
  do {
    auto page = co_await list_mails(store, filter);
    if (!page) co_return base::fail(page.error());
    for (auto& mail : page->mails) {
      auto visited = co_await visit(std::move(mail));
      if (!visited) co_return visited;
    }
    filter.cursor = page->next_cursor;
  } while (!filter.cursor.empty());
  co_return Result<void>();
}

Task<Result<void>> add_trace(TracePorts ports, MailRecord mail, Json& all) {
  auto trace = co_await trace_of(std::move(ports), std::move(mail));
  if (!trace) co_return base::fail(trace.error());
  all.push_back(std::move(*trace));
  co_return Result<void>();
}

Json trace_of(const Receipt& receipt) {
  return Json::object({{"number", number_text(receipt.series, receipt.number)},
                       {"kind", receipt.is_credit_note() ? "credit_note" : "receipt"},
                       {"orderId", receipt.order.text},
                       {"total", base::JsonNumber{base::to_decimal(receipt.total)}},
                       {"currency", receipt.total.currency.text()},
                       {"issuedAt", base::to_rfc3339(receipt.issued)}});
}

}  // namespace

Task<Result<Json>> mails_of(TracePorts ports, base::OrderId order) {
  auto all = Json::array();
  const auto add = [&ports, &all](MailRecord mail) { return add_trace(ports, std::move(mail), all); };
  const auto listed = co_await each_mail(ports.store, std::move(order), add);
  if (!listed) co_return base::fail(listed.error());
  co_return all;
}

Task<Result<Json>> receipts_of(platform::Store& store, base::OrderId order) {
  auto all = Json::array();
  platform::Query query;
  query.partition = receipt_key(order, "").partition;
  do {
    const auto page = co_await store.query(query);
    if (!page) co_return base::fail(page.error());
    for (const auto& record : page->records) {
      const auto receipt = receipt_from(record);
      if (!receipt) co_return base::fail(receipt.error());
      all.push_back(trace_of(*receipt));
    }
    query.cursor = page->next_cursor;
  } while (!query.cursor.empty());
  co_return all;
}

Task<Result<Json>> suppressions_of(platform::Store& store, std::vector<std::string> addresses) {
  auto all = Json::array();
  for (const auto& address : addresses) {
    const auto found = co_await find_suppression(store, suppression_id(address));
    if (!found) co_return base::fail(found.error());
    if (!*found) continue;
    all.push_back(Json::object(
        {{"address", address}, {"reason", (*found)->reason}, {"since", base::to_rfc3339((*found)->since)}}));
  }
  co_return all;
}

Task<Result<void>> erase_mails(TracePorts ports, base::OrderId order) {
  const auto erase = [&ports](MailRecord mail) { return forget(ports, std::move(mail)); };
  co_return co_await each_mail(ports.store, std::move(order), erase);
}

Task<Result<void>> erase_suppressions(platform::Store& store, std::vector<std::string> addresses) {
  for (const auto& address : addresses) {
    const auto found = co_await find_suppression(store, suppression_id(address));
    if (!found) co_return base::fail(found.error());
    if (!*found) continue;
    auto erased = co_await done(store, erase_suppression(**found));
    if (!erased) co_return erased;
  }
  co_return Result<void>();
}

}  // namespace ow::notify
