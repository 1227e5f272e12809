// See journaled_key_value.h.
#include "engine/journal/journaled_key_value.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/failure.h"
#include "engine/journal/drain.h"
#include "engine/journal/layers.h"
#include "engine/journal/overlay.h"
#include "engine/journal/recovery.h"

namespace ow::engine {

using base::ErrorCode;
using base::fail;
using base::Result;
using platform::Change;
using platform::KeyRange;
using platform::LogPosition;
using platform::ReadTier;
using platform::ScanOrder;

namespace {

// An overlay takes batches until it is full and one more.
constexpr std::size_t kRoomFactor = 2;

using LayersPtr = std::shared_ptr<const Layers>;

class JournaledView final : public platform::KeyValueView {
 public:
  JournaledView(const Failure& failure, LayersPtr layers, RecordNumber number,
                std::unique_ptr<platform::KeyValueView> tables)
      : failure_(failure), layers_(std::move(layers)), number_(number), tables_(std::move(tables)) {}

  Result<void> scan(const KeyRange& range, ScanOrder order, const Layers::Visit& visit, ReadTier tier) const override {
    if (auto error = failure_.error()) return fail(*error);
    return layers_->scan(*tables_, number_, range, order, visit, tier);
  }

 private:
  const Failure& failure_;
  const LayersPtr layers_;
  const RecordNumber number_;
  const std::unique_ptr<platform::KeyValueView> tables_;
};

class JournaledKeyValue final : public platform::KeyValue {
 public:
  JournaledKeyValue(std::unique_ptr<platform::LogDisk> disk, std::unique_ptr<Tables> tables, JournalOptions options)
      : options_(std::move(options)), disk_(std::move(disk)), tables_(std::move(tables)) {}
  JournaledKeyValue(const JournaledKeyValue&) = delete;
  JournaledKeyValue& operator=(const JournaledKeyValue&) = delete;
  ~JournaledKeyValue() override;

  Result<void> open();

  Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& keys,
                                                      ReadTier tier) const override;
  std::unique_ptr<platform::KeyValueView> view() const override;
  Result<LogPosition> append(const std::vector<Change>& batch) override;
  Result<void> sync(LogPosition position) override;
  Result<void> checkpoint(const std::string& directory) override;
  Result<void> erase_range(const KeyRange& range) override;

 private:
  // The writer, under write_mutex_.
  bool replay(std::string_view payload, RecordNumber number);
  Result<void> make_room(const std::vector<Change>& batch);
  Result<void> sync_journal();
  Result<RecordNumber> write(std::string_view payload);
  void activate(std::size_t keys, std::vector<KeyRange> erased, RecordNumber number);
  void erase_below(const KeyRange& range, RecordNumber number);
  void freeze(std::size_t keys_next);
  bool is_full() const;

  // Down into the tables, under drain_mutex_.
  void request_drain();
  Result<void> drain_all();
  Result<void> drain_oldest(const Overlay& oldest);

  LayersPtr layers() const {
    const std::lock_guard lock(layers_mutex_);
    return layers_;
  }

  const JournalOptions options_;
  const std::unique_ptr<platform::LogDisk> disk_;
  const std::unique_ptr<Tables> tables_;
  Failure failure_;

  std::mutex write_mutex_;
  std::unique_ptr<Journal> journal_;
  OverlayPtr active_;
  std::string payload_;
  LogPosition appended_ = 0;
  LogPosition synced_ = 0;

  std::mutex drain_mutex_;
  std::atomic<bool> drain_requested_ = false;

  mutable std::mutex layers_mutex_;
  LayersPtr layers_ = std::make_shared<const Layers>();  // the active overlay first
  std::atomic<RecordNumber> visible_ = 0;                // the last append that is there as a whole
};

Result<void> JournaledKeyValue::open() {
  const auto applied = applied_record(*tables_);
  if (!applied) return fail(applied.error());
  visible_ = *applied;
  activate(options_.overlay_keys, {}, *applied);
  auto found = recover_journal(
      *disk_, {*applied, [this](std::string_view payload, RecordNumber number) { return replay(payload, number); },
               options_.notice});
  if (!found) return fail(found.error());
  journal_ = std::make_unique<Journal>(*disk_, options_.segment_bytes, std::move(*found));
  journal_->release(*applied);
  if (auto written = write(journal::kOpened); !written) return fail(written.error());
  if (auto synced = sync_journal(); !synced) return synced;
  request_drain();
  return {};
}

JournaledKeyValue::~JournaledKeyValue() {
  const std::lock_guard lock(write_mutex_);
  if (journal_ && !failure_.error() && write(journal::kClosed)) static_cast<void>(journal_->sync());
}

bool JournaledKeyValue::replay(std::string_view payload, RecordNumber number) {
  const auto change = [&](std::string_view key, std::optional<std::string_view> value) {
    if (!active_->has_room(1)) freeze(options_.overlay_keys);
    active_->write(key, value, number);
  };
  const auto range = [&](const KeyRange& erased) { erase_below(erased, number); };
  if (!journal::read_payload(payload, {change, range})) return false;
  visible_.store(number, std::memory_order_release);
  if (is_full()) freeze(options_.overlay_keys);
  return true;
}

// ---- Readers ----

Result<std::vector<std::optional<std::string>>> JournaledKeyValue::get(const std::vector<std::string>& keys,
                                                                       ReadTier tier) const {
  if (auto error = failure_.error()) return fail(*error);
  const LayersPtr layers = this->layers();
  const RecordNumber number = visible_.load(std::memory_order_acquire);
  std::vector<std::optional<std::string>> values(keys.size());
  std::vector<std::string> missing;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (const auto known = layers->find(keys[i], number)) {
      if (*known) values[i].emplace(**known);
    } else {
      missing.push_back(keys[i]);
      places.push_back(i);
    }
  }
  if (missing.empty()) return values;
  auto below = tables_->get(missing, tier);
  if (!below) return below;
  for (std::size_t i = 0; i < places.size(); ++i) values[places[i]] = std::move((*below)[i]);
  return values;
}

std::unique_ptr<platform::KeyValueView> JournaledKeyValue::view() const {
  // Together: an overlay leaves the layers only after the tables took it.
  const std::lock_guard lock(layers_mutex_);
  return std::make_unique<JournaledView>(failure_, layers_, visible_.load(std::memory_order_acquire), tables_->view());
}

// ---- The writer ----

Result<LogPosition> JournaledKeyValue::append(const std::vector<Change>& batch) {
  if (auto error = failure_.error()) return fail(*error);
  const std::lock_guard lock(write_mutex_);
  if (batch.empty()) return ++appended_;
  if (auto room = make_room(batch); !room) return fail(room.error());
  payload_.clear();
  journal::put_changes(payload_, batch);
  const auto number = write(payload_);
  if (!number) return fail(number.error());
  for (const auto& change : batch) active_->write(change.key, change.value, *number);
  visible_.store(*number, std::memory_order_release);
  return ++appended_;
}

Result<RecordNumber> JournaledKeyValue::write(std::string_view payload) {
  auto number = journal_->append(payload);
  if (number || number.error().code == ErrorCode::storage_full) return number;
  return fail(failure_.set(number.error()));
}

Result<void> JournaledKeyValue::make_room(const std::vector<Change>& batch) {
  const bool puts = std::ranges::any_of(batch, [](const Change& change) { return change.value.has_value(); });
  if (puts && options_.may_grow) {
    if (auto grows = options_.may_grow(); !grows) return grows;
  }
  if (active_->has_room(batch.size()) && active_->bytes() < kRoomFactor * options_.overlay_bytes) return {};
  if (auto synced = sync_journal(); !synced) return synced;
  if (layers()->overlays().size() > kFrozenMax) {
    if (auto drained = drain_all(); !drained) return drained;
  }
  freeze(std::max(options_.overlay_keys, batch.size()));
  return {};
}

Result<void> JournaledKeyValue::sync(LogPosition position) {
  if (auto error = failure_.error()) return fail(*error);
  const std::lock_guard lock(write_mutex_);
  if (position <= synced_ && journal_->last() == journal_->synced()) return {};
  return sync_journal();
}

Result<void> JournaledKeyValue::sync_journal() {
  if (auto synced = journal_->sync(); !synced) return fail(failure_.set(synced.error()));
  synced_ = appended_;
  if (is_full() && layers()->overlays().size() <= kFrozenMax) {
    freeze(options_.overlay_keys);
  } else if (layers()->overlays().size() > 1) {
    request_drain();
  }
  return {};
}

bool JournaledKeyValue::is_full() const {
  return active_->keys() >= options_.overlay_keys || active_->bytes() >= options_.overlay_bytes;
}

/// A new overlay takes the place of the active one, which goes down.
void JournaledKeyValue::freeze(std::size_t keys_next) {
  activate(keys_next, {}, active_->last());
  if (journal_) request_drain();
}

void JournaledKeyValue::activate(std::size_t keys, std::vector<KeyRange> erased, RecordNumber number) {
  auto next = std::make_shared<Overlay>(kRoomFactor * keys, std::move(erased), number);
  const std::lock_guard lock(layers_mutex_);
  auto overlays = layers_->overlays();
  overlays.insert(overlays.begin(), next);
  layers_ = std::make_shared<const Layers>(std::move(overlays));
  active_ = std::move(next);
}

Result<void> JournaledKeyValue::erase_range(const KeyRange& range) {
  if (auto error = failure_.error()) return fail(*error);
  if (!range.to.empty() && range.to <= range.from) return {};
  const std::lock_guard lock(write_mutex_);
  payload_.clear();
  journal::put_range(payload_, range);
  const auto number = write(payload_);
  if (!number) return fail(number.error());
  erase_below(range, *number);
  visible_.store(*number, std::memory_order_release);
  return {};
}

/// The range without the key that the tables keep for themselves: an overlay erases what is below it.
void JournaledKeyValue::erase_below(const KeyRange& range, RecordNumber number) {
  const std::string kept(applied_key());
  std::vector<KeyRange> erased;
  if (range.from < kept && (range.to.empty() || kept < range.to)) {
    erased = {{range.from, kept}, {kept + '\0', range.to}};
  } else if (range.from == kept) {
    erased = {{kept + '\0', range.to}};
  } else {
    erased = {range};
  }
  activate(options_.overlay_keys, std::move(erased), number);
}

// ---- Down into the tables ----

void JournaledKeyValue::request_drain() {
  const auto run = [this] {
    drain_requested_.store(false);
    if (drain_all()) static_cast<void>(journal_->prepare());  // appends meet what keeps it from being ready
  };
  if (!options_.background) return run();
  if (!drain_requested_.exchange(true)) options_.background(run);
}

/// All frozen overlays whose records are synced: the tables may never hold what a crash can take back.
Result<void> JournaledKeyValue::drain_all() {
  const std::lock_guard lock(drain_mutex_);
  while (true) {
    if (auto error = failure_.error()) return fail(*error);
    const LayersPtr layers = this->layers();
    const Overlay& oldest = *layers->overlays().back();
    if (layers->overlays().size() == 1 || oldest.last() > journal_->synced()) return {};
    if (auto drained = drain_oldest(oldest); !drained) return drained;
  }
}

Result<void> JournaledKeyValue::drain_oldest(const Overlay& oldest) {
  if (auto drained = drain(oldest, *tables_, options_.expired); !drained) {
    if (drained.error().code == ErrorCode::storage_full) return drained;
    return fail(failure_.set(drained.error()));
  }
  journal_->release(oldest.last());
  const std::lock_guard lock(layers_mutex_);
  auto overlays = layers_->overlays();
  overlays.pop_back();
  layers_ = std::make_shared<const Layers>(std::move(overlays));
  return {};
}

Result<void> JournaledKeyValue::checkpoint(const std::string& directory) {
  if (auto error = failure_.error()) return fail(*error);
  {
    const std::lock_guard lock(write_mutex_);
    if (auto synced = sync_journal(); !synced) return synced;
    if (active_->keys() != 0 || !active_->erased().empty()) freeze(options_.overlay_keys);
  }
  if (auto drained = drain_all(); !drained) return drained;
  const std::lock_guard lock(drain_mutex_);
  return tables_->checkpoint(directory);
}

}  // namespace

Result<void> begin_journal(platform::LogDisk& disk, const Tables& tables, const JournalOptions& options) {
  const auto applied = applied_record(tables);
  if (!applied) return fail(applied.error());
  auto begun = Journal::begin(disk, options.segment_bytes, *applied + 1);
  if (!begun) return fail(begun.error());
  return {};
}

Result<std::unique_ptr<platform::KeyValue>> open_journaled(std::unique_ptr<platform::LogDisk> disk,
                                                           std::unique_ptr<Tables> tables, JournalOptions options) {
  auto store = std::make_unique<JournaledKeyValue>(std::move(disk), std::move(tables), std::move(options));
  if (auto opened = store->open(); !opened) return fail(opened.error());
  return store;
}

}  // namespace ow::engine
