// Runs an execution without a store: tasks answer from mocks, time is simulated. What `workflow test` prints
// and what the conformance suites compare. Pure; any thread.
#pragma once

#include <memory>

#include "base/json.h"
#include "base/result.h"
#include "states/definition.h"

namespace ow::states {

/// `mocks`: per state name a list; the n-th call of the state gets the n-th of `{"return": …}` or
/// `{"throw": {"error": …, "cause": …}}`; a call past the last is States.Runtime. Null: no mocks.
/// Error malformed, naming the place, when mocks have another shape or name no Task state.
base::Result<void> check_mocks(const Definition& definition, const base::Json& mocks);

/// `{"status": "SUCCEEDED", "output"}` or `{"status": "FAILED", "error", "cause"}` (null where a Fail state
/// names none), with `visited` (states in order of entry; a retry is no new entry), `attempts` (calls per
/// state) and `retry_waits_s` (per state in order of first retry, without jitter).
base::Json run_offline(const Definition& definition, base::Json input, const base::Json& mocks);

}  // namespace ow::states
