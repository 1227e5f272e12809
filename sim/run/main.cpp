// The simulator: whole orders under crashes and faults, a seed a run; strong and weak halves. Prints what it
// did and fails when a checker finds something, when a seed does not repeat, or when nothing happened.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <string>
#include <vector>

#include "sim/run/bugs.h"
#include "sim/run/restore_run.h"
#include "sim/run/run_seed.h"

namespace ow::sim {
namespace {

struct Options {
  std::uint64_t first = 1;
  std::uint64_t seeds = 100;
  std::uint64_t jobs = 2;
  bool one = false;
  bool trace = false;
  bool planted = false;
  std::string only = {};  // one planted bug by name
};

struct Totals {
  std::uint64_t seeds = 0, weak = 0, orders = 0, completed = 0, crashes = 0, inside = 0, faults = 0, cancels = 0,
                failed = 0;
  std::uint64_t deliveries = 0, replays = 0, copies = 0;
  std::uint64_t redrives = 0, pauses = 0;
  std::uint64_t restores = 0, lost_charges = 0;

  void add(const Plan& plan, const SeedResult& result) {
    ++seeds;
    weak += plan.weak ? 1 : 0;
    orders += result.orders;
    completed += result.completed;
    crashes += static_cast<std::uint64_t>(result.crashes);
    inside += static_cast<std::uint64_t>(result.crashes_inside_saga);
    faults += result.faults;
    cancels += static_cast<std::uint64_t>(result.cancels);
    deliveries += result.deliveries;
    redrives += static_cast<std::uint64_t>(result.redrives);
    pauses += static_cast<std::uint64_t>(result.pauses);
    replays += result.replays;
    copies += result.copies;
  }
  void add_restore(const SeedResult& result) { restores += result.restores, lost_charges += result.lost_charges; }
  void add(const Totals& other) {
    seeds += other.seeds, weak += other.weak, orders += other.orders, completed += other.completed;
    crashes += other.crashes, inside += other.inside, faults += other.faults, cancels += other.cancels;
    failed += other.failed, deliveries += other.deliveries, replays += other.replays, copies += other.copies;
    redrives += other.redrives, pauses += other.pauses;
    restores += other.restores, lost_charges += other.lost_charges;
  }
};

// Two runs of every such seed must agree.
constexpr std::uint64_t kRepeatEvery = 25;
// Every such seed also runs the restore workload.
constexpr std::uint64_t kRestoreEvery = 5;

void print_failure(const Plan& plan, const SeedResult& result) {
  fmt::print("FAILED {}\n", describe(plan));
  for (const auto& one : result.findings) fmt::print("  {}: {}\n", one.checker, one.what);
  fmt::print("  repeat it with: ./dev sim --seed {} --trace\n", plan.seed);
  std::fflush(stdout);
}

// On the strong half: a snapshot is of one engine.
void add_restore(Plan plan, SeedResult& result, Totals& totals) {
  plan.weak = false;
  const auto restored = run_restore(plan);
  totals.add_restore(restored);
  for (const auto& one : restored.findings) result.findings.push_back(one);
  if (plan.seed % kRepeatEvery == 0 && run_restore(plan).fingerprint != restored.fingerprint) {
    result.findings.push_back({"determinism", "two restores of this seed differ"});
  }
}

Totals run_share(const Options& options, std::uint64_t share) {
  Totals totals;
  for (auto seed = options.first + share; seed < options.first + options.seeds; seed += options.jobs) {
    const auto plan = draw_plan(seed);
    auto result = run_seed(plan);
    totals.add(plan, result);
    if (seed % kRepeatEvery < 2 && run_seed(plan).fingerprint != result.fingerprint) {
      result.findings.push_back({"determinism", "two runs of this seed differ"});
    }
    if (result.crashes == 0) result.findings.push_back({"plan", "no crash happened"});
    if (result.faults == 0) result.findings.push_back({"plan", "no fault happened"});
    if (seed % kRestoreEvery == 0) add_restore(plan, result, totals);
    if (result.findings.empty()) continue;
    ++totals.failed;
    print_failure(plan, result);
  }
  return totals;
}

// Shares run in processes of their own and hand their totals back through a pipe.
Totals run_all(const Options& options) {
  std::vector<int> pipes;
  for (std::uint64_t share = 0; share < options.jobs; ++share) {
    int ends[2];
    if (::pipe(ends) != 0) return {};
    std::fflush(stdout);
    if (::fork() == 0) {
      const auto totals = run_share(options, share);
      const bool written = ::write(ends[1], &totals, sizeof totals) == static_cast<ssize_t>(sizeof totals);
      std::fflush(stdout);
      ::_exit(written ? 0 : 1);
    }
    ::close(ends[1]);
    pipes.push_back(ends[0]);
  }
  Totals sum;
  for (const int end : pipes) {
    Totals totals;
    if (::read(end, &totals, sizeof totals) == static_cast<ssize_t>(sizeof totals)) {
      sum.add(totals);
    } else {
      fmt::print("a share of the seeds died before its end\n");
      ++sum.failed;
    }
    ::close(end);
    int status = 0;
    ::wait(&status);
  }
  return sum;
}

int run_many(const Options& options) {
  const auto totals = run_all(options);
  fmt::print(
      "{} seeds ({} weak): {} orders ({} completed, {} cancel requests), {} crashes ({} inside a saga), {} network "
      "faults, "
      "{} webhook requests, {} redrives, {} pauses, {} replays with {} copies, {} restores with {} charges of undone "
      "orders, "
      "{} failed\n",
      totals.seeds, totals.weak, totals.orders, totals.completed, totals.cancels, totals.crashes, totals.inside,
      totals.faults, totals.deliveries, totals.redrives, totals.pauses, totals.replays, totals.copies, totals.restores,
      totals.lost_charges, totals.failed);
  const bool happened = totals.orders > 0 && totals.crashes > 0 && totals.inside > 0 && totals.faults > 0 &&
                        totals.deliveries > 0 && (totals.seeds < kRepeatEvery || totals.copies > 0);
  if (!happened)
    fmt::print("nothing happened: a simulation without orders, crashes, faults or replays proves nothing\n");
  return totals.failed == 0 && happened ? 0 : 1;
}

/// Bugs of those who are told show where nothing else goes wrong.
bool is_of_notices(Bug bug) {
  return bug == Bug::lost_webhook || bug == Bug::lost_mail || bug == Bug::second_mail || bug == Bug::receipt_gap ||
         bug == Bug::second_receipt;
}

constexpr Bug kBugs[] = {Bug::dropped_ack,        Bug::double_charge,        Bug::lost_hold,      Bug::swapped_group,
                         Bug::answer_before_sync, Bug::forgotten_transition, Bug::lost_redrive,   Bug::lost_webhook,
                         Bug::lost_mail,          Bug::second_mail,          Bug::receipt_gap,    Bug::second_receipt,
                         Bug::unasked_gateway,    Bug::numbers_again,        Bug::skipped_replay, Bug::doubled_replay,
                         Bug::swapped_replay};

Plan plan_with(Bug bug, std::uint64_t seed) {
  auto plan = is_of_notices(bug) ? draw_calm_plan(seed) : draw_plan(seed);
  plan.bug = bug;
  plan.operators = plan.operators || bug == Bug::forgotten_transition;
  plan.replays = plan.replays || is_of_replays(bug);
  return plan;
}

// The seeds after which the named checker finds a planted bug; 0 when none does.
std::uint64_t seeds_until_found(Bug bug, std::uint64_t seeds_max) {
  for (std::uint64_t tried = 1; tried <= seeds_max; ++tried) {
    // Even seeds are strong: group order is not promised on the weak half.
    const auto plan = plan_with(bug, tried * 2);
    const auto result = is_of_restore(bug) ? run_restore(plan) : run_seed(plan);
    for (const auto& one : result.findings) {
      if (one.checker == checker_for(bug)) return tried;
    }
  }
  return 0;
}

int run_one(const Options& options) {
  auto plan = draw_plan(options.first);
  for (const auto bug : kBugs) {
    if (options.only == name_of(bug)) plan = plan_with(bug, options.first);
  }
  plan.trace = options.trace;
  fmt::print("{}\n", describe(plan));
  auto result = run_seed(plan);
  Totals totals;
  if (plan.seed % kRestoreEvery == 0) add_restore(plan, result, totals);
  for (const auto& line : result.history) fmt::print("{}\n", line);
  for (const auto& one : result.findings) fmt::print("  {}: {}\n", one.checker, one.what);
  fmt::print("{} orders ({} completed), {} crashes, {} faults, {} steps, fingerprint {:016x}\n", result.orders,
             result.completed, result.crashes, result.faults, result.steps, result.fingerprint);
  return result.findings.empty() ? 0 : 1;
}

int run_planted(const std::string& only) {
  constexpr std::uint64_t kSeedsMax = 100;
  int missed = 0;
  for (const auto bug : kBugs) {
    if (!only.empty() && only != name_of(bug)) continue;
    const auto tried = seeds_until_found(bug, kSeedsMax);
    if (tried == 0) ++missed;
    fmt::print("planted {:<20} {}\n", name_of(bug),
               tried == 0 ? fmt::format("MISSED by {} in {} seeds", checker_for(bug), kSeedsMax)
                          : fmt::format("found by {} after {} seeds", checker_for(bug), tried));
    std::fflush(stdout);
  }
  return missed == 0 ? 0 : 1;
}

bool take(Options& options, const std::string& name, const std::string& value) {
  std::uint64_t number = 0;
  const auto* end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc{} || rest != end) return false;
  if (name == "--seed")
    options.one = true, options.first = number;
  else if (name == "--seeds")
    options.seeds = number;
  else if (name == "--first")
    options.first = number;
  else if (name == "--jobs" && number > 0)
    options.jobs = number;
  else
    return false;
  return true;
}

int simulate(const std::vector<std::string>& words) {
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--trace") {
      options.trace = true;
    } else if (words[i] == "--planted") {
      options.planted = true;
      if (i + 1 < words.size()) options.only = words[++i];
    } else if (i + 1 < words.size() && take(options, words[i], words[i + 1])) {
      ++i;
    } else {
      fmt::print(stderr,
                 "usage: simulate [--seeds N] [--first S] [--jobs N] | --seed S [--trace] [--planted BUG] | --planted "
                 "[BUG]\n");
      return 2;
    }
  }
  if (options.planted && !options.one) return run_planted(options.only);
  return options.one ? run_one(options) : run_many(options);
}

}  // namespace
}  // namespace ow::sim

int main(int argc, char** argv) { return ow::sim::simulate({argv + 1, argv + argc}); }
