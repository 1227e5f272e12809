// The journaled store against a model, with crashes between any two calls of the disk: what is there after a
// crash is what was there after one of the appends, at least the last synced one. After a power cut sectors that
// were not synced are there or not, one by one.
#include <gtest/gtest.h>

#include <map>

#include "contracts/key_value_pairs.h"
#include "harness/journaled_memory.h"
#include "sim/world/sim_random.h"

namespace ow::engine {
namespace {

using contracts::Pairs;
using platform::Change;
using platform::KeyRange;
using platform::KeyValue;
using platform::ScanOrder;
using sim::DiskCall;
using State = std::map<std::string, std::string>;

constexpr int kStepsPerLife = 60;
constexpr int kLives = 6;
constexpr std::uint64_t kKeys = 24;

Pairs pairs_in(const State& state, const KeyRange& range, ScanOrder order) {
  Pairs pairs;
  for (const auto& pair : state) {
    if (pair.first >= range.from && (range.to.empty() || pair.first < range.to)) pairs.push_back(pair);
  }
  if (order == ScanOrder::descending) std::reverse(pairs.begin(), pairs.end());
  return pairs;
}

class Lives {
 public:
  explicit Lives(std::uint64_t seed) : random_(seed), states_(1) {}

  void go() {
    for (int life = 0; life < kLives; ++life) {
      open();
      if (testing::Test::HasFatalFailure()) return;
      plan_end();
      for (int step = 0; step < kStepsPerLife && alive_; ++step) one_step();
      end();
    }
    open();
  }

 private:
  JournalOptions options() {
    JournalOptions options;
    options.segment_bytes = 24 << 10;
    options.overlay_keys = 4 + random_.below(12);
    options.overlay_bytes = 1 << 20;
    if (random_.below(2) == 0) {
      options.background = [this](platform::Job job) { jobs_.push_back(std::move(job)); };
    }
    return options;
  }

  void open() {
    auto opened = tests::open_journaled_memory(disk_, options());
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(*opened);
    const Pairs found = contracts::scan(*store_->view(), {}, ScanOrder::ascending, 1'000'000);
    std::size_t match = states_.size();
    while (match > kept_min_ && pairs_in(states_[match - 1], {}, ScanOrder::ascending) != found) --match;
    ASSERT_GT(match, kept_min_) << "what is there is no state since the last synced one";
    states_ = {states_[match - 1]};
    kept_min_ = 0;
    alive_ = true;
  }

  /// The power goes at some call of the disk, or the process ends after its steps.
  void plan_end() {
    const auto call = random_.below(3) == 0 ? DiskCall::sync : DiskCall::append;
    const auto off = [this] {
      disk_.power_off();
      alive_ = false;
    };
    const auto nth = 1 + random_.below(40);
    random_.below(2) == 0 ? disk_.before_call(call, nth, off) : disk_.after_call(call, nth, off);
  }

  void end() {
    jobs_.clear();
    views_.clear();
    const bool in_order = alive_ && random_.below(2) == 0;
    if (!in_order) disk_.power_off();
    store_.reset();
    disk_.forget_plans();
    if (random_.below(3) == 0) {
      disk_.crash_keeping(disk_.unsynced());
      kept_min_ = appended_;
    } else if (!in_order || !alive_) {
      disk_.crash(random_);
    }
    appended_ = 0;
  }

  void one_step() {
    switch (random_.below(12)) {
      case 0:
        return erase_range();
      case 1:
        return run_job();
      case 2:
        return take_view();
      case 3:
        return check_view();
      case 4:
      case 5:
      case 6:
        return sync();
      default:
        return append();
    }
  }

  std::string key() { return "k" + std::to_string(10 + random_.below(kKeys)); }

  void append() {
    std::vector<Change> batch(1 + random_.below(5));
    State next = states_.back();
    for (auto& change : batch) {
      change.key = key();
      next.erase(change.key);
      if (random_.below(3) == 0) continue;
      change.value = std::string(random_.below(8) == 0 ? random_.below(9000) : random_.below(60),
                                 static_cast<char>('a' + random_.below(26)));
      next[change.key] = *change.value;
    }
    states_.push_back(std::move(next));
    const auto appended = store_->append(batch);
    if (!appended) return died(appended.error());
    position_ = *appended;
    appended_ = states_.size() - 1;
  }

  void erase_range() {
    KeyRange range{key(), random_.below(5) == 0 ? "" : key()};
    if (random_.below(10) == 0) range.from.clear();
    State next;
    for (const auto& pair : states_.back()) {
      if (pair.first < range.from || (!range.to.empty() && pair.first >= range.to)) next.insert(pair);
    }
    states_.push_back(std::move(next));
    if (const auto erased = store_->erase_range(range); !erased) return died(erased.error());
    appended_ = states_.size() - 1;
  }

  void sync() {
    const auto synced = store_->sync(position_);
    if (!synced) return died(synced.error());
    kept_min_ = appended_;
  }

  void died(const base::Error& error) {
    EXPECT_EQ(error.reason, "power_off") << error.message;
    alive_ = false;
  }

  void run_job() {
    if (jobs_.empty()) return;
    const auto job = std::move(jobs_.front());
    jobs_.erase(jobs_.begin());
    job();
  }

  void take_view() { views_.emplace_back(store_->view(), states_.back()); }

  void check_view() {
    if (!alive_) return;
    views_.emplace_back(store_->view(), states_.back());
    const auto chosen = views_.begin() + static_cast<std::ptrdiff_t>(random_.below(views_.size()));
    const KeyRange range{random_.below(3) == 0 ? "" : key(), random_.below(3) == 0 ? "" : key()};
    const auto order = random_.below(2) == 0 ? ScanOrder::ascending : ScanOrder::descending;
    EXPECT_EQ(contracts::scan(*chosen->first, range, order), pairs_in(chosen->second, range, order));
    const auto name = key();
    const auto found = states_.back().find(name);
    EXPECT_EQ(contracts::get(*store_, name),
              found == states_.back().end() ? std::nullopt : std::optional(found->second));
    views_.erase(chosen);
  }

  sim::SimRandom random_;
  sim::MemoryDisk disk_;
  std::vector<State> states_;  // after each append since the open
  std::size_t kept_min_ = 0;   // index of the state that a crash keeps at least
  std::size_t appended_ = 0;   // index of the last that was taken
  platform::LogPosition position_ = 0;
  bool alive_ = true;
  std::vector<platform::Job> jobs_;
  std::unique_ptr<KeyValue> store_;
  std::vector<std::pair<std::unique_ptr<platform::KeyValueView>, State>> views_;
};

TEST(JournalCrash, what_a_crash_leaves_is_a_prefix_with_all_that_was_synced) {
  for (std::uint64_t seed = 1; seed <= 400 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Lives(seed).go();
  }
}

}  // namespace
}  // namespace ow::engine
