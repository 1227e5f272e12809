// See receipt_desk.h.
#include "notify/receipts/receipt_desk.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bounds.h"
#include "base/encoding.h"
#include "http/handler.h"
#include "http/listing.h"
#include "http/schema_text.h"
#include "notify/mail/mail_text.h"
#include "notify/receipts/bounds.h"
#include "notify/receipts/byte_range.h"
#include "notify/receipts/receipt.h"

namespace ow::notify {
namespace {

using base::ErrorCode;
using base::Json;
using base::Result;
using base::Task;
using http::Access;
using http::list_of;
using http::nullable;
using http::Reply;
using http::RequestContext;
using http::Response;
using http::typed;

/// The PDF of a receipt and its hash; made now when it was not before.
struct Pdf {
  std::string bytes;
  std::string sha256;
};

Task<Result<Pdf>> set_pdf(ReceiptDesk desk, Receipt receipt) {
  auto bytes = co_await desk.typesetter.pdf(document_of(receipt));
  if (!bytes) co_return base::fail(bytes.error());
  auto hash = base::to_hex(base::sha256(*bytes));
  co_return Pdf{std::move(*bytes), std::move(hash)};
}

/// Makes the PDF unless it is kept; the commit says so. The blob comes first: one without a record harms nobody.
Task<Result<platform::Commit>> make_pdf(ReceiptDesk desk, Receipt receipt) {
  platform::Commit commit;
  if (!receipt.sha256.empty()) co_return commit;
  auto pdf = co_await set_pdf(desk, receipt);
  if (!pdf) co_return base::fail(pdf.error());
  receipt.sha256 = pdf->sha256;
  const auto kept = co_await desk.blobs.put(blob_name(receipt), std::move(pdf->bytes));
  if (!kept) co_return base::fail(kept.error());
  co_return put_receipt(receipt);
}

tl::unexpected<base::Error> damaged(const Receipt& receipt) {
  return base::fail(ErrorCode::internal, "receipt_damaged",
                    fmt::format("The kept PDF of {} is not what it was.", number_text(receipt.series, receipt.number)));
}

/// The kept bytes, which must be those of the hash. A blob that is gone is made again if it comes out the same.
Task<Result<std::string>> read_pdf(ReceiptDesk desk, Receipt receipt) {
  auto kept = co_await desk.blobs.get(blob_name(receipt));
  if (!kept) co_return base::fail(kept.error());
  if (*kept) {
    if (base::to_hex(base::sha256(**kept)) != receipt.sha256) co_return damaged(receipt);
    co_return std::move(**kept);
  }
  auto again = co_await set_pdf(desk, receipt);
  if (!again) co_return base::fail(again.error());
  if (again->sha256 != receipt.sha256) co_return damaged(receipt);
  const auto put = co_await desk.blobs.put(blob_name(receipt), again->bytes);
  if (!put) co_return base::fail(put.error());
  co_return std::move(again->bytes);
}

Task<Result<OrderFacts>> own_order(ReceiptDesk desk, const RequestContext& context) {
  const auto& id = context.params.at("id");
  auto order = co_await desk.orders.find(base::OrderId(id));
  if (!order) co_return base::fail(order.error());
  if (!*order) co_return base::fail(ErrorCode::not_found, "order_not_found", "There is no order " + id + ".");
  if ((*order)->customer != context.principal->user && !http::is_operator(context))
    co_return base::fail(ErrorCode::forbidden, "not_your_order", "This is another caller's order.");
  co_return std::move(**order);
}

Json link_json(const ReceiptDesk& desk, const Receipt& receipt, base::Instant expires) {
  return Json::object({{"url", desk.links.url(receipt.order.text, receipt.part, expires)},
                       {"number", number_text(receipt.series, receipt.number)},
                       {"expiresAt", base::to_rfc3339(expires)}});
}

Task<Result<Reply>> link(ReceiptDesk desk, const RequestContext& context) {
  const auto order = co_await own_order(desk, context);
  if (!order) co_return base::fail(order.error());
  const auto receipt = co_await find_receipt(desk.store, order->id, std::string(Receipt::kReceiptPart));
  if (!receipt) co_return base::fail(receipt.error());
  if (!*receipt)
    co_return base::fail(ErrorCode::not_found, "receipt_not_yet_available", "The receipt is not yet available.");
  const auto expires = desk.clock.now() + bounds::kReceiptLinkLife;
  auto answer = link_json(desk, **receipt, expires);
  auto made = co_await make_pdf(desk, **receipt);
  if (!made) co_return base::fail(made.error());
  Json::Array notes;
  for (const auto& refund : order->refunds) {
    if (notes.size() == bounds::kCreditNotesShown) break;
    const auto note = co_await find_receipt(desk.store, order->id, refund.id);
    if (!note) co_return base::fail(note.error());
    if (!*note) continue;
    auto note_made = co_await make_pdf(desk, **note);
    if (!note_made) co_return base::fail(note_made.error());
    made->merge(std::move(*note_made));
    notes.push_back(link_json(desk, **note, expires));
  }
  answer.set("creditNotes", std::move(notes));
  co_return Reply{Response::json(200, answer), std::move(*made)};
}

Task<Result<Reply>> download(ReceiptDesk desk, const RequestContext& context) {
  const auto& order = context.params.at("order");
  const auto& part = context.params.at("part");
  const auto good = desk.links.check(order, part, http::query_text(context, "expires"),
                                     http::query_text(context, "signature"), desk.clock.now());
  if (!good) co_return base::fail(good.error());
  const auto receipt = co_await find_receipt(desk.store, base::OrderId(order), part);
  if (!receipt) co_return base::fail(receipt.error());
  if (!*receipt || (*receipt)->sha256.empty())
    co_return base::fail(ErrorCode::not_found, "receipt_not_found", "There is no such receipt.");
  const auto bytes = co_await read_pdf(desk, **receipt);
  if (!bytes) co_return base::fail(bytes.error());
  const auto etag = fmt::format("\"{}\"", (*receipt)->sha256);
  auto response = answer_selection(select(*context.request, etag, bytes->size()), *bytes, etag);
  const auto name = fmt::format("{}-{}.pdf", (*receipt)->is_credit_note() ? "credit-note" : "receipt",
                                number_text((*receipt)->series, (*receipt)->number));
  response.content_type = "application/pdf";
  response.headers.emplace_back("Content-Disposition", content_disposition("inline", name));
  response.headers.emplace_back("Cache-Control", "private, max-age=900");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  co_return Reply{std::move(response)};
}

Json receipt_json(const Receipt& receipt) {
  return Json::object(
      {{"number", number_text(receipt.series, receipt.number)},
       {"kind", receipt.is_credit_note() ? "credit_note" : "receipt"},
       {"orderId", receipt.order.text},
       {"creditsNumber", receipt.is_credit_note() ? Json(number_text(receipt.series, receipt.credits)) : Json()},
       {"total", base::JsonNumber{base::to_decimal(receipt.total)}},
       {"currency", receipt.total.currency.text()},
       {"issuedAt", base::to_rfc3339(receipt.issued)},
       {"sha256", receipt.sha256.empty() ? Json() : Json(receipt.sha256)}});
}

Task<Result<Reply>> list(ReceiptDesk desk, const RequestContext& context) {
  const auto limit = http::page_limit(context, base::bounds::kListItemsMax);
  if (!limit) co_return base::fail(limit.error());
  auto series = http::query_text(context, "series");
  if (series.empty()) {
    auto in_force = co_await series_in_force(desk.store, desk.series);
    if (!in_force) co_return base::fail(in_force.error());
    series = std::move(*in_force);
  }
  const auto page = co_await list_receipts(desk.store, std::move(series), *limit, http::query_text(context, "cursor"));
  if (!page) co_return base::fail(page.error());
  Json::Array items;
  for (const auto& receipt : page->receipts) items.push_back(receipt_json(receipt));
  co_return Reply{Response::json(200, http::page_json(std::move(items), page->next_cursor))};
}

Json receipt_schema() {
  return Json::object(
      {{"type", "object"},
       {"properties", Json::object({{"number", typed("string")},
                                    {"kind", Json::object({{"enum", Json::array({"receipt", "credit_note"})}})},
                                    {"orderId", typed("string")},
                                    {"creditsNumber", nullable("string")},
                                    {"total", typed("number")},
                                    {"currency", typed("string")},
                                    {"issuedAt", typed("string")},
                                    {"sha256", nullable("string")}})}});
}

Json link_schema() {
  const auto one =
      Json::object({{"url", typed("string")}, {"number", typed("string")}, {"expiresAt", typed("string")}});
  auto all = one;
  all.set("creditNotes",
          Json::object({{"type", "array"}, {"items", Json::object({{"type", "object"}, {"properties", one}})}}));
  return Json::object({{"type", "object"}, {"properties", std::move(all)}});
}

}  // namespace

http::Routes receipt_routes(const ReceiptDesk& desk) {
  http::Routes all;
  all.push_back({"GET",
                 "/api/orders/{id}/receipt",
                 Access::signed_in,
                 "A link to the receipt of a completed order, good for 900 s without a token",
                 http::handler(desk, link),
                 {},
                 {},
                 {{200, link_schema()}}});
  all.push_back({"GET",
                 "/receipts/{order}/{part}",
                 Access::open,
                 "The PDF behind a receipt's link; ranges are served",
                 http::handler(desk, download),
                 {{"expires", "From the link", typed("string")}, {"signature", "From the link", typed("string")}},
                 {},
                 {{200, Json()}, {206, Json()}, {416, Json()}}});
  all.push_back(
      {"GET",
       "/api/receipts",
       Access::operators,
       "Receipts and credit notes, newest number first",
       http::handler(desk, list),
       {{"series", "Default: the one in force, for example R, or R.20270131T235959 after a restore", typed("string")},
        {"limit", "Items a page, at most 50", typed("integer")},
        {"cursor", "nextCursor of the page before", typed("string")}},
       {},
       {{200, list_of(receipt_schema())}}});
  return all;
}

}  // namespace ow::notify
