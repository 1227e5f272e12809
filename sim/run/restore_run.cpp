// See restore_run.h.
#include "sim/run/restore_run.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <set>

#include "app/restore.h"
#include "engine/restored_life.h"
#include "sim/run/machines.h"
#include "sim/run/restore_client.h"

namespace ow::sim {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 60h;
constexpr const char* kSnapshot = "snapshot";
// A restore writes before it starts, so a life that does not know of it would begin where the second restart did.
constexpr int kRestarts = 2;

class RestoreRun {
 public:
  explicit RestoreRun(const Plan& plan)
      : plan_(plan),
        world_(plan.seed),
        random_(world_.random.fork("restore")),
        machine_(world_, "platform"),
        gateway_(world_),
        client_(world_) {}

  SeedResult go() {
    world_.network.set_weather(plan_.weather);
    start_life();
    const bool ran =
        place(static_cast<int>(random_.between(1, 5))) && take_snapshot() && live_on() && restore() && settle();
    if (ran) check();
    return result(ran);
  }

 private:
  void start_life() { life_ = std::make_unique<PlatformLife>(world_, machine_, plan_, noise_, toil_); }

  bool run_until(const std::function<bool()>& done) {
    const auto end = world_.scheduler.run_until(done, {.until = kPatience});
    if (end == SimScheduler::End::reached) return true;
    findings_.push_back({"terminal", fmt::format("the run ended early ({})", static_cast<int>(end))});
    return false;
  }

  bool place(int orders) {
    auto done = std::make_shared<bool>(false);
    places_.push_back(done);
    client_.start_placing(orders, *done);
    return run_until([done] { return *done; });
  }

  /// Of everything, between two commits, with sagas under way.
  bool take_snapshot() {
    world_.scheduler.run_for(std::chrono::milliseconds(random_.between(0, 2000)));
    restoration_.id = "rst_1";
    restoration_.snapshot = kSnapshot;
    before_ = client_.attempts().size();
    const auto taken = life_->executor().run(life_->checkpoint(kSnapshot));
    restoration_.made = world_.clock.now();
    if (!taken) findings_.push_back({"start", taken.error().message});
    return taken.has_value();
  }

  void end_life() {
    life_->kill();
    life_.reset();
    machine_.disk.crash_keeping(machine_.disk.unsynced());
  }

  /// The lives that will be undone: orders and restarts, after each of which numbers begin behind what was reserved; and
  /// what their log says.
  bool live_on() {
    snapshot_ = std::make_unique<MemoryDisk>(std::move(*machine_.disk.directory(kSnapshot)));
    for (int restarts = 0; restarts < kRestarts; ++restarts) {
      if (!place(static_cast<int>(random_.between(1, 3)))) return false;
      end_life();
      world_.scheduler.run_for(1s);
      start_life();
    }
    if (!place(static_cast<int>(random_.between(1, 4)))) return false;
    world_.scheduler.run_for(std::chrono::milliseconds(random_.between(0, 5000)));
    return list_receipts() && read_log(undone_);
  }

  bool list_receipts() {
    auto done = std::make_shared<bool>(false);
    places_.push_back(done);
    client_.start_listing_receipts(receipts_, *done);
    return run_until([done] { return *done; });
  }

  bool read_log(std::vector<base::Json>& events) {
    auto done = std::make_shared<bool>(false);
    places_.push_back(done);
    life_->start_reading_log(events, *done);
    return run_until([done] { return *done; });
  }

  bool restore() {
    end_life();
    machine_.disk = std::move(*snapshot_);
    restoration_.restored = world_.clock.now();
    if (plan_.bug != Bug::numbers_again && !begin_new_life()) return false;
    if (!mark()) return false;
    start_life();
    auto resumed = std::make_shared<bool>(false);
    places_.push_back(resumed);
    client_.start_resuming(*resumed);
    return run_until([resumed] { return *resumed; });
  }

  bool begin_new_life() {
    auto key_value = MemoryKeyValue::open(machine_.disk);
    const auto begun = engine::begin_restored_life(**key_value, restoration_.restored);
    if (!begun) findings_.push_back({"start", begun.error().message});
    return begun.has_value();
  }

  /// As `orderwright restore` does it, by a process of its own.
  bool mark() {
    auto key_value = MemoryKeyValue::open(machine_.disk).value();
    auto rules = app::no_event_rules();
    auto process = std::make_unique<SimProcess>(world_, machine_);
    auto engine = engine::EmbeddedEngine::open(
                      {*key_value, process->executor, world_.clock, process->random, *rules, machine_.telemetry})
                      .value();
    const auto marked = process->executor.run(app::mark_restored(engine->store(), restoration_));
    if (!marked) findings_.push_back({"start", marked.error().message});
    process.reset();
    engine.reset();
    key_value.reset();
    machine_.disk.crash_keeping(machine_.disk.unsynced());
    return marked.has_value();
  }

  bool settle() {
    if (!place(static_cast<int>(random_.between(1, 5)))) return false;
    world_.network.set_weather({});
    client_.start_reading(books_);
    return run_until([this] { return books_.has_value(); }) && read_log(final_);
  }

  void check() {
    check_kept();
    check_numbers();
    check_money();
  }

  /// What was acknowledged before the snapshot, and after the restore, is there.
  void check_kept() {
    const auto& attempts = client_.attempts();
    for (std::size_t i = 0; i < before_; ++i) {
      if (!books_->orders.contains(attempts[i].order_id))
        findings_.push_back({"nothing_lost", attempts[i].order_id + " was there before the snapshot and is lost"});
    }
    if (!books_->orders.contains(attempts.back().order_id))
      findings_.push_back({"nothing_lost", attempts.back().order_id + " came after the restore and is lost"});
  }

  /// An event's id or a receipt's number that anybody may have seen stands for that event or order for ever.
  void check_numbers() {
    std::map<std::string, std::string> seen;
    for (const auto& event : undone_) seen[event.text_at("id")] = base::to_text(event);
    for (const auto& event : final_) {
      const auto before = seen.find(event.text_at("id"));
      if (before != seen.end() && before->second != base::to_text(event))
        findings_.push_back(
            {"numbers", fmt::format("{} was {} and is {}", before->first, before->second, base::to_text(event))});
    }
    for (const auto& receipt : books_->receipts) {
      const auto before = receipts_.find(receipt.number);
      if (before != receipts_.end() && before->second != receipt.order)
        findings_.push_back({"numbers", fmt::format("receipt {} was of {} and is of {}", receipt.number, before->second,
                                                    receipt.order)});
    }
  }

  /// Of each order the gateway knows: paid once when it completed, else given back, or owed for all to see.
  void check_money() {
    for (const auto& [order, account] : books_->accounts) {
      const auto net = account.charged_minor - account.refunded_minor;
      const auto known = books_->orders.find(order);
      const bool completed = known != books_->orders.end() && known->second.status == "completed";
      const auto due = completed ? known->second.total_minor : 0;
      if (known == books_->orders.end() && account.charges > 0) ++lost_charges_;
      if (net != due && !books_->owed.contains(order))
        findings_.push_back(
            {"restored_money", fmt::format("{} ({}) was paid {} instead of {}", order,
                                           known == books_->orders.end() ? "undone" : known->second.status, net, due)});
    }
  }

  SeedResult result(bool ran) {
    SeedResult result;
    for (const auto& one : noise_) {
      if (one.checker == "start") findings_.push_back(one);
    }
    result.findings = findings_;
    result.restores = ran ? 1 : 0;
    result.lost_charges = lost_charges_;
    take_world(world_, result);
    return result;
  }

  const Plan& plan_;
  SimWorld world_;
  SimRandom random_;
  SimMachine machine_;
  std::vector<std::shared_ptr<bool>> places_;  // what tasks of the client and of lives write to
  std::vector<tests::Finding> findings_;
  std::vector<tests::Finding> noise_;  // of watches that take a life's end for the same life's
  GatewayMachine gateway_;
  RestoreClient client_;
  Toil toil_;
  std::unique_ptr<MemoryDisk> snapshot_;
  orders::Restoration restoration_;
  std::size_t before_ = 0;
  std::map<std::string, std::string> receipts_;  // of the undone life: number, order
  std::vector<base::Json> undone_;
  std::vector<base::Json> final_;
  std::optional<tests::Books> books_;
  std::size_t lost_charges_ = 0;
  std::unique_ptr<PlatformLife> life_;
};

}  // namespace

SeedResult run_restore(const Plan& plan) { return RestoreRun(plan).go(); }

}  // namespace ow::sim
