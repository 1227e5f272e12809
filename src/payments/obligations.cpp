// See obligations.h.
#include "payments/obligations.h"

#include <fmt/core.h>

namespace ow::payments {
namespace {

using base::Json;

constexpr auto kIndex = "obligations";

platform::Key obligation_key(const base::ObligationId& id) { return {"obligation#" + id.text, "obligation"}; }

std::string_view purpose_text(Obligation::Purpose purpose) {
  return purpose == Obligation::Purpose::refund ? "refund" : "settle_charge";
}

platform::Record obligation_record(const Obligation& obligation) {
  platform::Record record;
  record.key = obligation_key(obligation.id);
  record.kind = "obligation";
  record.value = base::to_text(Json::object({{"id", obligation.id.text},
                                             {"order", obligation.order.text},
                                             {"purpose", purpose_text(obligation.purpose)},
                                             {"status", status_text(obligation.status)},
                                             {"amount", obligation.amount.minor},
                                             {"currency", obligation.amount.currency.text()},
                                             {"owedTo", obligation.owed_to.text},
                                             {"since", obligation.since.us},
                                             {"cause", obligation.cause},
                                             {"execution", obligation.execution.text},
                                             {"closedBy", obligation.closed_by},
                                             {"closedReason", obligation.closed_reason}}));
  record.indexes = {{kIndex, std::string(status_text(obligation.status)), obligation.id.text}};
  return record;
}

base::Result<Obligation> obligation_from(const platform::Record& record) {
  const auto json = base::parse_json(record.value);
  const auto text = [&](const char* name) { return std::string(json->string_at(name).value_or("")); };
  const auto status = json ? parse_status(text("status")) : std::nullopt;
  const auto amount = json ? json->integer_at("amount") : std::nullopt;
  const auto since = json ? json->integer_at("since") : std::nullopt;
  if (record.schema != 1 || !status || !amount || !since) {
    return base::fail(base::ErrorCode::internal, "obligation_unreadable",
                      fmt::format("The record {} cannot be read.", record.key.partition));
  }
  const auto currency = base::parse_currency(text("currency"));
  if (!currency) return base::fail(currency.error());
  Obligation obligation;
  obligation.id.text = text("id");
  obligation.order.text = text("order");
  obligation.purpose =
      text("purpose") == "refund" ? Obligation::Purpose::refund : Obligation::Purpose::settle_charge;
  obligation.status = *status;
  obligation.amount = {*amount, *currency};
  obligation.owed_to.text = text("owedTo");
  obligation.since = {*since};
  obligation.cause = text("cause");
  obligation.execution.text = text("execution");
  obligation.closed_by = text("closedBy");
  obligation.closed_reason = text("closedReason");
  obligation.version = record.version;
  return obligation;
}

}  // namespace

std::string_view status_text(Obligation::Status status) {
  switch (status) {
    case Obligation::Status::open:
      return "open";
    case Obligation::Status::settled:
      return "settled";
    case Obligation::Status::waived:
      return "waived";
  }
  return "";
}

std::optional<Obligation::Status> parse_status(std::string_view text) {
  for (const auto status :
       {Obligation::Status::open, Obligation::Status::settled, Obligation::Status::waived}) {
    if (status_text(status) == text) return status;
  }
  return std::nullopt;
}

base::ObligationId obligation_id(const base::ExecutionId& execution) {
  const auto tail = execution.text.find('_');
  return base::ObligationId("obl_" +
                            (tail == std::string::npos ? execution.text : execution.text.substr(tail + 1)));
}

platform::Commit open_obligation(const Obligation& obligation) {
  platform::Commit commit;
  commit.put(obligation_record(obligation), platform::Expect::absent());
  return commit;
}

platform::Commit close_obligation(Obligation obligation, Obligation::Status status, std::string by,
                                  std::string reason) {
  obligation.status = status;
  obligation.closed_by = std::move(by);
  obligation.closed_reason = std::move(reason);
  platform::Commit commit;
  commit.put(obligation_record(obligation), platform::Expect::at(obligation.version));
  return commit;
}

base::Task<base::Result<std::optional<Obligation>>> find_obligation(platform::Store& store,
                                                                    base::ObligationId id) {
  const auto record = co_await platform::get_one(store, obligation_key(id));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::nullopt;
  auto obligation = obligation_from(**record);
  if (!obligation) co_return base::fail(obligation.error());
  co_return std::optional<Obligation>(std::move(*obligation));
}

base::Task<base::Result<ObligationPage>> list_obligations(platform::Store& store, Obligation::Status status,
                                                          std::size_t limit, std::string cursor) {
  platform::Query query{kIndex, std::string(status_text(status))};
  query.descending = true;
  query.limit = limit;
  query.cursor = std::move(cursor);
  const auto page = co_await store.query(std::move(query));
  if (!page) co_return base::fail(page.error());
  ObligationPage found{{}, page->next_cursor};
  for (const auto& record : page->records) {
    auto obligation = obligation_from(record);
    if (!obligation) co_return base::fail(obligation.error());
    found.obligations.push_back(std::move(*obligation));
  }
  co_return found;
}

Json obligation_json(const Obligation& obligation) {
  auto json = Json::object({{"obligationId", obligation.id.text},
                            {"orderId", obligation.order.text},
                            {"purpose", purpose_text(obligation.purpose)},
                            {"status", status_text(obligation.status)},
                            {"amount", base::JsonNumber{base::to_decimal(obligation.amount)}},
                            {"currency", obligation.amount.currency.text()},
                            {"owedTo", obligation.owed_to.text},
                            {"since", base::to_rfc3339(obligation.since)},
                            {"cause", obligation.cause}});
  if (obligation.status == Obligation::Status::waived) {
    json.set("waivedBy", obligation.closed_by).set("waiveReason", obligation.closed_reason);
  }
  return json;
}

}  // namespace ow::payments
