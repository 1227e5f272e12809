// See sim_scheduler.h.
#include "sim/world/sim_scheduler.h"

#include <algorithm>
#include <optional>

#include "sim/world/sim_executor.h"

namespace ow::sim {

using base::Duration;

namespace {

constexpr std::int64_t kStepUsMax = 20;

}  // namespace

SimScheduler::SimScheduler(SimClock& clock, SimRandom random, History& history)
    : clock_(clock), random_(random), history_(history) {}

bool SimScheduler::any_halted() const {
  return std::any_of(processes_.begin(), processes_.end(), [](const auto* process) { return process->halted(); });
}

bool SimScheduler::ready() const {
  return std::any_of(processes_.begin(), processes_.end(), [](const auto* process) { return process->choices() != 0; });
}

bool SimScheduler::sleeping() const {
  return std::any_of(processes_.begin(), processes_.end(),
                     [](auto* process) { return process->next_due().has_value(); });
}

bool SimScheduler::advance(Duration until) {
  std::optional<Duration> next;
  for (auto* process : processes_) {
    const auto due = process->next_due();
    if (due && (!next || *due < *next)) next = due;
  }
  if (!next || *next > until) return false;
  clock_.advance(std::max(Duration(0), *next - clock_.ticks()));
  wake_due();
  return true;
}

void SimScheduler::wake_due() {
  for (auto* process : processes_) process->wake_due(clock_.ticks());
}

void SimScheduler::step() {
  std::size_t total = 0;
  for (const auto* process : processes_) total += process->choices();
  std::size_t choice = random_.below(total);
  history_.note("step", choice << 32 | total);
  auto process = processes_.begin();
  while (choice >= (*process)->choices()) choice -= (*process++)->choices();
  ++steps_;
  (*process)->run((*process)->take(choice));
  clock_.advance(Duration(random_.between(1, kStepUsMax)));
  wake_due();
}

SimScheduler::End SimScheduler::run_until(const std::function<bool()>& reached, Limits limits) {
  wake_due();
  for (std::uint64_t taken = 0;; ++taken) {
    if (any_halted()) return End::halted;
    if (reached()) return End::reached;
    if (clock_.ticks() >= limits.until) return End::time;
    if (taken == limits.steps) return End::steps;
    if (!ready() && !advance(limits.until)) return sleeping() ? End::time : End::idle;
    step();
  }
}

SimScheduler::End SimScheduler::run_for(Duration span) {
  const Duration until = clock_.ticks() + span;
  const End end = run_until([] { return false; }, {until, kStepsMax});
  if (end != End::halted && clock_.ticks() < until) clock_.advance(until - clock_.ticks());
  return end;
}

SimScheduler::End SimScheduler::run_until_idle() {
  return run_until([] { return false; });
}

}  // namespace ow::sim
