// See registry.h.
#include "notify/webhooks/registry.h"

#include <algorithm>
#include <iterator>

#include "notify/webhooks/bounds.h"
#include "notify/webhooks/pace_record.h"

namespace ow::notify::webhooks {
namespace {

constexpr std::size_t kPage = 500;

void add(const Wanted& more, Wanted& wanted) {
  wanted.everything = wanted.everything || more.everything;
  wanted.types.insert(more.types.begin(), more.types.end());
  wanted.outside_types.insert(more.outside_types.begin(), more.outside_types.end());
}

}  // namespace

base::Task<base::Result<void>> Registry::load() {
  const auto records = co_await all_in(kEndpoints);
  if (!records) co_return base::fail(records.error());
  for (const auto& record : *records) {
    auto endpoint = endpoint_from(record);
    if (!endpoint) co_return base::fail(std::move(endpoint.error()));
    take(record.key.sort, std::move(*endpoint));
  }
  auto loaded = co_await load_health();
  if (loaded) loaded = co_await load_paces();
  if (!loaded) co_return loaded;
  tell_fan_out();
  co_return base::Result<void>();
}

base::Task<base::Result<std::vector<platform::Record>>> Registry::all_in(std::string_view partition) {
  std::vector<platform::Record> all;
  platform::Query query{.index = {}, .partition = std::string(partition), .limit = kPage};
  do {
    auto page = co_await store_.query(query);
    if (!page) co_return base::fail(std::move(page.error()));
    std::ranges::move(page->records, std::back_inserter(all));
    query.cursor = std::move(page->next_cursor);
  } while (!query.cursor.empty());
  co_return all;
}

base::Task<base::Result<void>> Registry::load_health() {
  const auto records = co_await all_in(kHealth);
  if (!records) co_return base::fail(records.error());
  for (const auto& record : *records) {
    const auto json = base::parse_json(record.value).value_or(base::Json());
    const auto since = base::parse_rfc3339(json.string_at("failingSince").value_or(""));
    if (since) failing_[record.key.sort] = *since;
  }
  co_return base::Result<void>();
}

base::Task<base::Result<void>> Registry::load_paces() {
  const auto records = co_await all_in(kPaces);
  if (!records) co_return base::fail(records.error());
  for (const auto& record : *records) {
    const auto& id = record.key.sort;
    if (!endpoints_->contains(id)) continue;
    kept_[id] = pace_memory_from(record, clock_);
    pace(id).recall(kept_[id]);
  }
  co_return base::Result<void>();
}

base::Task<void> Registry::keep_pace(std::string id) {
  const auto memory = pace(id).memory();
  const auto before = kept_[id];
  if (memory == before) co_return;
  kept_[id] = memory;
  platform::Commit commit;
  if (memory == PaceMemory())
    commit.erase(pace_key(id));
  else
    commit.put(pace_record(id, memory, clock_));
  const auto kept = co_await store_.commit(std::move(commit));
  if ((!kept || !kept->committed()) && kept_[id] == memory) kept_[id] = before;
}

void Registry::expect_change(const Endpoint& endpoint_after) {
  changing_[endpoint_after.id] = clock_.ticks() + kChangeSettles;
  add(wanted_types(endpoint_after), expected_[endpoint_after.id]);
  tell_fan_out();
}

base::Task<base::Result<void>> Registry::refresh() {
  if (changing_.empty()) co_return base::Result<void>();
  std::vector<platform::Key> keys;
  std::vector<std::string> ids;
  for (const auto& [id, until] : changing_) {
    ids.push_back(id);
    keys.push_back(endpoint_key(id));
  }
  const auto asked = clock_.ticks();
  auto records = co_await store_.get(std::move(keys));
  if (!records) co_return base::fail(std::move(records.error()));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    std::optional<Endpoint> endpoint;
    if (records->at(i)) {
      auto read = endpoint_from(*records->at(i));
      if (!read) co_return base::fail(std::move(read.error()));
      endpoint = std::move(*read);
    }
    take(ids[i], std::move(endpoint));
    const auto changing = changing_.find(ids[i]);
    if (changing == changing_.end() || changing->second > asked) continue;
    changing_.erase(changing);
    expected_.erase(ids[i]);
    tell_fan_out();
  }
  co_return base::Result<void>();
}

/// An older read may come in behind a newer one; what is newer stays.
void Registry::take(const std::string& id, std::optional<Endpoint> endpoint) {
  const auto known = endpoints_->find(id);
  const bool there = known != endpoints_->end();
  if (endpoint ? there && known->second->version >= endpoint->version : !there) return;
  auto next = std::make_shared<Endpoints>(*endpoints_);
  if (endpoint) {
    (*next)[id] = std::make_shared<const Endpoint>(std::move(*endpoint));
  } else {
    next->erase(id);
    failing_.erase(id);
    kept_.erase(id);
    const auto pace = paces_.find(id);
    if (pace != paces_.end() && pace->second->idle(clock_.ticks())) paces_.erase(pace);
  }
  endpoints_ = std::move(next);
}

void Registry::tell_fan_out() {
  Wanted wanted;
  for (const auto& [id, endpoint] : *endpoints_) {
    if (endpoint->status != Status::disabled) add(wanted_types(*endpoint), wanted);
  }
  for (const auto& [id, expected] : expected_) add(expected, wanted);
  // A topic may have any endpoint as its subscriber.
  if (!endpoints_->empty() || !expected_.empty()) add(topic_events(), wanted);
  fan_out_.hear(Audience::webhooks, std::move(wanted));
}

base::Task<base::Result<std::shared_ptr<const Registry::Endpoints>>> Registry::all() {
  auto refreshed = co_await refresh();
  if (!refreshed) co_return base::fail(std::move(refreshed.error()));
  co_return endpoints_;
}

base::Task<base::Result<Registry::EndpointPtr>> Registry::find(std::string id) {
  if (changing_.contains(id)) {
    auto refreshed = co_await refresh();
    if (!refreshed) co_return base::fail(std::move(refreshed.error()));
  }
  const auto found = endpoints_->find(id);
  co_return found == endpoints_->end() ? EndpointPtr() : found->second;
}

Pace& Registry::pace(const std::string& id) {
  auto& pace = paces_[id];
  if (!pace) pace = std::make_unique<Pace>(room_, random_);
  return *pace;
}

std::optional<base::Instant> Registry::failing_since(const std::string& id) const {
  const auto found = failing_.find(id);
  return found == failing_.end() ? std::nullopt : std::optional(found->second);
}

void Registry::set_failing(const std::string& id, std::optional<base::Instant> since) {
  if (since)
    failing_[id] = *since;
  else
    failing_.erase(id);
}

int Registry::in_flight() const {
  int all = 0;
  for (const auto& [id, pace] : paces_) all += pace->in_flight();
  return all;
}

}  // namespace ow::notify::webhooks
