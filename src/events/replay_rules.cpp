// See replay_rules.h.
#include "events/replay_rules.h"

#include "events/rule_store.h"

namespace ow::events {
namespace {

using base::Result;

constexpr std::size_t kRulesReadAtOnce = 200;

}  // namespace

ReplayRules::ReplayRules(const EventPorts& ports, std::vector<std::string> names)
    : ports_(ports), names_(std::move(names)), book_(std::move(*rules::RuleBook::make({}))) {}

base::Task<Result<void>> ReplayRules::refresh() {
  const auto now = ports_.clock.ticks();
  if (read_at_ && now - *read_at_ < kReplayRulesKept) co_return Result<void>();
  const auto queues = co_await ports_.queue_admin.list();
  if (!queues) co_return base::fail(queues.error());
  queues_.clear();
  for (const auto& queue : *queues) queues_.insert(queue.spec.name);
  auto read = names_.empty() ? co_await read_all() : co_await read_named();
  if (read) read_at_ = now;
  co_return read;
}

base::Task<Result<void>> ReplayRules::read_named() {
  for (const auto& name : names_) {
    const auto rule = co_await find_rule(ports_.store, ports_.system_rules, name);
    if (!rule) co_return base::fail(rule.error());
    auto record = rule_record(*rule);
    record.version = rule->version;
    if (auto taken = take(record); !taken) co_return taken;
  }
  co_return Result<void>();
}

base::Task<Result<void>> ReplayRules::read_all() {
  std::set<std::string> there;
  platform::Query query{.index = {}, .partition = std::string(rules::kRulePartition)};
  query.limit = kRulesReadAtOnce;
  do {
    auto page = co_await ports_.store.query(query);
    if (!page) co_return base::fail(page.error());
    for (const auto& record : page->records) {
      there.insert(record.key.sort);
      if (auto taken = take(record); !taken) co_return taken;
    }
    query.cursor = std::move(page->next_cursor);
  } while (!query.cursor.empty());
  for (auto known = versions_.begin(); known != versions_.end();) {
    const bool gone = !there.contains(known->first);
    if (gone) (void)book_->changed(known->first, nullptr);
    known = gone ? versions_.erase(known) : std::next(known);
  }
  co_return Result<void>();
}

Result<void> ReplayRules::take(const platform::Record& record) {
  const auto [known, is_new] = versions_.try_emplace(record.key.sort, record.version);
  if (!is_new && known->second == record.version) return {};
  known->second = record.version;
  return book_->changed(record.key.sort, &record);
}

std::vector<platform::RuleTarget> ReplayRules::match(const platform::Event& event) const {
  return book_->match({event.subject, event.type, event.source, event.data, event.time, event.traceparent});
}

}  // namespace ow::events
