// The durable memory of the simulated gateway: one record a key, which says for ever what became of it, and
// one entry for every effect in order. Each effect is one commit conditioned on its key. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/money.h"
#include "base/result.h"
#include "base/task.h"
#include "platform/id_source.h"
#include "platform/store.h"

namespace ow::sandbox {

enum class KeyState : std::uint8_t {
  approved,
  declined,
  voided,
  late,  // accepted, but lands only later; until then nobody can see it
};

struct KeyRecord {
  std::string key;
  KeyState state = KeyState::approved;
  std::string kind;  // "charge", "refund", "void"
  base::Money amount;
  std::string order = {};
  std::string charge_key = {};  // refund: of what
  std::string gateway_id = {};
  std::string reason = {};
  std::string traceparent = {};
  base::Instant lands = {};         // late
  std::int64_t refunded_minor = 0;  // charge: given back so far
  platform::Version version = 0;
};

struct LedgerEntry {
  std::string id;  // ascends
  base::Json json;
};

struct ChargeCommand {
  std::string key;
  std::string order;
  base::Money amount;
  std::string token;
  std::string traceparent;
};

struct RefundCommand {
  std::string key;
  std::string charge_key;
  std::string order;
  base::Money amount;
  std::string traceparent;
};

class Ledger {
 public:
  Ledger(platform::Store& store, const platform::Clock& clock, platform::Random& random)
      : store_(store), clock_(clock), ids_(clock, random) {}

  /// What became of the key, doing it now if it is new.
  base::Task<base::Result<KeyRecord>> charge(ChargeCommand command);
  base::Task<base::Result<KeyRecord>> refund(RefundCommand command);
  base::Task<base::Result<KeyRecord>> void_key(std::string key, std::string traceparent);

  /// Nothing for a key never seen, or one that is late still.
  base::Task<base::Result<std::optional<KeyRecord>>> find(std::string key);

  /// An `after` just before the first entry of this time.
  static std::string before(base::Instant time) { return platform::first_id_at("led", time); }
  /// Entries behind `after` in order of effect; empty: from the first.
  base::Task<base::Result<std::vector<LedgerEntry>>> entries(std::string after, std::size_t limit);

 private:
  base::Task<base::Result<std::optional<KeyRecord>>> read(std::string key);
  base::Task<base::Result<platform::Commit>> decide_charge(const ChargeCommand* command, KeyRecord* result);
  base::Task<base::Result<platform::Commit>> decide_refund(const RefundCommand* command, KeyRecord* result);
  base::Task<base::Result<platform::Commit>> decide_void(const KeyRecord* wish, KeyRecord* result);
  base::Task<base::Result<platform::Commit>> decide_landing(const std::string* key);
  base::Task<base::Result<void>> land(std::string key);
  platform::Commit effect(KeyRecord record, std::string_view entry_kind);

  platform::Store& store_;
  const platform::Clock& clock_;
  platform::IdSource ids_;
};

}  // namespace ow::sandbox
