// See batch.h.
#include "engine/batch.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/assert.h"
#include "engine/bytes.h"

namespace ow::engine {
namespace {

/// Numbers are reserved this many at a time, so that the reservation costs no commit a key of its own.
constexpr Sequence kReserved = 65'536;

/// At the end of a subject's keys (layout.h).
constexpr int kEventNumberBytes = 4;
/// The commits of an order's life and some; a longer history is scanned from its end.
constexpr int kHeadStepsMax = 8;

const platform::Record* record_in(const Cached& value) {
  const auto* record = std::get_if<RecordPtr>(&value);
  return record != nullptr ? record->get() : nullptr;
}

bool has_entry(const platform::Record* record, const platform::IndexEntry& entry) {
  return record != nullptr && std::find(record->indexes.begin(), record->indexes.end(), entry) != record->indexes.end();
}

}  // namespace

base::Result<std::vector<Cache::Entry*>> Batch::resolve(std::vector<std::string> keys) {
  std::vector<Cache::Entry*> entries(keys.size());
  std::vector<std::string> missing;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    entries[i] = ports_.cache.pin(keys[i], pinned_);
    if (entries[i] != nullptr) continue;
    missing.push_back(std::move(keys[i]));
    places.push_back(i);
  }
  if (missing.empty()) return entries;
  cache_misses_ += missing.size();
  const auto values = ports_.key_value.get(missing);
  if (!values) return base::fail(values.error());
  for (std::size_t i = 0; i < missing.size(); ++i) {
    auto value = read(missing[i], (*values)[i]);
    if (!value) return base::fail(std::move(value.error()));
    entries[places[i]] = ports_.cache.add(missing[i], std::move(*value), pinned_);
  }
  return entries;
}

base::Result<Cache::Entry*> Batch::resolve(std::string key) {
  std::vector<std::string> keys;
  keys.push_back(std::move(key));
  auto entries = resolve(std::move(keys));
  if (!entries) return base::fail(std::move(entries.error()));
  return entries->front();
}

base::Result<Cached> Batch::read(std::string_view key, const std::optional<std::string>& value) const {
  if (!value) return Absent{};
  switch (key.front()) {
    case layout::kRecord:
      if (auto record = decode_record(key, *value)) {
        return std::make_shared<const platform::Record>(std::move(*record));
      }
      break;
    case layout::kCounter:
      if (auto counter = decode_counter(*value)) {
        return std::make_shared<const platform::Counter>(std::move(*counter));
      }
      break;
    case layout::kTimer:
      if (const auto due = decode_timer_due(*value)) return static_cast<std::uint64_t>(due->us);
      break;
    case layout::kSentId:
      if (const auto expires = expiry_of(key, *value)) return static_cast<std::uint64_t>(expires->us);
      break;
    case layout::kSubject:
      return read_head(key, *value);
    default:
      return Present{};
  }
  return base::fail(damaged(key));
}

/// From entry to entry, each of which says where the next one is, as long as nothing between them can have been pruned:
/// a few looks at keys cost far less than a scan backwards.
base::Result<Cached> Batch::read_head(std::string_view key, std::string_view first) const {
  auto entry = decode_subject(first);
  const Sequence begun = entry ? entry->sequence : 0;
  std::uint64_t next = 1;
  for (int step = 0; entry && step < kHeadStepsMax; ++step) {
    next += entry->count;
    std::string following(key.substr(0, key.size() - kEventNumberBytes));
    put_ordered(following, next, kEventNumberBytes);
    const auto found = ports_.key_value.get({layout::kept_key(), std::move(following)});
    if (!found) return base::fail(found.error());
    const auto kept = found->front() ? decode_sequence(*found->front()) : Sequence{0};
    if (!kept || *kept > begun) break;
    if (!found->back()) return next - 1;
    entry = decode_subject(*found->back());
  }
  return scan_head(key);
}

base::Result<Cached> Batch::scan_head(std::string_view key) const {
  const std::string prefix(key.substr(0, key.size() - kEventNumberBytes));
  std::optional<std::uint64_t> head;
  const auto scanned = ports_.key_value.view()->scan(layout::starting_with(prefix), platform::ScanOrder::descending,
                                                     [&](std::string_view last, std::string_view value) {
                                                       if (const auto entry = decode_subject(value))
                                                         head = layout::subject_key_number(last) + entry->count - 1;
                                                       return false;
                                                     });
  if (!scanned) return base::fail(scanned.error());
  if (!head) return base::fail(damaged(key));
  return *head;
}

Sequence Batch::take_sequence() {
  CommitState& state = ports_.state;
  if (state.next_sequence >= state.reserved) {
    state.reserved = state.next_sequence + kReserved;
    put(layout::sequence_key(), encode_sequence(state.reserved));
  }
  return state.next_sequence++;
}

void Batch::put_record(Cache::Entry& entry, platform::Record record, platform::Version version) {
  record.version = version;
  put(std::string(entry.key), encode(record, version));
  update_indexes(record_in(entry.current()), &record);
  Cache::write(entry, std::make_shared<const platform::Record>(std::move(record)));
}

void Batch::erase_record(Cache::Entry& entry) {
  const auto* before = record_in(entry.current());
  if (before == nullptr) return;
  update_indexes(before, nullptr);
  erase(std::string(entry.key));
  Cache::write(entry, Absent{});
}

void Batch::update_indexes(const platform::Record* before, const platform::Record* after) {
  if (before != nullptr) {
    for (const auto& entry : before->indexes) {
      if (!has_entry(after, entry)) erase(layout::index_key(entry, before->key));
    }
  }
  if (after == nullptr) return;
  const bool same_expiry = before != nullptr && before->expires == after->expires;
  for (const auto& entry : after->indexes) {
    if (same_expiry && has_entry(before, entry)) continue;
    put(layout::index_key(entry, after->key), encode_index(after->expires));
  }
}

void Batch::put_counter(Cache::Entry& entry, platform::Counter counter) {
  put(std::string(entry.key), encode(counter));
  Cache::write(entry, std::make_shared<const platform::Counter>(std::move(counter)));
}

bool Batch::alive(const Cache::Entry& entry) { return std::holds_alternative<Present>(entry.current()); }

void Batch::send(QueueNumber queue, Message message) {
  message.sequence = take_sequence();
  std::string key = layout::message_key(queue, message.group, message.sequence);
  // Nothing can be stored under a sequence that was never used, so the store need not be asked.
  Cache::write(*ports_.cache.add(key, Absent{}, pinned_), Present{});
  put(std::move(key), encode(message));
  const Sequence sequence = message.sequence;
  effects_.push_back(
      {QueueEffect::Kind::sent, queue, std::make_shared<const Message>(std::move(message)), sequence, {}});
}

void Batch::rewrite(Cache::Entry& entry, const Message& message) { put(std::string(entry.key), encode(message)); }

void Batch::consume(Cache::Entry& entry, QueueNumber queue, Sequence sequence, base::Instant sent_at) {
  erase(std::string(entry.key));
  Cache::write(entry, Absent{});
  effects_.push_back({QueueEffect::Kind::gone, queue, nullptr, sequence, sent_at});
}

void Batch::delay(QueueNumber queue, Message message, base::Instant due) {
  const Sequence sequence = take_sequence();
  const base::Instant retried = message.received != 0 ? message.sent : base::Instant{};
  std::string value = encode(StoredTimer{due, {}, std::move(message)});
  put(layout::due_message_key(due, queue, sequence), std::move(value));
  effects_.push_back({QueueEffect::Kind::delayed, queue, nullptr, sequence, retried});
  will_be_due(due);
}

void Batch::consume_delayed(Cache::Entry& entry, QueueNumber queue, Sequence sequence, base::Instant due,
                            base::Instant retried) {
  erase_due(std::string(entry.key), due);
  Cache::write(entry, Absent{});
  effects_.push_back({QueueEffect::Kind::undelayed, queue, nullptr, sequence, retried});
}

bool Batch::claim_id(QueueNumber queue, std::string_view id) {
  if (!ports_.state.recent_ids.add(queue, id)) return false;
  claimed_.emplace_back(queue, id);
  return true;
}

void Batch::free_id(QueueNumber queue, std::string_view id) { freed_.emplace_back(queue, id); }

void Batch::put_timer(Cache::Entry& entry, const std::string& name, const StoredTimer& timer) {
  forget_due(entry, name);
  put(std::string(entry.key), encode(timer));
  put(layout::due_timer_key(timer.due, name), {});
  Cache::write(entry, static_cast<std::uint64_t>(timer.due.us));
  will_be_due(timer.due);
}

void Batch::erase_timer(Cache::Entry& entry, const std::string& name) {
  if (!forget_due(entry, name)) return;
  erase(std::string(entry.key));
  Cache::write(entry, Absent{});
}

bool Batch::forget_due(const Cache::Entry& entry, const std::string& name) {
  const auto* due = std::get_if<std::uint64_t>(&entry.current());
  if (due == nullptr) return false;
  const base::Instant at{static_cast<std::int64_t>(*due)};
  erase_due(layout::due_timer_key(at, name), at);
  return true;
}

void Batch::erase_due(std::string key, base::Instant due) {
  erase(std::move(key));
  due_changes_.push_back({due, -1});
}

void Batch::will_be_due(base::Instant due) {
  due_changes_.push_back({due, 1});
  if (due < ports_.state.due_mark) ports_.state.due_mark = due;
  if (!soonest_due_ || due < *soonest_due_) soonest_due_ = due;
}

void Batch::raise_due_mark(base::Instant mark) {
  ports_.state.due_mark = soonest_due_ ? std::min(mark, *soonest_due_) : mark;
}

void Batch::put(std::string key, std::string value) {
  bytes_ += key.size() + value.size();
  changes_.push_back({std::move(key), std::move(value)});
}

void Batch::erase(std::string key) {
  bytes_ += key.size();
  changes_.push_back({std::move(key), std::nullopt});
}

/// Neighbours go in together: half the cost of an insertion into a sorted store is finding the place.
void Batch::seal() {
  std::vector<std::uint32_t> order(changes_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, [this](std::uint32_t left, std::uint32_t right) {
    const int compared = changes_[left].key.compare(changes_[right].key);
    return compared != 0 ? compared < 0 : left < right;
  });
  std::vector<platform::Change> sealed;
  sealed.reserve(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool overwritten = i + 1 < order.size() && changes_[order[i]].key == changes_[order[i + 1]].key;
    if (!overwritten) sealed.push_back(std::move(changes_[order[i]]));
  }
  changes_ = std::move(sealed);
}

std::vector<QueueEffect> Batch::publish() {
  ports_.cache.publish(pinned_);
  pinned_.clear();
  for (const auto& [queue, id] : freed_) ports_.state.recent_ids.remove(queue, id);
  for (const auto& action : actions_) action(ports_.state);
  return std::move(effects_);
}

void Batch::discard() {
  ports_.cache.discard(pinned_);
  pinned_.clear();
  for (const auto& [queue, id] : claimed_) ports_.state.recent_ids.remove(queue, id);
  ports_.state.reserved = reserved_before_;
  ports_.state.due_mark = std::min(ports_.state.due_mark, due_mark_before_);
}

}  // namespace ow::engine
