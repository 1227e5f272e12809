// See staged_store.h.
#include "platform/staged_store.h"

#include <algorithm>
#include <utility>

#include "base/bounds.h"

namespace ow::platform {
namespace {

namespace bounds = base::bounds;

/// Versions of staged records are told from stored ones by this bit.
constexpr Version kStagedVersions = Version{1} << 63;

/// The field that held too little, or nothing when all moves were made.
std::optional<std::string> apply(std::optional<Counter>& counter, const std::vector<CounterMove>& moves) {
  for (const auto& move : moves) {
    if (!counter && !move.from.empty()) return move.from;
    if (!counter) counter.emplace();
    if (!move.from.empty()) {
      auto& from = (*counter)[move.from];
      if (from < move.units) return move.from;
      from -= move.units;
    }
    if (!move.to.empty()) (*counter)[move.to] += move.units;
  }
  return std::nullopt;
}

bool holds(const Expect& expect, Version found) {
  switch (expect.kind) {
    case Expect::Kind::anything:
      return true;
    case Expect::Kind::absent:
      return found == 0;
    case Expect::Kind::exists:
      return found != 0;
    case Expect::Kind::version:
      return found == expect.version;
  }
  return false;
}

RecordPtr as_read(const Commit::Write& write, Version version) {
  if (!write.record) return nullptr;
  auto record = std::make_shared<Record>(*write.record);
  record->version = version;
  return record;
}

CommitOutcome conflict(Conflict with) { return {CommitOutcome::Kind::conflict, std::move(with)}; }

}  // namespace

const Commit::Write* StagedStore::written(const Key& key) const {
  const auto at = staged_.writes().find(key);
  return at == staged_.writes().end() || at->second.condition_only ? nullptr : &at->second;
}

Version StagedStore::staged_version(const Key& key) const {
  const auto at = versions_.find(key);
  return at == versions_.end() ? 0 : at->second;
}

base::Task<base::Result<std::vector<RecordPtr>>> StagedStore::get(std::vector<Key> keys) {
  std::vector<Key> missing;
  for (const auto& key : keys) {
    if (written(key) == nullptr) missing.push_back(key);
  }
  base::Result<std::vector<RecordPtr>> below;
  if (!missing.empty()) below = co_await below_.get(std::move(missing));
  if (!below) co_return base::fail(std::move(below.error()));
  std::vector<RecordPtr> found;
  found.reserve(keys.size());
  auto next = below->begin();
  for (const auto& key : keys) {
    const Commit::Write* write = written(key);
    found.push_back(write == nullptr ? std::move(*next++) : as_read(*write, staged_version(key)));
  }
  co_return found;
}

base::Task<base::Result<std::vector<std::optional<Counter>>>> StagedStore::counters(std::vector<Key> keys) {
  auto found = co_await below_.counters(keys);
  if (!found) co_return found;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto moves = staged_.moves().find(keys[i]);
    // A move that does not hold below is found by the commit; until then the counter reads as it is there.
    if (moves != staged_.moves().end()) static_cast<void>(apply((*found)[i], moves->second));
  }
  co_return found;
}

base::Task<base::Result<Page>> StagedStore::query(Query query) { return below_.query(std::move(query)); }

std::optional<Conflict> StagedStore::record_conflict(const Commit& commit) const {
  for (const auto& [key, write] : commit.writes()) {
    if (written(key) == nullptr) continue;
    if (!holds(write.expect, staged_version(key))) return Conflict{Conflict::Part::record, key, {}};
  }
  return std::nullopt;
}

std::optional<Conflict> StagedStore::ack_conflict(const Commit& commit) const {
  for (const auto& ack : commit.acks()) {
    const bool acked = std::any_of(staged_.acks().begin(), staged_.acks().end(), [&](const Ack& earlier) {
      return earlier.id == ack.id && earlier.queue == ack.queue;
    });
    if (acked) return Conflict{Conflict::Part::ack, {ack.queue, ack.id.text}, {}};
  }
  return std::nullopt;
}

base::Task<base::Result<std::optional<Conflict>>> StagedStore::counter_conflict(const Commit& commit) {
  // Counters that no earlier step moved are left to the store below.
  std::vector<Key> again;
  for (const auto& [key, moves] : commit.moves()) {
    if (staged_.moves().contains(key)) again.push_back(key);
  }
  if (again.empty()) co_return std::nullopt;
  auto found = co_await counters(again);
  if (!found) co_return base::fail(std::move(found.error()));
  for (std::size_t i = 0; i < again.size(); ++i) {
    if (auto field = apply((*found)[i], commit.moves().at(again[i]))) {
      co_return Conflict{Conflict::Part::counter, std::move(again[i]), std::move(*field)};
    }
  }
  co_return std::nullopt;
}

base::Task<base::Result<CommitOutcome>> StagedStore::commit(Commit commit) {
  using base::ErrorCode;
  if (auto problem = commit.problem()) {
    co_return base::fail(ErrorCode::malformed, "invalid_commit", std::move(*problem));
  }
  const bool fits = staged_.key_count() + commit.key_count() <= bounds::kCommitKeysMax &&
                    staged_.byte_count() + commit.byte_count() <= bounds::kCommitBytesMax;
  if (!fits) {
    co_return base::fail(ErrorCode::too_large, "stage_full", "The steps do not fit into one commit.");
  }
  if (auto found = record_conflict(commit)) co_return conflict(std::move(*found));
  if (auto found = ack_conflict(commit)) co_return conflict(std::move(*found));
  auto found = co_await counter_conflict(commit);
  if (!found) co_return base::fail(std::move(found.error()));
  if (*found) co_return conflict(std::move(**found));
  for (const auto& [key, write] : commit.writes()) {
    if (!write.condition_only) versions_[key] = write.record ? kStagedVersions | ++last_version_ : 0;
  }
  staged_.merge(std::move(commit));
  co_return CommitOutcome{};
}

Commit StagedStore::take() {
  versions_.clear();
  return std::exchange(staged_, {});
}

}  // namespace ow::platform
