// The disk of a simulated machine, as far as its KeyValue and its log use it: what survives the process, which
// is the synced image and the appends behind it, the files of the log, and what fails by plan. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/key_value.h"
#include "sim/world/sim_random.h"

namespace ow::sim {

enum class DiskCall : std::uint8_t { append, sync, read };

class MemoryDisk {
 public:
  using Hook = std::function<void()>;

  /// The n-th call of the kind from now on (1: the next) fails: append and sync with `error`, a read as
  /// damage. storage_full on an append passes, every other failure of append or sync is final for the open.
  void fail(DiskCall call, std::uint64_t nth, base::Error error);
  /// The n-th read from now on reports damage and names `file`.
  void damage_read(std::uint64_t nth, const std::string& file);
  /// Runs the hook before or after the n-th call from now on.
  void before_call(DiskCall call, std::uint64_t nth, Hook hook);
  void after_call(DiskCall call, std::uint64_t nth, Hook hook);
  /// Drops everything planned above.
  void forget_plans();
  /// Every append answers storage_full while this is true, and the log's files do not grow.
  void set_full(bool full) { full_ = full; }
  bool full() const { return full_; }
  /// A memory_only read finds its data cold (error unavailable) this often; drawn from `random`.
  void set_cold_reads(std::uint32_t per_mille, SimRandom random);

  /// A file that says something by being there; durable at once.
  void mark(const std::string& name) { marks_.insert(name); }
  bool marked(const std::string& name) const { return marks_.contains(name); }

  /// From now on the open process changes nothing any more: its calls fail. Its appends stay for crash().
  void power_off() { ++generation_; }
  /// Power cut: keeps the synced prefix and a random number of the appends behind it; the open process, if
  /// any, is cut off.
  /// Of the log's files each sector that was not synced is as it was or as it was written.
  void crash(SimRandom& random);
  /// The end of a process with the power on, but keeps exactly the first `unsynced` of the appends that were not
  /// synced.
  void crash_keeping(std::size_t unsynced);

  std::size_t unsynced() const { return tail_.size(); }
  std::uint64_t calls(DiskCall call) const { return calls_[static_cast<std::size_t>(call)]; }
  /// The pairs that a crash now would certainly keep.
  const std::map<std::string, std::string>& synced() const { return image_; }
  /// The copy that checkpoint(directory) made; nothing when there is none.
  MemoryDisk* directory(const std::string& name);

 private:
  friend class MemoryKeyValue;
  friend class SimLogDisk;
  friend class SimLogFile;

  static constexpr std::uint64_t kSector = 512;

  /// A file of the log: its bytes, and the sectors whose last sync is behind them, as they were then.
  struct LogBytes {
    std::string bytes;
    std::map<std::uint64_t, std::string> unsynced;
  };

  struct Append {
    std::vector<platform::Change> batch;
    std::optional<platform::KeyRange> erased = std::nullopt;  // erase_range instead of a batch
  };
  struct Plan {
    DiskCall call;
    std::uint64_t at;  // absolute number of the call
    bool after;
    std::optional<base::Error> error;
    Hook hook;
  };

  std::optional<base::Error> begin(DiskCall call);
  void end(DiskCall call);
  void run_hooks(DiskCall call, bool after);
  void settle(std::size_t appends);
  bool cold();

  std::map<std::string, std::string> image_;
  std::deque<Append> tail_;
  std::map<std::string, std::shared_ptr<LogBytes>> log_files_;
  std::set<std::string> marks_;
  std::map<std::string, std::unique_ptr<MemoryDisk>> directories_;
  std::uint64_t calls_[3] = {};
  std::vector<Plan> plans_;
  std::uint64_t generation_ = 0;
  bool in_use_ = false;
  bool full_ = false;
  std::uint32_t cold_per_mille_ = 0;
  SimRandom cold_random_{0};
};

}  // namespace ow::sim
