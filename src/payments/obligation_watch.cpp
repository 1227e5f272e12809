// See obligation_watch.h.
#include "payments/obligation_watch.h"

#include <fmt/core.h>

#include <algorithm>

#include "ops/operator_action.h"
#include "platform/consumer.h"

namespace ow::payments {
namespace {

using base::Json;
using base::Result;
using base::Task;

constexpr base::Duration kRound = std::chrono::seconds(30);
constexpr std::size_t kPage = 50;
constexpr std::size_t kLookedAtMax = 10'000;
constexpr auto kWatch = "orderwright";

/// Marks one that is open and not reported, with its event. An empty commit when it is not so any more.
Task<Result<platform::Commit>> reporting(WatchPorts ports, base::ObligationId id) {
  auto obligation = co_await find_obligation(ports.store, std::move(id));
  if (!obligation) co_return base::fail(std::move(obligation.error()));
  if (!*obligation || (*obligation)->status != Obligation::Status::open || (*obligation)->overdue)
    co_return platform::Commit();
  const auto now = ports.clock.now();
  const auto age = (now - (*obligation)->since).count() / 1'000'000;
  auto details = Json::object({{"orderId", (*obligation)->order.text}, {"ageSeconds", Json(age)}});
  auto why =
      fmt::format("open for longer than {} minutes", std::chrono::floor<std::chrono::minutes>(ports.alarm_age).count());
  ops::OperatorAction action{"operator.obligation-overdue", (*obligation)->id.text, std::move(why), std::move(details)};
  auto commit = mark_overdue(std::move(**obligation));
  commit.event(ops::operator_event({base::UserId(kWatch)}, now, std::move(action)));
  co_return commit;
}

Task<Result<void>> report(WatchPorts ports, Obligation obligation) {
  auto reported = co_await platform::commit_until_settled(ports.store,
                                                          [ports, id = obligation.id] { return reporting(ports, id); });
  if (reported) {
    ports.telemetry.log(platform::LogLevel::error, "obligation_overdue",
                        {{"obligation", obligation.id.text},
                         {"order", obligation.order.text},
                         {"since", base::to_rfc3339(obligation.since)}});
  }
  co_return reported;
}

}  // namespace

Task<Result<void>> look_at_obligations(WatchPorts ports) {
  const auto now = ports.clock.now();
  std::size_t open = 0;
  base::Duration oldest{};
  std::string cursor;
  do {
    auto page = co_await list_obligations(ports.store, Obligation::Status::open, kPage, cursor);
    if (!page) co_return base::fail(std::move(page.error()));
    for (auto& obligation : page->obligations) {
      if (obligation.status != Obligation::Status::open) continue;
      ++open;
      const auto age = now - obligation.since;
      oldest = std::max(oldest, age);
      if (age < ports.alarm_age || obligation.overdue) continue;
      auto reported = co_await report(ports, std::move(obligation));
      if (!reported) co_return reported;
    }
    cursor = page->next_cursor;
  } while (!cursor.empty() && open < kLookedAtMax);
  ports.telemetry.gauge("ow_obligations_open").set(static_cast<double>(open));
  ports.telemetry.gauge("ow_obligation_oldest_age_seconds").set(static_cast<double>(oldest.count()) / 1e6);
  ports.telemetry.gauge("ow_alarm", {{"alarm", "obligation_age"}}).set(oldest >= ports.alarm_age ? 1 : 0);
  co_return Result<void>();
}

Task<void> watch_obligations(WatchPorts ports) {
  while (!ports.executor.stopping()) {
    const auto looked = co_await look_at_obligations(ports);
    if (!looked)
      ports.telemetry.log(platform::LogLevel::warning, "obligation_watch_failed", {{"reason", looked.error().reason}});
    static_cast<void>(co_await ports.executor.sleep_until(ports.clock.ticks() + kRound));
  }
}

}  // namespace ow::payments
