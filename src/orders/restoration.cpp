// See restoration.h.
#include "orders/restoration.h"

#include "base/json.h"

namespace ow::orders {
namespace {

using base::ErrorCode;
using base::Json;
using State = Restoration::State;

constexpr std::string_view kRestores = "restores";

platform::Key restoration_key(const std::string& id) { return {std::string(kRestores), id}; }

std::string findings_of(const std::string& restoration) { return "restore#" + restoration; }

std::optional<State> parse_state(std::string_view text) {
  for (const auto state : {State::comparing, State::reconciled, State::impossible}) {
    if (state_text(state) == text) return state;
  }
  return std::nullopt;
}

tl::unexpected<base::Error> unreadable(const platform::Record& record) {
  return base::fail(ErrorCode::internal, "restoration_unreadable",
                    "The record " + record.key.sort + " cannot be read.");
}

base::Result<Restoration> restoration_from(const platform::Record& record) {
  const auto json = base::parse_json(record.value);
  const auto state = json ? parse_state(json->text_at("state")) : std::nullopt;
  if (record.schema != 1 || !state) return unreadable(record);
  const auto number = [&](const char* name) { return json->integer_at(name).value_or(0); };
  Restoration restoration;
  restoration.id = record.key.sort;
  restoration.snapshot = json->text_at("snapshot");
  restoration.made = {number("made")};
  restoration.restored = {number("restored")};
  restoration.state = *state;
  restoration.problem = json->text_at("problem");
  restoration.effects = number("effects");
  restoration.lost_charges = number("lostCharges");
  restoration.cancelled = number("cancelled");
  restoration.findings = number("findings");
  restoration.reconciled = {number("reconciled")};
  restoration.version = record.version;
  return restoration;
}

base::Result<RestoreFinding> finding_from(const platform::Record& record) {
  const auto json = base::parse_json(record.value);
  const auto amount = json ? json->integer_at("amount") : std::nullopt;
  const auto currency =
      json ? base::parse_currency(json->text_at("currency")) : base::fail(ErrorCode::internal, "", "");
  if (!amount || !currency) return unreadable(record);
  return RestoreFinding{base::OrderId(json->text_at("order")),
                        json->text_at("what"),
                        json->text_at("key"),
                        json->text_at("gatewayId"),
                        {*amount, *currency},
                        {json->integer_at("time").value_or(0)}};
}

}  // namespace

std::string_view state_text(State state) {
  switch (state) {
    case State::comparing:
      return "comparing";
    case State::reconciled:
      return "reconciled";
    case State::impossible:
      return "impossible";
  }
  return "";
}

platform::Commit put_restoration(const Restoration& restoration) {
  platform::Record record;
  record.key = restoration_key(restoration.id);
  record.kind = "restore";
  record.value = base::to_text(Json::object({{"snapshot", restoration.snapshot},
                                             {"made", restoration.made.us},
                                             {"restored", restoration.restored.us},
                                             {"state", state_text(restoration.state)},
                                             {"problem", restoration.problem},
                                             {"effects", restoration.effects},
                                             {"lostCharges", restoration.lost_charges},
                                             {"cancelled", restoration.cancelled},
                                             {"findings", restoration.findings},
                                             {"reconciled", restoration.reconciled.us}}));
  platform::Commit commit;
  commit.put(std::move(record), platform::Expect::at(restoration.version));
  return commit;
}

base::Task<base::Result<std::optional<Restoration>>> find_restoration(platform::Store& store, std::string id) {
  const auto record = co_await platform::get_one(store, restoration_key(id));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::nullopt;
  auto restoration = restoration_from(**record);
  if (!restoration) co_return base::fail(restoration.error());
  co_return std::move(*restoration);
}

base::Task<base::Result<RestorationPage>> list_restorations(platform::Store& store, std::size_t limit,
                                                            std::string cursor) {
  platform::Query query{"", std::string(kRestores)};
  query.descending = true;
  query.limit = limit;
  query.cursor = std::move(cursor);
  const auto page = co_await store.query(std::move(query));
  if (!page) co_return base::fail(page.error());
  RestorationPage found{{}, page->next_cursor};
  for (const auto& record : page->records) {
    auto restoration = restoration_from(record);
    if (!restoration) co_return base::fail(restoration.error());
    found.restorations.push_back(std::move(*restoration));
  }
  co_return found;
}

base::Task<base::Result<std::optional<Restoration>>> newest_restoration(platform::Store& store) {
  auto page = co_await list_restorations(store, 1, {});
  if (!page) co_return base::fail(page.error());
  if (page->restorations.empty()) co_return std::nullopt;
  co_return std::move(page->restorations.front());
}

platform::Key finding_key(const std::string& restoration, const RestoreFinding& finding) {
  return {findings_of(restoration), finding.key};
}

platform::Record finding_record(const std::string& restoration, const RestoreFinding& finding) {
  platform::Record record;
  record.key = finding_key(restoration, finding);
  record.kind = "restore_finding";
  record.value = base::to_text(Json::object({{"order", finding.order.text},
                                             {"what", finding.what},
                                             {"key", finding.key},
                                             {"gatewayId", finding.gateway_id},
                                             {"amount", finding.amount.minor},
                                             {"currency", finding.amount.currency.text()},
                                             {"time", finding.time.us}}));
  return record;
}

base::Task<base::Result<FindingPage>> list_findings(platform::Store& store, std::string restoration, std::size_t limit,
                                                    std::string cursor) {
  platform::Query query{"", findings_of(restoration)};
  query.limit = limit;
  query.cursor = std::move(cursor);
  const auto page = co_await store.query(std::move(query));
  if (!page) co_return base::fail(page.error());
  FindingPage found{{}, page->next_cursor};
  for (const auto& record : page->records) {
    auto finding = finding_from(record);
    if (!finding) co_return base::fail(finding.error());
    found.findings.push_back(std::move(*finding));
  }
  co_return found;
}

}  // namespace ow::orders
