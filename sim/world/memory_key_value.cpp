// See memory_key_value.h.
#include "sim/world/memory_key_value.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/assert.h"

namespace ow::sim {

using base::ErrorCode;
using base::fail;
using base::Result;
using platform::Change;
using platform::KeyRange;
using platform::LogPosition;
using platform::ReadTier;
using platform::ScanOrder;

namespace {

template <typename Map>
auto bounds_of(Map& map, const KeyRange& range) {
  const auto from = map.lower_bound(range.from);
  const auto to = range.to.empty() ? map.end() : map.lower_bound(range.to);
  const bool reversed = !range.to.empty() && range.to < range.from;
  return std::pair(from, reversed ? from : to);
}

}  // namespace

/// Every key with its values by the number of the append that wrote them; a reader at a number sees the last
/// value at or below it. Old values go when no view needs them.
class MemoryKeyValue::Pairs {
 public:
  void load(const std::map<std::string, std::string>& image) {
    for (const auto& [key, value] : image) cells_.emplace_hint(cells_.end(), key, Cell{{0, value}});
  }

  void begin_append() { ++now_; }

  void write(const std::string& key, std::optional<std::string> value) {
    auto& cell = cells_[key];
    if (!cell.empty() && cell.back().at == now_) {
      cell.back().value = std::move(value);
    } else {
      cell.push_back({now_, std::move(value)});
    }
    if (pinned_.empty()) {
      trim(key);
    } else {
      stale_.insert(key);
    }
  }

  void erase(const KeyRange& range) {
    std::vector<std::string> keys;
    scan(range, ScanOrder::ascending, now_, [&](std::string_view key, std::string_view) {
      keys.emplace_back(key);
      return true;
    });
    for (const auto& key : keys) write(key, std::nullopt);
  }

  const std::string* find(const std::string& key) const {
    const auto found = cells_.find(key);
    return found == cells_.end() ? nullptr : at(found->second, now_);
  }

  void scan(const KeyRange& range, ScanOrder order, std::uint64_t number,
            const std::function<bool(std::string_view, std::string_view)>& visit) const {
    const auto [from, to] = bounds_of(cells_, range);
    const auto show = [&](const auto& pair) {
      const std::string* value = at(pair.second, number);
      return value == nullptr || visit(pair.first, *value);
    };
    if (order == ScanOrder::ascending) {
      static_cast<void>(std::all_of(from, to, show));
    } else {
      static_cast<void>(std::all_of(std::make_reverse_iterator(to), std::make_reverse_iterator(from), show));
    }
  }

  std::uint64_t pin() {
    pinned_.insert(now_);
    return now_;
  }

  void unpin(std::uint64_t number) {
    pinned_.erase(pinned_.find(number));
    if (!pinned_.empty()) return;
    for (const auto& key : stale_) trim(key);
    stale_.clear();
  }

  std::uint64_t now() const { return now_; }

 private:
  struct Value {
    std::uint64_t at;
    std::optional<std::string> value;
  };
  using Cell = std::vector<Value>;

  static const std::string* at(const Cell& cell, std::uint64_t number) {
    for (auto value = cell.rbegin(); value != cell.rend(); ++value) {
      if (value->at <= number) return value->value ? &*value->value : nullptr;
    }
    return nullptr;
  }

  void trim(const std::string& key) {
    const auto found = cells_.find(key);
    if (found == cells_.end()) return;
    if (!found->second.back().value) {
      cells_.erase(found);
    } else {
      found->second.erase(found->second.begin(), std::prev(found->second.end()));
    }
  }

  std::map<std::string, Cell> cells_;
  std::uint64_t now_ = 0;
  std::multiset<std::uint64_t> pinned_;
  std::set<std::string> stale_;
};

class MemoryKeyValue::View final : public platform::KeyValueView {
 public:
  View(const MemoryKeyValue& store, std::shared_ptr<Pairs> pairs)
      : store_(store), pairs_(std::move(pairs)), number_(pairs_->pin()) {}
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  ~View() override { pairs_->unpin(number_); }

  Result<void> scan(const KeyRange& range, ScanOrder order,
                    const std::function<bool(std::string_view, std::string_view)>& visit,
                    ReadTier tier) const override {
    if (auto allowed = store_.may_read(tier); !allowed) return allowed;
    pairs_->scan(range, order, number_, visit);
    return {};
  }

 private:
  const MemoryKeyValue& store_;
  std::shared_ptr<Pairs> pairs_;
  std::uint64_t number_;
};

MemoryKeyValue::MemoryKeyValue(MemoryDisk& disk, Expired expired)
    : disk_(disk), expired_(std::move(expired)), generation_(disk.generation_), pairs_(std::make_shared<Pairs>()) {
  pairs_->load(disk.image_);
}

MemoryKeyValue::~MemoryKeyValue() {
  if (generation_ == disk_.generation_) disk_.in_use_ = false;
}

Result<std::unique_ptr<MemoryKeyValue>> MemoryKeyValue::open(MemoryDisk& disk, Expired expired) {
  if (disk.in_use_) {
    return fail(ErrorCode::unavailable, "storage_in_use", "The store is in use by another process.");
  }
  disk.in_use_ = true;
  ++disk.generation_;
  disk.settle(disk.tail_.size());
  if (expired) {
    std::erase_if(disk.image_, [&](const auto& pair) { return expired(pair.first, pair.second); });
  }
  return std::unique_ptr<MemoryKeyValue>(new MemoryKeyValue(disk, std::move(expired)));
}

std::optional<base::Error> MemoryKeyValue::dead() const {
  if (failure_) return failure_;
  if (generation_ == disk_.generation_) return std::nullopt;
  return base::Error{ErrorCode::internal, "power_off", "The machine of this store has no power."};
}

base::Error MemoryKeyValue::die(base::Error error) {
  failure_ = error;
  return error;
}

Result<void> MemoryKeyValue::may_read(ReadTier tier) const {
  if (auto error = dead()) return fail(*error);
  if (tier == ReadTier::memory_only && disk_.cold()) {
    return fail(ErrorCode::unavailable, "not_in_memory", "The data is not in memory.");
  }
  auto error = disk_.begin(DiskCall::read);
  disk_.end(DiskCall::read);
  if (error) return fail(*error);
  return {};
}

Result<std::vector<std::optional<std::string>>> MemoryKeyValue::get(const std::vector<std::string>& keys,
                                                                    ReadTier tier) const {
  if (auto allowed = may_read(tier); !allowed) return fail(allowed.error());
  std::vector<std::optional<std::string>> values;
  values.reserve(keys.size());
  for (const auto& key : keys) {
    const std::string* value = pairs_->find(key);
    values.push_back(value == nullptr ? std::nullopt : std::optional(*value));
  }
  return values;
}

std::unique_ptr<platform::KeyValueView> MemoryKeyValue::view() const { return std::make_unique<View>(*this, pairs_); }

Result<LogPosition> MemoryKeyValue::append(const std::vector<Change>& batch) {
  if (auto error = dead()) return fail(*error);
  auto planned = disk_.begin(DiskCall::append);
  if (auto error = dead()) return fail(*error);
  if (disk_.full_ || (planned && planned->code == ErrorCode::storage_full)) {
    return fail(ErrorCode::storage_full, "storage_full", "The disk is full.");
  }
  if (planned) return fail(die(*planned));
  disk_.tail_.push_back({batch});
  pairs_->begin_append();
  for (const auto& change : batch) pairs_->write(change.key, change.value);
  ++appended_;
  disk_.end(DiskCall::append);
  return appended_;
}

Result<void> MemoryKeyValue::sync(LogPosition position) {
  if (auto error = dead()) return fail(*error);
  OW_ASSERT(position <= appended_, "only what was appended is synced");
  auto planned = disk_.begin(DiskCall::sync);
  if (auto error = dead()) return fail(*error);
  if (planned) return fail(die(*planned));
  std::size_t settled = 0;
  while (settled < disk_.tail_.size() && (disk_.tail_[settled].erased || synced_ < position)) {
    if (!disk_.tail_[settled].erased) ++synced_;
    ++settled;
  }
  disk_.settle(settled);
  disk_.end(DiskCall::sync);
  return {};
}

Result<void> MemoryKeyValue::checkpoint(const std::string& directory) {
  if (auto error = dead()) return fail(*error);
  if (disk_.directory(directory) != nullptr) {
    return fail(ErrorCode::conflict, "directory_exists", directory + " is there already.");
  }
  auto copy = std::make_unique<MemoryDisk>();
  pairs_->scan({}, ScanOrder::ascending, pairs_->now(), [&](std::string_view key, std::string_view value) {
    copy->image_.emplace_hint(copy->image_.end(), key, value);
    return true;
  });
  disk_.directories_.emplace(directory, std::move(copy));
  return {};
}

Result<void> MemoryKeyValue::erase_range(const KeyRange& range) {
  if (auto error = dead()) return fail(*error);
  disk_.tail_.push_back({{}, range});
  pairs_->begin_append();
  pairs_->erase(range);
  return {};
}

void MemoryKeyValue::compact() {
  if (!expired_ || dead()) return;
  std::vector<Change> drops;
  pairs_->scan({}, ScanOrder::ascending, pairs_->now(), [&](std::string_view key, std::string_view value) {
    if (expired_(key, value)) drops.push_back({std::string(key), std::nullopt});
    return true;
  });
  pairs_->begin_append();
  for (const auto& drop : drops) pairs_->write(drop.key, std::nullopt);
  // What is on disk is judged by itself: an older value there may outlive the newer one in a crash.
  std::erase_if(disk_.image_, [this](const auto& pair) { return expired_(pair.first, pair.second); });
}

}  // namespace ow::sim
