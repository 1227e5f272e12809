// See memory_disk.h.
#include "sim/world/memory_disk.h"

#include <algorithm>
#include <utility>

namespace ow::sim {

using base::ErrorCode;
using platform::Change;
using platform::KeyRange;

namespace {

void apply_batch(std::map<std::string, std::string>& image, const std::vector<Change>& batch) {
  for (const auto& change : batch) {
    if (change.value) {
      image.insert_or_assign(change.key, *change.value);
    } else {
      image.erase(change.key);
    }
  }
}

void erase_range(std::map<std::string, std::string>& image, const KeyRange& range) {
  if (!range.to.empty() && range.to <= range.from) return;
  image.erase(image.lower_bound(range.from), range.to.empty() ? image.end() : image.lower_bound(range.to));
}

}  // namespace

void MemoryDisk::fail(DiskCall call, std::uint64_t nth, base::Error error) {
  plans_.push_back({call, calls(call) + nth, false, std::move(error), {}});
}

void MemoryDisk::damage_read(std::uint64_t nth, const std::string& file) {
  fail(DiskCall::read, nth, {ErrorCode::internal, "storage_damaged", "Damage in file " + file + "."});
}

void MemoryDisk::before_call(DiskCall call, std::uint64_t nth, Hook hook) {
  plans_.push_back({call, calls(call) + nth, false, std::nullopt, std::move(hook)});
}

void MemoryDisk::after_call(DiskCall call, std::uint64_t nth, Hook hook) {
  plans_.push_back({call, calls(call) + nth, true, std::nullopt, std::move(hook)});
}

void MemoryDisk::forget_plans() { plans_.clear(); }

void MemoryDisk::set_cold_reads(std::uint32_t per_mille, SimRandom random) {
  cold_per_mille_ = per_mille;
  cold_random_ = random;
}

MemoryDisk* MemoryDisk::directory(const std::string& name) {
  const auto found = directories_.find(name);
  return found == directories_.end() ? nullptr : found->second.get();
}

void MemoryDisk::crash(SimRandom& random) {
  crash_keeping(random.below(tail_.size() + 1));
  for (const auto& [name, file] : log_files_) {
    for (const auto& [sector, before] : file->unsynced) {
      if (random.below(2) == 0) file->bytes.replace(sector * kSector, before.size(), before);
    }
    file->unsynced.clear();
  }
}

void MemoryDisk::crash_keeping(std::size_t unsynced) {
  settle(std::min(unsynced, tail_.size()));
  tail_.clear();
  in_use_ = false;
  ++generation_;
}

std::optional<base::Error> MemoryDisk::begin(DiskCall call) {
  std::erase_if(plans_, [&](const Plan& plan) { return plan.call == call && plan.at <= calls(call); });
  ++calls_[static_cast<std::size_t>(call)];
  run_hooks(call, false);
  for (const auto& plan : plans_) {
    if (plan.error && plan.call == call && plan.at == calls(call)) return plan.error;
  }
  return std::nullopt;
}

void MemoryDisk::end(DiskCall call) { run_hooks(call, true); }

void MemoryDisk::run_hooks(DiskCall call, bool after) {
  if (plans_.empty()) return;
  std::vector<Hook> due;  // a hook may plan more
  for (const auto& plan : plans_) {
    if (plan.hook && plan.call == call && plan.after == after && plan.at == calls(call)) due.push_back(plan.hook);
  }
  for (const auto& hook : due) hook();
}

void MemoryDisk::settle(std::size_t appends) {
  for (; appends != 0; --appends) {
    const Append& first = tail_.front();
    apply_batch(image_, first.batch);
    if (first.erased) erase_range(image_, *first.erased);
    tail_.pop_front();
  }
}

bool MemoryDisk::cold() { return cold_random_.chance(cold_per_mille_); }

}  // namespace ow::sim
