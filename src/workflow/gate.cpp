// See gate.h.
#include "workflow/gate.h"

#include <algorithm>
#include <cmath>

namespace ow::workflow {
namespace {

using base::fail;
using base::Json;
using base::Result;
using base::Task;

constexpr base::Duration kLook = std::chrono::milliseconds(50);
constexpr base::Duration kLookClosed = std::chrono::milliseconds(500);

platform::Key gate_key() { return {"control/workflows", "gate"}; }

platform::Record gate_record(const GateState& state) {
  const auto json = Json::object({{"closed", Json(state.closed)},
                                  {"rate", Json(state.rate)},
                                  {"by", state.changed.by},
                                  {"why", state.changed.why},
                                  {"at", Json(state.at.us)}});
  return {.key = gate_key(), .kind = "workflow_gate", .value = to_text(json)};
}

GateState state_from(const Json& json) {
  return {json.bool_at("closed").value_or(false),
          static_cast<int>(json.integer_at("rate").value_or(0)),
          {std::string(json.string_at("by").value_or("")), std::string(json.string_at("why").value_or(""))},
          {json.integer_at("at").value_or(0)}};
}

Task<Result<void>> put(platform::Store& store, platform::Commit commit) {
  const auto outcome = co_await store.commit(std::move(commit));
  if (!outcome) co_return fail(outcome.error());
  if (outcome->committed()) co_return Result<void>();
  co_return fail(base::ErrorCode::unavailable, "contended", "The gate's state could not be stored.");
}

}  // namespace

Task<Result<void>> Gate::load(bool closed) {
  const auto record = co_await platform::get_one(store_, gate_key());
  if (!record) co_return fail(record.error());
  if (*record) {
    const auto json = base::parse_json((*record)->value);
    if (!json) co_return fail(json.error());
    state_ = state_from(*json);
  }
  if (!closed || state_.closed) co_return Result<void>();
  state_ = {true, 0, {"orderwright", "started with --paused"}, clock_.now()};
  platform::Commit commit;
  commit.put(gate_record(state_));
  co_return co_await put(store_, std::move(commit));
}

Task<Result<void>> Gate::set(GateState state, platform::EventDraft event) {
  state.at = clock_.now();
  platform::Commit commit;
  commit.put(gate_record(state));
  commit.event(std::move(event));
  // Closed before it is durable: a transition must not slip through while the state is being written.
  const auto before = std::exchange(state_, state);
  if (!state.closed) state_.closed = before.closed;
  const auto stored = co_await put(store_, std::move(commit));
  state_ = stored ? state : before;
  allowance_ = 0;
  refilled_ = clock_.ticks();
  co_return stored;
}

std::size_t Gate::take(std::size_t wanted) {
  if (state_.closed) return 0;
  if (state_.rate == 0) return wanted;
  const auto now = clock_.ticks();
  const auto passed = std::chrono::duration<double>(now - refilled_).count();
  refilled_ = now;
  // A second's worth at most gathers while nothing is due.
  allowance_ = std::min(allowance_ + passed * state_.rate, std::max(1.0, static_cast<double>(state_.rate)));
  const auto taken = std::min(static_cast<double>(wanted), std::floor(allowance_));
  allowance_ -= taken;
  return static_cast<std::size_t>(taken);
}

Task<std::size_t> Gate::admit(std::size_t wanted) {
  while (!executor_.stopping()) {
    if (const auto taken = take(wanted); taken > 0) co_return taken;
    static_cast<void>(co_await executor_.sleep_until(clock_.ticks() + (state_.closed ? kLookClosed : kLook)));
  }
  co_return 0;
}

}  // namespace ow::workflow
