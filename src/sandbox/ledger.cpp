// See ledger.h.
#include "sandbox/ledger.h"

#include <chrono>

#include "platform/consumer.h"
#include "platform/trace_text.h"

namespace ow::sandbox {
namespace {

using base::Json;
using namespace std::chrono_literals;

constexpr auto kLateAfter = 3s;
constexpr auto kLateIndex = "late";
constexpr auto kLedger = "ledger";
constexpr std::size_t kLandingsPerRead = 100;

platform::Key key_of(const std::string& key) { return {"key#" + key, "key"}; }

platform::Record stored(const KeyRecord& record) {
  platform::Record out;
  out.key = key_of(record.key);
  out.kind = "payment_key";
  out.value = base::to_text(Json::object({{"key", record.key},
                                          {"state", static_cast<int>(record.state)},
                                          {"kind", record.kind},
                                          {"amount", record.amount.minor},
                                          {"currency", record.amount.currency.text()},
                                          {"order", record.order},
                                          {"chargeKey", record.charge_key},
                                          {"gatewayId", record.gateway_id},
                                          {"reason", record.reason},
                                          {"traceparent", record.traceparent},
                                          {"lands", record.lands.us},
                                          {"refunded", record.refunded_minor}}));
  if (record.state == KeyState::late) out.indexes = {{kLateIndex, kLateIndex, record.key}};
  return out;
}

base::Result<KeyRecord> read_back(const platform::Record& stored) {
  const auto json = base::parse_json(stored.value);
  if (!json) return base::fail(json.error());
  const auto text = [&](const char* name) { return json->text_at(name); };
  const auto currency = base::parse_currency(text("currency"));
  if (!currency) return base::fail(currency.error());
  KeyRecord record;
  record.key = text("key");
  record.state = static_cast<KeyState>(json->integer_at("state").value_or(0));
  record.kind = text("kind");
  record.amount = {json->integer_at("amount").value_or(0), *currency};
  record.order = text("order");
  record.charge_key = text("chargeKey");
  record.gateway_id = text("gatewayId");
  record.reason = text("reason");
  record.traceparent = text("traceparent");
  record.lands = {json->integer_at("lands").value_or(0)};
  record.refunded_minor = json->integer_at("refunded").value_or(0);
  record.version = stored.version;
  return record;
}

Json entry_json(const KeyRecord& record, const std::string& id, std::string_view kind, base::Instant now) {
  return Json::object({{"id", id},
                       {"time", base::to_rfc3339(now)},
                       {"kind", kind},
                       {"key", record.key},
                       {"orderId", record.order},
                       {"amount", base::JsonNumber{base::to_decimal(record.amount)}},
                       {"currency", record.amount.currency.text()},
                       {"chargeKey", record.charge_key},
                       {"gatewayId", record.gateway_id},
                       {"reason", record.reason},
                       {"traceparent", platform::traceparent_in(record.traceparent)},
                       {"tracestate", platform::tracestate_in(record.traceparent)}});
}

std::string_view entry_kind(const KeyRecord& record) {
  return record.state == KeyState::declined ? "declined" : std::string_view(record.kind);
}

std::string decline_reason(const std::string& token) {
  if (token == "tok_decline") return "card_declined";
  if (token == "tok_insufficient") return "insufficient_funds";
  return {};
}

KeyRecord new_charge(const ChargeCommand& command, base::Instant now) {
  KeyRecord record{command.key, KeyState::approved, "charge", command.amount, command.order};
  record.traceparent = command.traceparent;
  record.reason = decline_reason(command.token);
  if (!record.reason.empty()) record.state = KeyState::declined;
  if (command.token == "tok_late_success") {
    record.state = KeyState::late;
    record.lands = now + kLateAfter;
  }
  return record;
}

std::string refusal(const std::optional<KeyRecord>& charge, const RefundCommand& command) {
  if (!charge || charge->kind != "charge" || charge->state != KeyState::approved) return "no_such_charge";
  if (charge->amount.currency != command.amount.currency) return "other_currency";
  const auto left = charge->amount.minor - charge->refunded_minor;
  return command.amount.minor > left ? "more_than_charged" : "";
}

}  // namespace

platform::Commit Ledger::effect(KeyRecord record, std::string_view kind) {
  const auto id = ids_.next("led");
  platform::Commit commit;
  commit.put(stored(record), platform::Expect::at(record.version));
  platform::Record entry;
  entry.key = {kLedger, id};
  entry.kind = "ledger_entry";
  entry.value = base::to_text(entry_json(record, id, kind, clock_.now()));
  commit.put(std::move(entry), platform::Expect::absent());
  return commit;
}

base::Task<base::Result<std::optional<KeyRecord>>> Ledger::read(std::string key) {
  const auto record = co_await platform::get_one(store_, key_of(key));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::nullopt;
  auto found = read_back(**record);
  if (!found) co_return base::fail(found.error());
  co_return std::move(*found);
}

base::Task<base::Result<platform::Commit>> Ledger::decide_landing(const std::string* key) {
  auto record = co_await read(*key);
  if (!record) co_return base::fail(record.error());
  const bool due = *record && (*record)->state == KeyState::late && (*record)->lands <= clock_.now();
  if (!due) co_return platform::Commit();
  (*record)->state = KeyState::approved;
  (*record)->gateway_id = ids_.next("pay");
  co_return effect(**record, "charge");
}

base::Task<base::Result<void>> Ledger::land(std::string key) {
  co_return co_await platform::commit_until_settled(store_, [this, &key] { return decide_landing(&key); });
}

base::Task<base::Result<platform::Commit>> Ledger::decide_charge(const ChargeCommand* command, KeyRecord* result) {
  auto seen = co_await read(command->key);
  if (!seen) co_return base::fail(seen.error());
  if (*seen) {
    *result = std::move(**seen);
    co_return platform::Commit();
  }
  *result = new_charge(*command, clock_.now());
  if (result->state != KeyState::late) {
    result->gateway_id = ids_.next("pay");
    co_return effect(*result, entry_kind(*result));
  }
  platform::Commit promise;
  promise.put(stored(*result), platform::Expect::absent());
  co_return promise;
}

base::Task<base::Result<KeyRecord>> Ledger::charge(ChargeCommand command) {
  const auto landed = co_await land(command.key);
  if (!landed) co_return base::fail(landed.error());
  KeyRecord result;
  const auto done = co_await platform::commit_until_settled(
      store_, [this, &command, &result] { return decide_charge(&command, &result); });
  if (!done) co_return base::fail(done.error());
  co_return result;
}

base::Task<base::Result<platform::Commit>> Ledger::decide_refund(const RefundCommand* command, KeyRecord* result) {
  auto seen = co_await read(command->key);
  if (!seen) co_return base::fail(seen.error());
  if (*seen) {
    *result = std::move(**seen);
    co_return platform::Commit();
  }
  auto charge = co_await read(command->charge_key);
  if (!charge) co_return base::fail(charge.error());
  *result = {command->key, KeyState::approved, "refund", command->amount, command->order, command->charge_key};
  result->gateway_id = ids_.next("pay");
  result->traceparent = command->traceparent;
  result->reason = refusal(*charge, *command);
  if (!result->reason.empty()) {
    result->state = KeyState::declined;
    co_return effect(*result, entry_kind(*result));
  }
  auto commit = effect(*result, entry_kind(*result));
  (*charge)->refunded_minor += command->amount.minor;
  commit.put(stored(**charge), platform::Expect::at((*charge)->version));
  co_return commit;
}

base::Task<base::Result<KeyRecord>> Ledger::refund(RefundCommand command) {
  KeyRecord result;
  const auto done = co_await platform::commit_until_settled(
      store_, [this, &command, &result] { return decide_refund(&command, &result); });
  if (!done) co_return base::fail(done.error());
  co_return result;
}

base::Task<base::Result<platform::Commit>> Ledger::decide_void(const KeyRecord* wish, KeyRecord* result) {
  auto seen = co_await read(wish->key);
  if (!seen) co_return base::fail(seen.error());
  if (*seen && (*seen)->state != KeyState::late) {
    *result = std::move(**seen);
    co_return platform::Commit();
  }
  *result = *wish;
  result->version = *seen ? (*seen)->version : 0;
  result->gateway_id = ids_.next("pay");
  co_return effect(*result, "void");
}

base::Task<base::Result<KeyRecord>> Ledger::void_key(std::string key, std::string traceparent) {
  const auto landed = co_await land(key);
  if (!landed) co_return base::fail(landed.error());
  KeyRecord wish{std::move(key), KeyState::voided, "void", {}};
  wish.traceparent = std::move(traceparent);
  KeyRecord result;
  const auto done =
      co_await platform::commit_until_settled(store_, [this, &wish, &result] { return decide_void(&wish, &result); });
  if (!done) co_return base::fail(done.error());
  co_return result;
}

base::Task<base::Result<std::optional<KeyRecord>>> Ledger::find(std::string key) {
  const auto landed = co_await land(key);
  if (!landed) co_return base::fail(landed.error());
  auto record = co_await read(std::move(key));
  if (record && *record && (*record)->state == KeyState::late) co_return std::nullopt;
  co_return record;
}

base::Task<base::Result<std::vector<LedgerEntry>>> Ledger::entries(std::string after, std::size_t limit) {
  platform::Query late{kLateIndex, kLateIndex};
  late.limit = kLandingsPerRead;
  const auto promised = co_await store_.query(std::move(late));
  if (!promised) co_return base::fail(promised.error());
  for (const auto& record : promised->records) {
    const auto landed = co_await land(record.key.partition.substr(std::string_view("key#").size()));
    if (!landed) co_return base::fail(landed.error());
  }
  platform::Query query{"", kLedger};
  if (!after.empty()) query.from = after + "0";  // ids have one length: just behind `after`
  query.limit = limit;
  const auto page = co_await store_.query(std::move(query));
  if (!page) co_return base::fail(page.error());
  std::vector<LedgerEntry> entries;
  for (const auto& record : page->records) {
    auto json = base::parse_json(record.value);
    if (!json) co_return base::fail(json.error());
    entries.push_back({record.key.sort, std::move(*json)});
  }
  co_return entries;
}

}  // namespace ow::sandbox
