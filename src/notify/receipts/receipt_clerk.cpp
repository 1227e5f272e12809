// See receipt_clerk.h.
#include "notify/receipts/receipt_clerk.h"

#include <algorithm>

#include "base/bounds.h"
#include "base/json.h"
#include "notify/receipts/bounds.h"
#include "platform/lull.h"

namespace ow::notify {
namespace {

using base::ErrorCode;
using base::Result;
using base::Task;
using platform::Commit;
using platform::CommitOutcome;
using platform::Delivery;

constexpr std::string_view kQueue = "receipts";

struct Request {
  std::string type;
  std::string order;
  std::string refund;
};

Result<Request> read_request(const std::string& body) {
  const auto json = base::parse_json(body);
  const base::Json* detail = json ? json->find("detail") : nullptr;
  if (detail == nullptr || !detail->string_at("orderId"))
    return base::fail(ErrorCode::malformed, "bad_receipt_message", "A message on the queue receipts cannot be read.");
  return Request{std::string(json->string_at("detail-type").value_or("")), std::string(*detail->string_at("orderId")),
                 std::string(detail->string_at("refundId").value_or(""))};
}

}  // namespace

/// A batch on its way into one commit. `batch` holds what is still to be settled.
struct ReceiptClerk::Draft {
  std::vector<Delivery> batch;
  std::vector<Delivery> refused = {};  // cannot be settled now, each for a reason of its own
  Series series = {};
  std::map<platform::Key, Receipt> fresh = {};  // issued by this draft
  Commit commit = {};
  base::Error why = {};
};

ReceiptClerk::ReceiptClerk(platform::ConsumerPorts ports, OrderSource& orders, ReceiptClerkOptions options)
    : ports_(ports),
      orders_(orders),
      options_(std::move(options)),
      issued_(ports.telemetry.counter("ow_receipts_issued_total")),
      handled_(ports.telemetry.counter("ow_messages_handled_total", {{"queue", std::string(kQueue)}})),
      failed_(ports.telemetry.counter("ow_messages_failed_total", {{"queue", std::string(kQueue)}})) {}

Task<void> ReceiptClerk::run(std::function<Task<std::size_t>(std::size_t)> admits) {
  while (!ports_.executor.stopping()) {
    co_await platform::wait_for_lull(ports_.executor, ports_.clock, options_.yields);
    const auto wanted = admits ? co_await admits(bounds::kReceiptBatchMax) : bounds::kReceiptBatchMax;
    if (wanted == 0) continue;
    auto batch = co_await ports_.queues.receive({std::string(kQueue), wanted, base::bounds::kReceiveWait});
    if (!batch) {
      ports_.telemetry.log(platform::LogLevel::warning, "receive_failed",
                           {{"queue", std::string(kQueue)}, {"reason", batch.error().reason}});
      static_cast<void>(co_await ports_.executor.sleep_until(ports_.clock.ticks() + bounds::kReceiptRetryDelay));
      continue;
    }
    if (!batch->empty()) co_await work(std::move(*batch));
  }
}

Task<void> ReceiptClerk::work(std::vector<Delivery> batch) {
  Draft draft{std::move(batch)};
  for (int run = 0; run < base::bounds::kConflictRunsMax && !draft.batch.empty(); ++run) {
    auto commit = co_await decide(draft);
    if (!commit) {
      draft.why = commit.error();
      break;
    }
    const auto outcome = co_await ports_.store.commit(std::move(*commit));
    if (outcome && outcome->committed()) {
      issued_.add(draft.fresh.size());
      handled_.add(draft.batch.size());
      draft.batch.clear();
      break;
    }
    draft.why =
        outcome ? base::Error{ErrorCode::unavailable, "not_committed", "The batch was not taken."} : outcome.error();
    if (!outcome || outcome->kind != CommitOutcome::Kind::conflict) break;
    // Somebody settled this one already: the others go on without it.
    if (outcome->conflict.part == platform::Conflict::Part::ack)
      handled_.add(
          std::erase_if(draft.batch, [&](const Delivery& one) { return one.id.text == outcome->conflict.key.sort; }));
  }
  draft.batch.insert(draft.batch.end(), draft.refused.begin(), draft.refused.end());
  co_await give_back(std::move(draft.batch), draft.why);
}

Task<Result<Commit>> ReceiptClerk::decide(Draft& draft) {
  auto in_force = co_await series_in_force(ports_.store, options_.series);
  if (!in_force) co_return base::fail(in_force.error());
  const auto series = co_await find_series(ports_.store, std::move(*in_force));
  if (!series) co_return base::fail(series.error());
  draft.series = *series;
  draft.fresh.clear();
  draft.commit = Commit();
  std::vector<Delivery> settled;
  for (auto& delivery : draft.batch) {
    const auto issued = co_await issue(delivery, draft);
    if (issued) {
      draft.commit.ack({delivery.queue, delivery.id, delivery.receipt});
      settled.push_back(std::move(delivery));
    } else {
      draft.why = issued.error();
      draft.refused.push_back(std::move(delivery));
    }
  }
  draft.batch = std::move(settled);
  if (!draft.fresh.empty()) draft.commit.merge(put_series(draft.series));
  co_return std::move(draft.commit);
}

Task<Result<void>> ReceiptClerk::issue(Delivery delivery, Draft& draft) {
  const auto wanted = read_request(delivery.body);
  if (!wanted) co_return base::fail(wanted.error());
  const bool refund = wanted->type == "payment.refunded" && !wanted->refund.empty();
  if (wanted->type != "order.completed" && !refund) co_return Result<void>();
  const auto order = co_await orders_.find(base::OrderId(wanted->order));
  if (!order) co_return base::fail(order.error());
  if (!*order || !(*order)->completed)
    co_return base::fail(ErrorCode::not_found, "order_not_completed", "The order is not completed.");
  const auto receipt = co_await issue_receipt(**order, draft);
  if (!receipt) co_return base::fail(receipt.error());
  if (!refund) co_return Result<void>();
  const auto note = co_await issue_credit_note(**order, wanted->refund, draft);
  if (!note) co_return base::fail(note.error());
  co_return Result<void>();
}

/// True when it is new.
Task<Result<bool>> ReceiptClerk::issue_receipt(OrderFacts order, Draft& draft) {
  auto receipt = receipt_of(order, options_.retailer, ports_.clock.now());
  const auto key = receipt_key(order.id, receipt.part);
  if (draft.fresh.contains(key)) co_return false;
  const auto known = co_await platform::get_one(ports_.store, key);
  if (!known) co_return base::fail(known.error());
  if (*known) co_return false;
  receipt.series = draft.series.name;
  receipt.number = ++draft.series.last;
  draft.commit.merge(put_receipt(receipt));
  draft.fresh.emplace(key, std::move(receipt));
  co_return true;
}

Task<Result<bool>> ReceiptClerk::issue_credit_note(OrderFacts order, std::string refund, Draft& draft) {
  const auto key = receipt_key(order.id, refund);
  if (draft.fresh.contains(key)) co_return false;
  const auto receipt_at = receipt_key(order.id, std::string(Receipt::kReceiptPart));
  const auto known = co_await ports_.store.get({key, receipt_at});
  if (!known) co_return base::fail(known.error());
  if (known->at(0)) co_return false;
  const auto facts =
      std::find_if(order.refunds.begin(), order.refunds.end(), [&](const auto& one) { return one.id == refund; });
  if (facts == order.refunds.end())
    co_return base::fail(ErrorCode::not_found, "refund_not_found", "The order has no such refund.");
  auto note = credit_note_of(order, *facts, options_.retailer, ports_.clock.now());
  note.series = draft.series.name;
  note.number = ++draft.series.last;
  const auto fresh = draft.fresh.find(receipt_at);
  if (fresh != draft.fresh.end()) {
    note.credits = fresh->second.number;
  } else {
    const auto receipt = receipt_from(*known->at(1));
    if (!receipt) co_return base::fail(receipt.error());
    note.credits = receipt->number;
  }
  draft.commit.merge(put_receipt(note));
  draft.fresh.emplace(key, std::move(note));
  co_return true;
}

Task<void> ReceiptClerk::give_back(std::vector<Delivery> batch, base::Error why) {
  for (auto& delivery : batch) {
    failed_.add();
    ports_.telemetry.log(platform::LogLevel::warning, "message_failed",
                         {{"queue", std::string(kQueue)}, {"message", delivery.id.text}, {"reason", why.reason}});
    delivery.error = why.reason + ": " + why.message;
    // Conflict: settled or received anew meanwhile.
    static_cast<void>(co_await ports_.queues.release(std::move(delivery), bounds::kReceiptRetryDelay));
  }
}

}  // namespace ow::notify
