// See map_store.h.
#include "tests/platform/map_store.h"

#include <fmt/format.h>

namespace ow::platform {
namespace {

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

/// The field that held too little.
std::optional<std::string> make_moves(std::optional<Counter>& counter, const std::vector<CounterMove>& moves) {
  for (const auto& move : moves) {
    if (!counter && !move.from.empty()) return move.from;
    if (!counter) counter = Counter();
    if (!move.from.empty() && (*counter)[move.from] < move.units) return move.from;
    if (!move.from.empty()) (*counter)[move.from] -= move.units;
    if (!move.to.empty()) (*counter)[move.to] += move.units;
  }
  return std::nullopt;
}

template <typename Value>
std::optional<Value> find(const std::map<Key, Value>& map, const Key& key) {
  const auto at = map.find(key);
  return at == map.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace

base::Task<base::Result<std::vector<RecordPtr>>> MapStore::get(std::vector<Key> keys) {
  std::vector<RecordPtr> found;
  for (const auto& key : keys) {
    const auto record = find(records_, key);
    found.push_back(record ? std::make_shared<Record>(*record) : nullptr);
  }
  co_return found;
}

base::Task<base::Result<std::vector<std::optional<Counter>>>> MapStore::counters(std::vector<Key> keys) {
  std::vector<std::optional<Counter>> found;
  for (const auto& key : keys) found.push_back(find(counters_, key));
  co_return found;
}

base::Task<base::Result<Page>> MapStore::query(Query) {
  co_return base::fail(base::ErrorCode::unsupported, "no_queries", "This store answers no queries.");
}

Version MapStore::version_of(const Key& key) const {
  const auto record = find(records_, key);
  return record ? record->version : 0;
}

std::optional<Conflict> MapStore::conflict(const Commit& commit) const {
  for (const auto& [key, write] : commit.writes()) {
    if (!holds(write.expect, version_of(key))) return Conflict{Conflict::Part::record, key, {}};
  }
  for (const auto& [key, moves] : commit.moves()) {
    auto counter = find(counters_, key);
    if (auto field = make_moves(counter, moves)) return Conflict{Conflict::Part::counter, key, *field};
  }
  for (const auto& ack : commit.acks()) {
    if (consumed_.contains(ack.id.text)) return Conflict{Conflict::Part::ack, {ack.queue, ack.id.text}, {}};
  }
  return std::nullopt;
}

void MapStore::take(const Commit& commit) {
  for (const auto& [key, write] : commit.writes()) {
    if (write.condition_only) continue;
    records_.erase(key);
    if (!write.record) continue;
    records_[key] = *write.record;
    records_[key].version = ++last_version_;
  }
  for (const auto& [key, moves] : commit.moves()) {
    auto counter = find(counters_, key);
    static_cast<void>(make_moves(counter, moves));
    counters_[key] = *counter;
  }
  for (const auto& event : commit.events()) events_[event.subject].push_back(event.type);
  for (const auto& message : commit.messages())
    messages_.try_emplace(message.queue + "/" + message.id.text, message.body);
  for (const auto& [name, timer] : commit.timers()) {
    timers_.erase(name);
    if (timer) timers_.emplace(name, *timer);
  }
  for (const auto& ack : commit.acks()) consumed_.insert(ack.id.text);
}

base::Task<base::Result<CommitOutcome>> MapStore::commit(Commit commit) {
  if (!scripted.empty()) {
    auto answer = std::move(scripted.front());
    scripted.pop_front();
    co_return answer;
  }
  if (auto problem = commit.problem()) co_return base::fail(base::ErrorCode::malformed, "invalid_commit", *problem);
  if (auto found = conflict(commit)) co_return CommitOutcome{CommitOutcome::Kind::conflict, *found};
  take(commit);
  taken_.push_back(std::move(commit));
  co_return CommitOutcome{};
}

std::string MapStore::text() const {
  std::string out;
  for (const auto& [key, record] : records_) out += fmt::format("{}/{}={}\n", key.partition, key.sort, record.value);
  for (const auto& [key, counter] : counters_) {
    for (const auto& [field, units] : counter) {
      if (units != 0) out += fmt::format("{}/{}.{}={}\n", key.partition, key.sort, field, units);
    }
  }
  for (const auto& [subject, types] : events_) out += fmt::format("{}: {}\n", subject, fmt::join(types, ","));
  for (const auto& [id, body] : messages_) out += fmt::format("{} {}\n", id, body);
  for (const auto& [name, timer] : timers_) out += fmt::format("{} at {}\n", name, timer.due.us);
  out += fmt::format("consumed {}", fmt::join(consumed_, ","));
  return out;
}

}  // namespace ow::platform
