// See upkeep.h.
#include "workflow/upkeep.h"

#include <algorithm>

#include "base/ids.h"
#include "workflow/bounds.h"

namespace ow::workflow {
namespace {

using base::fail;
using base::Result;
using base::Task;

constexpr base::Duration kUpkeepLook = std::chrono::milliseconds(500);
constexpr base::Duration kRound = std::chrono::seconds(10);
constexpr base::Duration kCountRound = std::chrono::seconds(60);
constexpr std::size_t kPage = 100;
constexpr std::size_t kCountedMax = 10'000;

platform::Query column(std::string_view status) {
  platform::Query query{.index = std::string(kExecutionIndex), .partition = std::string(status)};
  query.limit = kPage;
  return query;
}

}  // namespace

Task<void> Upkeep::run() {
  while (!ports_.executor.stopping()) {
    const auto now = ports_.clock.ticks();
    Result<void> done;
    if (now >= due_) {
      due_ = now + kRound;
      done = co_await release_held();
    }
    if (done && now >= count_due_) {
      count_due_ = now + kCountRound;
      done = co_await count();
    }
    if (!done)
      ports_.telemetry.log(platform::LogLevel::warning, "workflow_upkeep_failed", {{"reason", done.error().reason}});
    const auto next = std::min({due_, count_due_, ports_.clock.ticks() + kUpkeepLook});
    static_cast<void>(co_await ports_.executor.sleep_until(std::max(next, ports_.clock.ticks() + kUpkeepLook)));
  }
}

Task<Result<void>> Upkeep::release_held() {
  auto query = column("paused");
  do {
    auto page = co_await ports_.store.query(query);
    if (!page) co_return fail(std::move(page.error()));
    for (const auto& record : page->records) {
      const auto stored = execution_from(record);
      if (!stored) co_return fail(stored.error());
      const auto goes_on = co_await may_go_on(stored->execution);
      if (!goes_on) co_return fail(goes_on.error());
      if (!*goes_on) continue;
      const auto released = co_await let_go(base::ExecutionId(stored->execution.id), stored->execution.definition);
      if (!released) co_return released;
    }
    query.cursor = page->next_cursor;
  } while (!query.cursor.empty() && !ports_.executor.stopping());
  co_return Result<void>();
}

Task<Result<bool>> Upkeep::may_go_on(const Execution& execution) {
  if (!execution.pause || !execution.pause->of_definition) co_return false;
  const auto routing = co_await definitions_.routing(execution.definition);
  if (!routing) co_return fail(routing.error());
  co_return !*routing || !(*routing)->paused;
}

Task<Result<void>> Upkeep::let_go(base::ExecutionId id, std::string definition) {
  auto released = co_await platform::commit_until_settled(ports_.store, [this, id] { return control_.release(id); });
  if (!released && released.error().code != base::ErrorCode::not_found) co_return released;
  const auto routing = co_await definitions_.routing(std::move(definition));
  const int rate = routing && *routing ? (*routing)->resume_rate : 0;
  if (rate > 0) {
    static_cast<void>(
        co_await ports_.executor.sleep_until(ports_.clock.ticks() + base::Duration(std::chrono::seconds(1)) / rate));
  }
  co_return Result<void>();
}

Task<Result<void>> Upkeep::count() {
  for (const std::string status : {"paused", "parked", "failed", "stopped"}) {
    auto query = column(status);
    std::size_t counted = 0;
    do {
      const auto page = co_await ports_.store.query(query);
      if (!page) co_return fail(page.error());
      counted += page->records.size();
      query.cursor = page->next_cursor;
    } while (!query.cursor.empty() && counted < kCountedMax && !ports_.executor.stopping());
    ports_.telemetry.gauge("ow_executions", {{"status", status}}).set(static_cast<double>(counted));
  }
  co_return Result<void>();
}

}  // namespace ow::workflow
