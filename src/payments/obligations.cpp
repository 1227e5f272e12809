// See obligations.h.
#include "payments/obligations.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace ow::payments {
namespace {

using base::Json;

constexpr auto kIndex = "obligations";

platform::Key obligation_key(const base::ObligationId& id) { return {"obligation#" + id.text, "obligation"}; }

std::string_view purpose_text(Obligation::Purpose purpose) {
  return purpose == Obligation::Purpose::refund ? "refund" : "settle_charge";
}

Json units_json(const OwedUnits& units) { return Json::object({{"count", Json(units.count)}, {"of", units.of}}); }

/// How the day's totals call what is owed, and how much of it.
std::pair<std::string, std::int64_t> owed(const Obligation& obligation) {
  if (obligation.units) return {"units:" + obligation.units->of, obligation.units->count};
  return {std::string(obligation.amount.currency.text()), obligation.amount.minor};
}

platform::Key totals_key(std::string day) { return {"obligation-totals/" + std::move(day), "totals"}; }

std::string day_of(base::Instant at) { return base::to_rfc3339(at).substr(0, 10); }

/// Field of a day's counter: "open/EUR"; "open/" counts obligations.
std::string field(Obligation::Status status, const std::string& of) {
  return std::string(status_text(status)) + "/" + of;
}

void count(platform::Commit& commit, const Obligation& obligation, std::optional<Obligation::Status> from,
           Obligation::Status to) {
  const auto key = totals_key(day_of(obligation.since));
  const auto [of, sum] = owed(obligation);
  commit.move(key, from ? field(*from, "") : "", field(to, ""), 1);
  if (sum > 0) commit.move(key, from ? field(*from, of) : "", field(to, of), sum);
}

platform::Record obligation_record(const Obligation& obligation) {
  platform::Record record;
  record.key = obligation_key(obligation.id);
  record.kind = "obligation";
  auto json = Json::object({{"id", obligation.id.text},
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
                            {"closedReason", obligation.closed_reason},
                            {"debtor", obligation.debtor},
                            {"counted", Json(obligation.counted)}});
  if (obligation.overdue) json.set("overdue", Json(true));
  if (obligation.units) json.set("units", units_json(*obligation.units));
  record.value = base::to_text(json);
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
  obligation.purpose = text("purpose") == "refund" ? Obligation::Purpose::refund : Obligation::Purpose::settle_charge;
  obligation.status = *status;
  obligation.amount = {*amount, *currency};
  obligation.owed_to.text = text("owedTo");
  obligation.since = {*since};
  obligation.cause = text("cause");
  obligation.execution.text = text("execution");
  obligation.closed_by = text("closedBy");
  obligation.closed_reason = text("closedReason");
  obligation.debtor = json->string_at("debtor").value_or(kRetailer);
  obligation.counted = json->bool_at("counted").value_or(false);
  obligation.overdue = json->bool_at("overdue").value_or(false);
  if (const auto* units = json->find("units")) {
    obligation.units =
        OwedUnits{units->integer_at("count").value_or(0), std::string(units->string_at("of").value_or(""))};
  }
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
  for (const auto status : {Obligation::Status::open, Obligation::Status::settled, Obligation::Status::waived}) {
    if (status_text(status) == text) return status;
  }
  return std::nullopt;
}

base::ObligationId obligation_id(const base::ExecutionId& execution) {
  const auto tail = execution.text.find('_');
  return base::ObligationId("obl_" + (tail == std::string::npos ? execution.text : execution.text.substr(tail + 1)));
}

platform::Commit open_obligation(const Obligation& obligation) {
  platform::Commit commit;
  commit.put(obligation_record(obligation), platform::Expect::absent());
  count(commit, obligation, std::nullopt, Obligation::Status::open);
  return commit;
}

platform::Commit mark_overdue(Obligation obligation) {
  obligation.overdue = true;
  platform::Commit commit;
  commit.put(obligation_record(obligation), platform::Expect::at(obligation.version));
  return commit;
}

platform::Commit close_obligation(Obligation obligation, Obligation::Status status, std::string by,
                                  std::string reason) {
  obligation.status = status;
  obligation.closed_by = std::move(by);
  obligation.closed_reason = std::move(reason);
  platform::Commit commit;
  if (obligation.counted) count(commit, obligation, Obligation::Status::open, status);
  commit.put(obligation_record(obligation), platform::Expect::at(obligation.version));
  return commit;
}

base::Task<base::Result<std::optional<Obligation>>> find_obligation(platform::Store& store, base::ObligationId id) {
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

Json obligation_json(const Obligation& obligation, base::Instant now) {
  auto json =
      Json::object({{"obligationId", obligation.id.text},
                    {"orderId", obligation.order.text},
                    {"purpose", purpose_text(obligation.purpose)},
                    {"status", status_text(obligation.status)},
                    {"debtor", obligation.debtor},
                    {"creditor", obligation.owed_to.text},
                    {"owedTo", obligation.owed_to.text},
                    {"since", base::to_rfc3339(obligation.since)},
                    {"ageSeconds", Json(std::max<std::int64_t>((now - obligation.since).count(), 0) / 1'000'000)},
                    {"overdue", Json(obligation.overdue)},
                    {"cause", obligation.cause},
                    {"executionId", obligation.execution.text}});
  if (obligation.units) {
    json.set("units", units_json(*obligation.units));
  } else {
    json.set("amount", base::JsonNumber{base::to_decimal(obligation.amount)});
    json.set("currency", obligation.amount.currency.text());
  }
  if (obligation.status == Obligation::Status::waived) {
    json.set("waivedBy", obligation.closed_by).set("waiveReason", obligation.closed_reason);
  }
  return json;
}

base::Task<base::Result<std::vector<ObligationDay>>> obligation_days(platform::Store& store, base::Instant now,
                                                                     int days) {
  std::vector<ObligationDay> found;
  std::vector<platform::Key> keys;
  for (int back = 0; back < days; ++back) {
    found.push_back({day_of(now - std::chrono::hours(24) * back), {}});
    keys.push_back(totals_key(found.back().day));
  }
  const auto counters = co_await store.counters(std::move(keys));
  if (!counters) co_return base::fail(counters.error());
  for (std::size_t at = 0; at < found.size(); ++at) {
    if (!(*counters)[at]) continue;
    for (const auto& [name, sum] : *(*counters)[at]) {
      const auto slash = name.find('/');
      const auto status = parse_status(name.substr(0, slash));
      if (status && slash != std::string::npos && sum != 0)
        found[at].totals.push_back({*status, name.substr(slash + 1), sum});
    }
  }
  std::erase_if(found, [](const ObligationDay& day) { return day.totals.empty(); });
  co_return found;
}

Json obligation_day_json(const ObligationDay& day) {
  constexpr std::string_view kUnits = "units:";
  auto json = Json::object({{"day", day.day}});
  for (const auto status : {Obligation::Status::open, Obligation::Status::settled, Obligation::Status::waived}) {
    auto part = Json::object({{"count", Json(0)}, {"amounts", Json::array()}, {"units", Json::array()}});
    for (const auto& total : day.totals) {
      if (total.status != status) continue;
      const auto currency = base::parse_currency(total.of);
      if (total.of.empty()) {
        part.set("count", Json(total.sum));
      } else if (total.of.starts_with(kUnits)) {
        part.find("units")->push_back(units_json({total.sum, total.of.substr(kUnits.size())}));
      } else if (currency) {
        part.find("amounts")->push_back(Json::object(
            {{"currency", total.of}, {"amount", base::JsonNumber{base::to_decimal({total.sum, *currency})}}}));
      }
    }
    json.set(status_text(status), std::move(part));
  }
  return json;
}

}  // namespace ow::payments
