// Any definition, interrupted at any transition: the same end, the same history, and no task's effect twice.
// Definitions are drawn: sequences of tasks that fail now and then, waits, branches and items, nested. Test
// thread only.
#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "workflow/history_pages.h"
#include "workflow/transition_bench.h"

namespace ow::workflow_test {
namespace {

using base::Json;
using base::Result;
using base::Task;
using workflow::TaskInput;
using workflow::TaskOutcome;
using Fate = TransitionBench::Fate;

/// `{"failures": n}`: the first n attempts fail, with an effect all the same.
Task<Result<TaskOutcome>> work(TaskInput input, std::map<std::string, int>* outside) {
  if (outside != nullptr) ++(*outside)[input.key + " " + std::to_string(input.attempt)];
  TaskOutcome outcome;
  outcome.commit.event({input.execution.text, input.state + " " + input.key + " " + std::to_string(input.attempt),
                        "test", "{}", input.entered});
  const auto failures = input.input.integer_at("failures").value_or(0);
  if (input.attempt <= failures) {
    outcome.failure = workflow::TaskFailure{"Broken", input.state};
    co_return outcome;
  }
  outcome.output = Json::object({{"by", input.state}, {"attempt", Json(input.attempt)}});
  co_return outcome;
}

/// Draws definitions; each state has a name of its own.
class Draughtsman {
 public:
  Json machine(int depth) {
    auto states = Json::object();
    const int count = *rc::gen::inRange(1, 6);
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) names.push_back("S" + std::to_string(++named_));
    for (int i = 0; i < count; ++i) {
      auto state = draw(depth);
      if (i + 1 < count) {
        state.set("Next", names[static_cast<std::size_t>(i) + 1]);
      } else {
        state.set("End", Json(true));
      }
      states.set(names[static_cast<std::size_t>(i)], std::move(state));
    }
    return Json::object({{"StartAt", names.front()}, {"States", std::move(states)}});
  }

 private:
  Json draw(int depth) {
    switch (*rc::gen::inRange(0, depth > 0 ? 6 : 4)) {
      case 0:
        return task("pure");
      case 1:
        return task("outside");
      case 2:
        return Json::object({{"Type", "Pass"}, {"Result", Json(++named_)}, {"ResultPath", "$.passed"}});
      case 3:
        return Json::object({{"Type", "Wait"}, {"Seconds", Json(*rc::gen::inRange(0, 20))}});
      case 4:
        return parallel(depth);
      default:
        return map(depth);
    }
  }

  Json task(const char* resource) {
    auto state = Json::object({{"Type", "Task"},
                               {"Resource", resource},
                               {"Parameters", Json::object({{"failures", Json(*rc::gen::inRange(0, 3))}})},
                               {"ResultPath", "$.task"}});
    if (*rc::gen::inRange(0, 3) > 0) add_retry(state);
    return state;
  }

  void add_retry(Json& state) {
    state.set("Retry", Json::array({Json::object({{"ErrorEquals", Json::array({"States.ALL"})},
                                                  {"IntervalSeconds", Json(*rc::gen::inRange(1, 5))},
                                                  {"MaxAttempts", Json(*rc::gen::inRange(1, 5))}})}));
  }

  Json parallel(int depth) {
    auto branches = Json::array();
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i) branches.push_back(machine(depth - 1));
    auto state = Json::object({{"Type", "Parallel"}, {"Branches", std::move(branches)}, {"ResultPath", "$.branches"}});
    if (*rc::gen::arbitrary<bool>()) add_retry(state);
    return state;
  }

  Json map(int depth) {
    auto state = Json::object({{"Type", "Map"},
                               {"ItemProcessor", machine(depth - 1)},
                               {"MaxConcurrency", Json(*rc::gen::inRange(0, 3))},
                               {"ItemsPath", "$.list"},
                               {"ResultPath", "$.items"}});
    if (*rc::gen::arbitrary<bool>()) state.set("ToleratedFailureCount", Json(*rc::gen::inRange(0, 3)));
    return state;
  }

  int named_ = 0;
};

constexpr int kStepsMax = 5000;

struct End {
  std::string status;
  std::string output;
  std::string error;
  std::vector<std::string> effects;  // sorted
  std::vector<std::string> history;
  int steps = 0;
  std::size_t outside = 0;  // keys and attempts that reached the outside
  bool operator==(const End& other) const {
    return status == other.status && output == other.output && error == other.error && effects == other.effects &&
           history == other.history && outside == other.outside;
  }
};

void showValue(const End& end, std::ostream& out) {
  out << end.status << ' ' << end.error << ' ' << end.output << '\n';
  for (const auto& line : end.effects) out << "  did " << line << '\n';
  for (const auto& line : end.history) out << "  " << line << '\n';
}

std::vector<std::string> history_of(TransitionBench& bench) {
  auto stored = run_now(bench.workflows.control().get(base::ExecutionId("exe_1")));
  const auto read = run_now(workflow::read_history(bench.store, std::move(stored->execution), 1, 100'000));
  std::vector<std::string> lines;
  for (auto entry : read->entries) {
    entry.remove("startedAt");
    entry.remove("endedAt");
    lines.push_back(to_text(entry));
  }
  return lines;
}

End run(const std::string& definition, const std::function<Fate(int step)>& fate) {
  std::map<std::string, int> outside;
  TransitionBench bench(
      {{"pure", {[](TaskInput input) { return work(std::move(input), nullptr); }}},
       {"outside", {[&outside](TaskInput input) { return work(std::move(input), &outside); }, true}}});
  bench.define("drawn", definition);
  auto list = Json::array({Json::object({{"list", Json::array()}}), Json::object({{"list", Json::array({1})}})});
  bench.start("exe_1", "drawn", Json::object({{"list", std::move(list)}}));
  End end;
  while (end.steps < kStepsMax && bench.step(fate(end.steps))) ++end.steps;
  EXPECT_LT(end.steps, kStepsMax) << "the execution does not end";
  const auto view = bench.view("exe_1");
  end.status = to_text(view.status);
  end.output = to_text(view.output);
  end.error = view.error;
  for (const auto& event : bench.store.events) end.effects.push_back(event.type);
  std::sort(end.effects.begin(), end.effects.end());
  end.history = history_of(bench);
  end.outside = outside.size();
  return end;
}

RC_GTEST_PROP(Interpreter, ends_the_same_when_it_is_interrupted_at_any_transition, ()) {
  const auto definition = to_text(Draughtsman().machine(2));
  RC_LOG() << definition;
  const auto plain = run(definition, [](int) { return Fate::handled; });
  RC_CLASSIFY(plain.status == "succeeded");
  RC_CLASSIFY(plain.steps > 10, "more than 10 commits");
  RC_ASSERT(std::adjacent_find(plain.effects.begin(), plain.effects.end()) == plain.effects.end());
  for (int crash = 0; crash < std::min(plain.steps, 60); ++crash) {
    RC_ASSERT(run(definition, [crash](int step) { return step == crash ? Fate::lost : Fate::handled; }) == plain);
  }
  const auto fates = *rc::gen::container<std::vector<int>>(64, rc::gen::inRange(0, 4));
  RC_ASSERT(run(definition, [&fates](int step) {
              const auto drawn = fates[static_cast<std::size_t>(step) % fates.size()];
              return drawn == 0 && step < 500 ? Fate::lost : drawn == 1 ? Fate::repeated : Fate::handled;
            }) == plain);
}

}  // namespace
}  // namespace ow::workflow_test
