// The JSON form of executions; see execution.h. Members at their default are left out, so that the record of
// a simple saga stays at a few hundred bytes.
#include "states/execution.h"

#include <array>

namespace ow::states {
namespace {

using base::Json;

constexpr std::array<std::string_view, 5> kStatuses = {"running", "succeeded", "failed", "parked", "stopped"};
constexpr std::array<std::string_view, 9> kPhases = {"ready",   "working", "waiting", "retrying", "forked",
                                                     "pending", "done",    "failed",  "awaiting"};

template <typename Enum, std::size_t N>
std::optional<Enum> parse_name(const std::array<std::string_view, N>& names, std::optional<std::string_view> name) {
  for (std::size_t at = 0; at < N; ++at) {
    if (name == names[at]) return static_cast<Enum>(at);
  }
  return std::nullopt;
}

void set_instant(Json& json, std::string_view name, base::Instant at) { json.set(name, Json(at.us)); }

base::Instant instant_at(const Json& json, std::string_view name, base::Instant otherwise) {
  return {json.integer_at(name).value_or(otherwise.us)};
}

Json value_at(const Json& json, std::string_view name) {
  const auto* found = json.find(name);
  return found == nullptr ? Json() : *found;
}

bool is_timed(Phase phase) { return phase == Phase::waiting || phase == Phase::retrying || phase == Phase::awaiting; }

Json thread_to_json(const Thread& thread) {
  auto json = Json::object({{"state", thread.state}, {"phase", kPhases[static_cast<std::size_t>(thread.phase)]}});
  json.set("input", thread.input);
  json.set("entry", Json(thread.entry));
  set_instant(json, "entered", thread.entered);
  if (thread.begun != thread.entered) set_instant(json, "begun", thread.begun);
  if (is_timed(thread.phase)) set_instant(json, "due", thread.due);
  if (thread.phase == Phase::awaiting) set_instant(json, "beaten", thread.beaten);
  if (!thread.variables.is_null()) json.set("variables", thread.variables);
  if (thread.attempt != 1) json.set("attempt", Json(thread.attempt));
  if (thread.postponed != 0) json.set("postponed", Json(thread.postponed));
  if (thread.item) json.set("item", *thread.item);
  if (!thread.retries.empty()) {
    auto retries = Json::array();
    for (const int used : thread.retries) retries.push_back(Json(used));
    json.set("retries", std::move(retries));
  }
  if (!thread.children.empty()) {
    auto children = Json::array();
    for (const auto& child : thread.children) children.push_back(thread_to_json(child));
    json.set("children", std::move(children));
  }
  return json;
}

std::optional<Thread> thread_from_json(const Json& json) {
  const auto phase = parse_name<Phase>(kPhases, json.string_at("phase"));
  if (!phase) return std::nullopt;
  Thread thread;
  thread.phase = *phase;
  thread.state = json.text_at("state");
  thread.input = value_at(json, "input");
  thread.variables = value_at(json, "variables");
  thread.entry = json.integer_at("entry").value_or(0);
  thread.entered = instant_at(json, "entered", {});
  thread.begun = instant_at(json, "begun", thread.entered);
  thread.due = instant_at(json, "due", {});
  thread.beaten = instant_at(json, "beaten", {});
  thread.attempt = static_cast<int>(json.integer_at("attempt").value_or(1));
  thread.postponed = static_cast<int>(json.integer_at("postponed").value_or(0));
  if (const auto* item = json.find("item")) thread.item = *item;
  if (const auto* retries = json.find("retries"); retries != nullptr && retries->is_array()) {
    for (const auto& used : retries->as_array()) {
      thread.retries.push_back(static_cast<int>(used.is_number() ? used.as_number().integer().value_or(0) : 0));
    }
  }
  if (const auto* children = json.find("children"); children != nullptr && children->is_array()) {
    for (const auto& child : children->as_array()) {
      auto parsed = thread_from_json(child);
      if (!parsed) return std::nullopt;
      thread.children.push_back(std::move(*parsed));
    }
  }
  return thread;
}

}  // namespace

bool is_finished(ExecutionStatus status) {
  return status == ExecutionStatus::succeeded || status == ExecutionStatus::failed ||
         status == ExecutionStatus::stopped;
}

std::string_view to_text(ExecutionStatus status) { return kStatuses[static_cast<std::size_t>(status)]; }

Json to_json(const Execution& execution) {
  auto json = Json::object({{"id", execution.id},
                            {"definition", execution.definition},
                            {"status", to_text(execution.status)},
                            {"input", execution.input}});
  set_instant(json, "started", execution.started);
  set_instant(json, "changed", execution.changed);
  if (!execution.error.empty()) json.set("error", execution.error);
  if (!execution.cause.empty()) json.set("cause", execution.cause);
  if (execution.version != 1) json.set("version", Json(execution.version));
  if (execution.clock != execution.started) set_instant(json, "clock", execution.clock);
  if (!execution.secret.empty()) json.set("secret", execution.secret);
  if (execution.status == ExecutionStatus::succeeded) {
    json.set("state", execution.root.state);
    if (!execution.output.is_null()) json.set("output", execution.output);
    return json;
  }
  json.set("entries", Json(execution.entries));
  json.set("root", thread_to_json(execution.root));
  return json;
}

base::Result<Execution> execution_from_json(const Json& json) {
  const auto status = parse_name<ExecutionStatus>(kStatuses, json.string_at("status"));
  Execution execution;
  execution.status = status.value_or(ExecutionStatus::running);
  const auto* root = json.find("root");
  auto thread = root != nullptr ? thread_from_json(*root) : std::optional<Thread>(Thread());
  if (!status || !thread || (root == nullptr && !is_finished(*status))) {
    return base::fail(base::ErrorCode::internal, "execution_damaged", "This is not the record of an execution.");
  }
  execution.root = std::move(*thread);
  if (root == nullptr) execution.root.state = json.text_at("state");
  execution.id = json.text_at("id");
  execution.definition = json.text_at("definition");
  execution.input = value_at(json, "input");
  execution.started = instant_at(json, "started", {});
  execution.changed = instant_at(json, "changed", {});
  execution.version = json.integer_at("version").value_or(1);
  execution.clock = instant_at(json, "clock", execution.started);
  execution.secret = json.text_at("secret");
  execution.entries = json.integer_at("entries").value_or(0);
  execution.output = value_at(json, "output");
  execution.error = json.text_at("error");
  execution.cause = json.text_at("cause");
  return execution;
}

}  // namespace ow::states
