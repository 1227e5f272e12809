// See run_seed.h.
#include "sim/run/run_seed.h"

#include <fmt/format.h>

#include <memory>

#include "sim/run/machines.h"
#include "sim/run/mail_check.h"
#include "sim/run/operators.h"
#include "sim/run/replayer.h"
#include "sim/run/shoppers.h"

namespace ow::sim {
namespace {

using namespace std::chrono_literals;

// Far beyond the 15 minutes of a hold and every back-off: whoever has not ended by then never will.
constexpr auto kPatience = 60h;
// Thirty times what a seed takes: one that goes round in a circle is a finding, not a hanging run.
constexpr std::uint64_t kRunStepsMax = 1'000'000;

class Run {
 public:
  explicit Run(const Plan& plan)
      : plan_(plan),
        world_(plan.seed),
        faults_(world_.random.fork("faults")),
        machine_(world_, "platform"),
        gateway_(world_),
        shoppers_(world_, plan),
        operator_(world_, toil_),
        operators_(world_, plan),
        replayer_(world_, plan) {}

  SeedResult go() {
    world_.network.set_weather(plan_.weather);
    world_.mail_server.set_weather(plan_.mail);
    // The shoppers' requests always come; whether the gateway's do depends on the stock.
    world_.network.plan(kPlatformUrl, plan_.shopper_fault_at, plan_.fault);
    world_.network.plan(kGatewayUrl, plan_.gateway_fault_at, plan_.fault);
    if (plan_.disk_full) shoppers_.executor().arrive_after(milliseconds(0, 4000), [this] { fill_disk(); });
    start_life();
    shoppers_.start();
    operator_.start();
    if (plan_.operators) operators_.start();
    if (plan_.replays) replayer_.start();
    const bool served = run_through([this] {
      return shoppers_.served() && (!plan_.operators || operators_.done()) && (!plan_.replays || replayer_.served());
    });
    while (served && crashes_ < plan_.crashes) crash();
    calm_down();
    if (served && plan_.operators) {
      operators_.start_settling();
      run_through([this] { return operators_.finished(); });
    }
    if (served) shoppers_.start_reading();
    if (served) run_through([this] { return shoppers_.finished() && operator_.finished(); });
    if (served && plan_.replays) read_copies();
    return reckon();
  }

 private:
  base::Duration milliseconds(std::int64_t low, std::int64_t high) {
    return std::chrono::milliseconds(faults_.between(low, high));
  }

  void tell(const std::string& line) {
    world_.history.note(line);
    if (plan_.trace) world_.history.tell(fmt::format("{:>12} us  {}", world_.clock.ticks().count(), line));
  }

  void start_life() {
    life_ = std::make_unique<PlatformLife>(world_, machine_, plan_, findings_, toil_);
    if (crashes_ < plan_.crashes) plan_crash();
  }

  // Half the crashes fall between two calls of the disk, half at any time.
  void plan_crash() {
    if (faults_.chance(500)) {
      const auto call = faults_.chance(500) ? DiskCall::append : DiskCall::sync;
      const auto nth = 1 + faults_.below(120);
      const auto kill = [this] { life_->kill(); };
      faults_.chance(500) ? machine_.disk.before_call(call, nth, kill) : machine_.disk.after_call(call, nth, kill);
    } else {
      // The shoppers' machine lives on, so the moment comes whatever the platform does.
      shoppers_.executor().arrive_after(milliseconds(1, 6000), [this, life = crashes_] {
        if (life == crashes_ && life_ && crashes_ < plan_.crashes) life_->kill();
      });
    }
  }

  void fill_disk() {
    tell("the disk is full");
    machine_.disk.set_full(true);
    shoppers_.executor().arrive_after(milliseconds(100, 5000), [this] {
      tell("the disk has room again");
      machine_.disk.set_full(false);
    });
  }

  void crash() {
    life_->kill();
    bury();
  }

  // The process is gone; what its disk keeps is drawn, and after a while the next life begins.
  void bury() {
    ++crashes_;
    crash_times_.push_back(world_.clock.now());
    life_.reset();
    const bool power_cut = faults_.chance(500);
    power_cut ? machine_.disk.crash(faults_) : machine_.disk.crash_keeping(machine_.disk.unsynced());
    machine_.disk.forget_plans();
    tell(power_cut ? "power cut" : "process killed");
    world_.scheduler.run_for(milliseconds(0, 3000));
    start_life();
  }

  bool run_through(const std::function<bool()>& done) {
    while (true) {
      const auto end = world_.scheduler.run_until(done, {.until = kPatience, .steps = kRunStepsMax});
      if (end == SimScheduler::End::reached) return true;
      if (end != SimScheduler::End::halted) {
        findings_.push_back({"terminal", fmt::format("the run ended early ({}) after {} steps", static_cast<int>(end),
                                                     world_.scheduler.steps())});
        return false;
      }
      bury();
    }
  }

  // From here on the world is kind, so that everything must come to its end.
  void calm_down() {
    tell("the faults stop");
    machine_.disk.forget_plans();
    machine_.disk.set_full(false);
    world_.network.set_weather({});
    world_.mail_server.set_weather({});
    shoppers_.listeners().calm_down();
  }

  void read_copies() {
    replayer_.start_reading();
    if (!run_through([this] { return replayer_.drained(); })) return;
    life_->start_reading_log(replayer_.events(), log_read_);
    run_through([this] { return log_read_; });
  }

  SeedResult reckon() {
    SeedResult result;
    result.findings = findings_;
    for (const auto& finding : toil_.findings) result.findings.push_back(finding);
    for (const auto& complaint : shoppers_.complaints()) result.findings.push_back(complaint);
    for (const auto& one : operators_.findings()) result.findings.push_back(one);
    result.redrives = operators_.redrives();
    result.pauses = operators_.pauses();
    if (shoppers_.finished()) {
      const auto& books = shoppers_.books();
      shoppers_.listeners().check(books, result.findings);
      check_mail(world_.mail_server, books, shoppers_.attempts(), result.findings);
      for (auto& one : tests::audit(books, shoppers_.attempts(), shoppers_.supply())) result.findings.push_back(one);
      result.orders = books.orders.size();
      result.completed = books.completed();
      result.crashes_inside_saga = static_cast<int>(tests::count_inside_saga(books, crash_times_));
    }
    result.deliveries = shoppers_.listeners().received();
    if (log_read_) {
      for (auto& one : replayer_.findings()) result.findings.push_back(one);
      result.replays = replayer_.replays();
      result.copies = replayer_.copies();
    }
    result.crashes = crashes_;
    result.cancels = shoppers_.cancels();
    take_world(world_, result);
    return result;
  }

  const Plan& plan_;
  SimWorld world_;
  SimRandom faults_;
  SimMachine machine_;
  std::vector<tests::Finding> findings_;
  GatewayMachine gateway_;
  Shoppers shoppers_;
  Toil toil_;
  ToilOperator operator_;
  Operators operators_;
  Replayer replayer_;
  bool log_read_ = false;
  std::unique_ptr<PlatformLife> life_;
  std::vector<base::Instant> crash_times_;
  int crashes_ = 0;
};

}  // namespace

SeedResult run_seed(const Plan& plan) { return Run(plan).go(); }

void take_world(SimWorld& world, SeedResult& result) {
  result.faults = world.network.faults();
  result.steps = world.scheduler.steps();
  world.history.note("steps", world.scheduler.steps());
  result.fingerprint = world.history.fingerprint();
  result.history = world.history.lines();
}

}  // namespace ow::sim
