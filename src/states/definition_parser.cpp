// Parsing and validation of definitions; see definition.h.
#include <algorithm>
#include <set>

#include "states/definition.h"
#include "states/member_reader.h"
#include "states/task_token.h"

namespace ow::states {
namespace {

using base::Json;
using Violations = std::vector<std::string>;

constexpr int kMachineDepthMax = 16;
constexpr Bounds kPositive{1, 99'999'999};
constexpr Bounds kNotNegative{0, 99'999'999};

/// One run over a definition: what is common to all its machines.
struct Parser {
  Violations& violations;
  std::set<std::string> names;  // unique over all nested machines
  int depth = 0;

  StateMachine machine(const Json& text, const std::string& place);
  std::shared_ptr<const StateMachine> nested(const Json& text, const std::string& place);
  State state(const std::string& name, const Json& text, const std::string& place);
  void check_targets(const StateMachine& machine, const std::string& place);
};

Retrier parse_retrier(MemberReader reader) {
  Retrier retrier;
  if (!reader.is_object()) return retrier;
  reader.allow_only(
      {"Comment", "ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy"});
  retrier.errors = reader.error_names("ErrorEquals");
  retrier.interval = std::chrono::seconds(reader.integer("IntervalSeconds", kPositive).value_or(1));
  retrier.attempts_max = reader.integer("MaxAttempts", kNotNegative).value_or(3);
  if (const auto delay = reader.integer("MaxDelaySeconds", {1, 31'622'400})) {
    retrier.delay_max = std::chrono::seconds(*delay);
  }
  if (const auto* rate = reader.find("BackoffRate")) {
    retrier.backoff_rate = rate->is_number() ? rate->as_number().to_double() : 0;
    if (!(retrier.backoff_rate >= 1.0)) reader.problem("BackoffRate", "must be a number >= 1");
  }
  const auto jitter = reader.text_member("JitterStrategy", false);
  if (!jitter.empty() && jitter != "FULL" && jitter != "NONE") reader.problem("JitterStrategy", "must be FULL or NONE");
  retrier.full_jitter = jitter == "FULL";
  return retrier;
}

Catcher parse_catcher(MemberReader reader) {
  Catcher catcher;
  if (!reader.is_object()) return catcher;
  reader.allow_only({"Comment", "ErrorEquals", "Next", "ResultPath", "Assign"});
  catcher.errors = reader.error_names("ErrorEquals");
  catcher.next = reader.text_member("Next", true);
  catcher.result_path = reader.nullable_path("ResultPath", true);
  catcher.assign = reader.object_payload("Assign");
  return catcher;
}

template <typename T>
void check_wildcard_last(const std::vector<T>& handlers, MemberReader& reader, std::string_view name) {
  for (std::size_t at = 0; at + 1 < handlers.size(); ++at) {
    const auto& errors = handlers[at].errors;
    if (std::find(errors.begin(), errors.end(), "States.ALL") != errors.end()) {
      reader.problem(name, "must have States.ALL in its last entry only");
    }
  }
}

void parse_handlers(State& state, MemberReader& reader) {
  for (const auto* item : reader.items("Retry", false)) {
    const auto place = reader.place_of("Retry") + "[" + std::to_string(state.retriers.size()) + "]";
    state.retriers.push_back(parse_retrier({*item, place, reader.violations()}));
  }
  for (const auto* item : reader.items("Catch", false)) {
    const auto place = reader.place_of("Catch") + "[" + std::to_string(state.catchers.size()) + "]";
    state.catchers.push_back(parse_catcher({*item, place, reader.violations()}));
  }
  check_wildcard_last(state.retriers, reader, "Retry");
  check_wildcard_last(state.catchers, reader, "Catch");
}

void parse_next(State& state, MemberReader& reader) {
  const auto* end = reader.find("End");
  if (end != nullptr && !end->is_bool()) reader.problem("End", "must be true or false");
  const bool ends = end != nullptr && end->is_bool() && end->as_bool();
  const bool goes_on = reader.find("Next") != nullptr;
  if (ends == goes_on) reader.problem("", "must have either Next or \"End\": true");
  if (goes_on) state.next = reader.text_member("Next", true);
}

TaskDetail parse_task(MemberReader& reader) {
  reader.allow_only({"Type", "Comment", "QueryLanguage", "Resource", "InputPath", "OutputPath", "ResultPath",
                     "Parameters", "ResultSelector", "Assign", "Retry", "Catch", "Next", "End", "TimeoutSeconds",
                     "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath", "Credentials"});
  TaskDetail task;
  task.resource = reader.text_member("Resource", true);
  if (task.resource.ends_with(kCallbackSuffix)) {
    task.callback = true;
    task.resource.resize(task.resource.size() - kCallbackSuffix.size());
  }
  task.timeout = reader.number("TimeoutSeconds", "TimeoutSecondsPath", kPositive);
  task.heartbeat = reader.number("HeartbeatSeconds", "HeartbeatSecondsPath", kPositive);
  if (task.timeout.value && task.heartbeat.value && *task.heartbeat.value >= *task.timeout.value) {
    reader.problem("HeartbeatSeconds", "must be less than TimeoutSeconds");
  }
  reader.object_payload("Credentials");
  return task;
}

PassDetail parse_pass(MemberReader& reader) {
  reader.allow_only({"Type", "Comment", "QueryLanguage", "Result", "InputPath", "OutputPath", "ResultPath",
                     "Parameters", "Assign", "Next", "End"});
  PassDetail pass;
  if (const auto* result = reader.find("Result")) pass.result = *result;
  return pass;
}

ChoiceDetail parse_choice(MemberReader& reader) {
  reader.allow_only({"Type", "Comment", "QueryLanguage", "Choices", "Default", "InputPath", "OutputPath", "Assign"});
  ChoiceDetail choice;
  choice.otherwise = reader.text_member("Default", false);
  for (const auto* item : reader.items("Choices", true)) {
    const auto place = reader.place_of("Choices") + "[" + std::to_string(choice.branches.size()) + "]";
    auto rule = parse_choice_rule(*item, place, true, reader.violations());
    MemberReader branch(*item, place, reader.violations());
    choice.branches.push_back({std::move(rule), branch.text_member("Next", true), branch.object_payload("Assign")});
  }
  return choice;
}

WaitDetail parse_wait(MemberReader& reader) {
  reader.allow_only({"Type", "Comment", "QueryLanguage", "Seconds", "SecondsPath", "Timestamp", "TimestampPath",
                     "InputPath", "OutputPath", "Assign", "Next", "End"});
  reader.at_most_one_of({"Seconds", "SecondsPath", "Timestamp", "TimestampPath"});
  WaitDetail wait;
  wait.span = reader.number("Seconds", "SecondsPath", kNotNegative);
  wait.until_path = reader.path("TimestampPath");
  if (reader.find("Timestamp") != nullptr) {
    const auto at = base::parse_rfc3339(reader.text_member("Timestamp", true));
    if (at) wait.until = *at;
    if (!at) reader.problem("Timestamp", "must be an RFC 3339 time");
  }
  const bool any = reader.find("Seconds") != nullptr || reader.find("SecondsPath") != nullptr ||
                   reader.find("Timestamp") != nullptr || reader.find("TimestampPath") != nullptr;
  if (!any) reader.problem("", "must have Seconds, SecondsPath, Timestamp or TimestampPath");
  return wait;
}

FailDetail parse_fail(MemberReader& reader) {
  reader.allow_only({"Type", "Comment", "QueryLanguage", "Error", "Cause", "ErrorPath", "CausePath"});
  reader.at_most_one_of({"Error", "ErrorPath"});
  reader.at_most_one_of({"Cause", "CausePath"});
  return {reader.text_member("Error", false), reader.text_member("Cause", false), reader.expression("ErrorPath"),
          reader.expression("CausePath")};
}

ParallelDetail parse_parallel(MemberReader& reader, Parser& parser) {
  reader.allow_only({"Type", "Comment", "QueryLanguage", "Branches", "InputPath", "OutputPath", "ResultPath",
                     "Parameters", "ResultSelector", "Assign", "Retry", "Catch", "Next", "End"});
  ParallelDetail parallel;
  for (const auto* item : reader.items("Branches", true)) {
    const auto place = reader.place_of("Branches") + "[" + std::to_string(parallel.branches.size()) + "]";
    parallel.branches.push_back(parser.nested(*item, place));
  }
  return parallel;
}

MapDetail parse_map(MemberReader& reader, Parser& parser) {
  reader.allow_only({"Type",
                     "Comment",
                     "QueryLanguage",
                     "Iterator",
                     "ItemProcessor",
                     "ItemsPath",
                     "ItemSelector",
                     "Parameters",
                     "MaxConcurrency",
                     "MaxConcurrencyPath",
                     "ToleratedFailureCount",
                     "ToleratedFailureCountPath",
                     "ToleratedFailurePercentage",
                     "ToleratedFailurePercentagePath",
                     "InputPath",
                     "OutputPath",
                     "ResultPath",
                     "ResultSelector",
                     "Assign",
                     "Retry",
                     "Catch",
                     "Next",
                     "End",
                     "Label"});
  reader.at_most_one_of({"ItemProcessor", "Iterator"});
  reader.at_most_one_of({"ItemSelector", "Parameters"});
  MapDetail map;
  const auto* processor = reader.find("ItemProcessor");
  const auto* name = processor != nullptr ? "ItemProcessor" : "Iterator";
  if (processor == nullptr) processor = reader.find("Iterator");
  if (processor == nullptr) {
    reader.problem("", "must have an ItemProcessor");
  } else {
    map.processor = parser.nested(*processor, reader.place_of(name));
  }
  map.items_path = reader.path("ItemsPath");
  map.item_selector = reader.payload(reader.find("ItemSelector") != nullptr ? "ItemSelector" : "Parameters");
  map.concurrency_max = reader.number("MaxConcurrency", "MaxConcurrencyPath", kNotNegative);
  map.tolerated_count = reader.number("ToleratedFailureCount", "ToleratedFailureCountPath", kNotNegative);
  map.tolerated_percentage = reader.percentage("ToleratedFailurePercentage", "ToleratedFailurePercentagePath");
  return map;
}

void parse_detail(State& state, MemberReader& reader, Parser& parser) {
  const auto type = reader.text_member("Type", true);
  if (type == "Task") {
    state.detail = parse_task(reader);
  } else if (type == "Pass") {
    state.detail = parse_pass(reader);
  } else if (type == "Choice") {
    state.detail = parse_choice(reader);
  } else if (type == "Wait") {
    state.detail = parse_wait(reader);
  } else if (type == "Succeed") {
    reader.allow_only({"Type", "Comment", "QueryLanguage", "InputPath", "OutputPath"});
    state.detail = SucceedDetail{};
  } else if (type == "Fail") {
    state.detail = parse_fail(reader);
  } else if (type == "Parallel") {
    state.detail = parse_parallel(reader, parser);
  } else if (type == "Map") {
    state.detail = parse_map(reader, parser);
  } else {
    reader.problem("Type", "must be Task, Pass, Choice, Wait, Succeed, Fail, Parallel or Map");
  }
  if (type != "Choice" && type != "Succeed" && type != "Fail") parse_next(state, reader);
}

void check_query_language(MemberReader& reader) {
  const auto language = reader.text_member("QueryLanguage", false);
  if (!language.empty() && language != "JSONPath") reader.problem("QueryLanguage", "must be JSONPath");
}

State Parser::state(const std::string& name, const Json& text, const std::string& place) {
  State state;
  state.name = name;
  MemberReader reader(text, place, violations);
  if (!reader.is_object()) return state;
  if (name.empty() || name.size() > 80) reader.problem("", "must have a name of 1 to 80 characters");
  if (!names.insert(name).second) reader.problem("", "has a name that another state has");
  check_query_language(reader);
  parse_detail(state, reader, *this);
  state.input_path = reader.nullable_path("InputPath", false);
  state.output_path = reader.nullable_path("OutputPath", false);
  state.result_path = reader.nullable_path("ResultPath", true);
  if (!std::holds_alternative<MapDetail>(state.detail)) state.parameters = reader.payload("Parameters");
  state.result_selector = reader.object_payload("ResultSelector");
  state.assign = reader.object_payload("Assign");
  parse_handlers(state, reader);
  return state;
}

std::shared_ptr<const StateMachine> Parser::nested(const Json& text, const std::string& place) {
  MemberReader reader(text, place, violations);
  if (++depth > kMachineDepthMax) reader.problem("", "is nested too deep");
  auto result = std::make_shared<StateMachine>();
  if (depth <= kMachineDepthMax && reader.is_object()) {
    reader.allow_only({"Comment", "QueryLanguage", "StartAt", "States", "ProcessorConfig"});
    *result = machine(text, place);
  }
  --depth;
  return result;
}

StateMachine Parser::machine(const Json& text, const std::string& place) {
  StateMachine result;
  MemberReader reader(text, place, violations);
  check_query_language(reader);
  result.start_at = reader.text_member("StartAt", true);
  const auto* states = reader.find("States");
  if (states == nullptr || !states->is_object() || states->as_object().empty()) {
    reader.problem("States", "must be a non-empty object");
    return result;
  }
  for (const auto& [name, body] : states->as_object()) {
    result.states.emplace(name, state(name, body, reader.place_of("States") + "." + name));
  }
  check_targets(result, place);
  return result;
}

std::vector<std::string> targets_of(const State& state) {
  std::vector<std::string> targets;
  if (!state.next.empty()) targets.push_back(state.next);
  for (const auto& catcher : state.catchers) targets.push_back(catcher.next);
  if (const auto* choice = std::get_if<ChoiceDetail>(&state.detail)) {
    for (const auto& branch : choice->branches) targets.push_back(branch.next);
    if (!choice->otherwise.empty()) targets.push_back(choice->otherwise);
  }
  return targets;
}

void Parser::check_targets(const StateMachine& machine, const std::string& place) {
  const auto prefix = place.empty() ? std::string() : place + ".";
  std::set<std::string> reached;
  std::vector<std::string> open{machine.start_at};
  if (machine.find(machine.start_at) == nullptr) violations.push_back(prefix + "StartAt must name a state");
  while (!open.empty()) {
    const auto name = open.back();
    open.pop_back();
    const auto* state = machine.find(name);
    if (state == nullptr || !reached.insert(name).second) continue;
    for (auto& target : targets_of(*state)) open.push_back(std::move(target));
  }
  for (const auto& [name, state] : machine.states) {
    const auto here = prefix + "States." + name;
    if (!reached.contains(name)) violations.push_back(here + " is not reachable from StartAt");
    for (const auto& target : targets_of(state)) {
      if (machine.find(target) == nullptr)
        violations.push_back(here + " goes to '" + target + "', which is no state beside it");
    }
  }
}

void each_task_of(const StateMachine& machine,
                  const std::function<void(const State& state, const TaskDetail& task)>& visit) {
  for (const auto& [name, state] : machine.states) {
    if (const auto* task = std::get_if<TaskDetail>(&state.detail)) visit(state, *task);
    if (const auto* map = std::get_if<MapDetail>(&state.detail)) each_task_of(*map->processor, visit);
    if (const auto* parallel = std::get_if<ParallelDetail>(&state.detail)) {
      for (const auto& branch : parallel->branches) each_task_of(*branch, visit);
    }
  }
}

}  // namespace

const State* StateMachine::find(std::string_view name) const {
  const auto found = states.find(name);
  return found == states.end() ? nullptr : &found->second;
}

base::Result<std::shared_ptr<const Definition>> Definition::parse(std::string_view text) {
  auto json = base::parse_json(text);
  if (!json)
    return base::fail(base::ErrorCode::malformed, "invalid_definition",
                      "The definition is not JSON: " + json.error().message);
  Violations violations;
  Parser parser{violations, {}};
  auto definition = std::make_shared<Definition>();
  MemberReader reader(*json, "", violations);
  if (reader.is_object()) {
    reader.allow_only({"Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"});
    definition->machine = parser.machine(*json, "");
    if (const auto timeout = reader.integer("TimeoutSeconds", kPositive))
      definition->timeout = std::chrono::seconds(*timeout);
    if (reader.text_member("Version", false) != "1.0" && reader.find("Version") != nullptr) {
      reader.problem("Version", "must be \"1.0\"");
    }
  }
  const auto unescaped = base::to_text(*json);
  definition->uses_context = unescaped.find("$$") != std::string::npos;
  definition->uses_random =
      unescaped.find("States.UUID") != std::string::npos || unescaped.find("States.MathRandom") != std::string::npos;
  definition->each_task([&](const State&, const TaskDetail& task) {
    definition->uses_callbacks = definition->uses_callbacks || task.callback;
  });
  if (violations.empty()) return definition;
  base::Error error{base::ErrorCode::malformed, "invalid_definition", violations.front(), violations};
  return base::fail(std::move(error));
}

void Definition::each_task(const std::function<void(const State& state, const TaskDetail& task)>& visit) const {
  each_task_of(machine, visit);
}

}  // namespace ow::states
