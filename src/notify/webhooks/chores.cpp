// See chores.h.
#include "notify/webhooks/chores.h"

#include "notify/topics/announcement.h"
#include "notify/webhooks/bounds.h"
#include "notify/webhooks/expansion.h"

namespace ow::notify::webhooks {
namespace {

using platform::Commit;

constexpr std::size_t kEventsPage = 100;

platform::Query lanes_of(const Work& work) {
  platform::Query query{.index = {}, .partition = lane_partition(work.endpoint), .limit = kStepDeliveriesMax};
  query.cursor = work.cursor;
  return query;
}

platform::Query failed_of(const std::string& endpoint, base::Instant from, std::size_t limit) {
  platform::Query query{.index = std::string(kFailedIndex), .partition = endpoint, .from = base::to_rfc3339(from)};
  query.limit = limit;
  return query;
}

}  // namespace

void Chores::go_on(Commit& commit, Work work, std::string cursor) {
  work.cursor = std::move(cursor);
  const auto id = work.kind + "/" + ports_.ids.next("whw");
  commit.send(work_message(work, id));
}

base::Task<Chores::Answer> Chores::wake(Work work) {
  Commit commit;
  const auto endpoint = co_await find_endpoint(ports_.store, work.endpoint);
  if (!endpoint) co_return base::fail(endpoint.error());
  if (!*endpoint || (*endpoint)->status != Status::active) co_return commit;
  auto page = co_await ports_.store.query(lanes_of(work));
  if (!page) co_return base::fail(std::move(page.error()));
  const auto now = ports_.clock.now();
  for (const auto& record : page->records) {
    auto lane = lane_from(work.endpoint, record.key.sort, &record, now);
    if (!lane) co_return base::fail(std::move(lane.error()));
    if (lane->live || lane->waiting.empty()) continue;
    send_first(commit, *lane, now);
    put_lane(commit, *lane);
  }
  if (!page->next_cursor.empty()) go_on(commit, std::move(work), std::move(page->next_cursor));
  co_return commit;
}

base::Task<Chores::Answer> Chores::forget(Work work) {
  Commit commit;
  auto page = co_await ports_.store.query(lanes_of(work));
  if (!page) co_return base::fail(std::move(page.error()));
  for (const auto& record : page->records) commit.erase(record.key);
  if (!page->next_cursor.empty()) go_on(commit, std::move(work), std::move(page->next_cursor));
  co_return commit;
}

/// One commit for deliveries of one endpoint, at most kStepDeliveriesMax.
base::Task<Chores::Answer> Chores::add_all(Endpoint endpoint, std::vector<DeliveryRecord> deliveries) {
  std::map<std::string, Lane> lanes;
  std::vector<platform::Key> keys;
  std::vector<std::string> subjects;
  for (const auto& delivery : deliveries) {
    if (!lanes.try_emplace(delivery.subject).second) continue;
    keys.push_back(lane_key(endpoint.id, delivery.subject));
    subjects.push_back(delivery.subject);
  }
  const auto records = co_await ports_.store.get(std::move(keys));
  if (!records) co_return base::fail(records.error());
  const auto now = ports_.clock.now();
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    auto lane = lane_from(endpoint.id, subjects[i], records->at(i).get(), now);
    if (!lane) co_return base::fail(std::move(lane.error()));
    lanes[subjects[i]] = std::move(*lane);
  }
  Commit commit;
  for (auto& delivery : deliveries) {
    auto& lane = lanes[delivery.subject];
    enqueue(commit, lane, std::move(delivery), endpoint.status == Status::active, now);
  }
  for (const auto& [subject, lane] : lanes) put_lane(commit, lane);
  co_return commit;
}

base::Task<Chores::Answer> Chores::resend(Endpoint endpoint, std::string event) {
  const auto record = co_await platform::get_one(ports_.store, delivery_key(endpoint.id, event));
  if (!record) co_return base::fail(record.error());
  if (!*record) {
    co_return base::fail(base::ErrorCode::not_found, "delivery_not_found",
                         "The endpoint has no delivery of the event " + event + ".");
  }
  auto delivery = delivery_from(**record);
  if (!delivery) co_return base::fail(std::move(delivery.error()));
  if (delivery->state == DeliveryState::waiting) {
    co_return base::fail(base::ErrorCode::conflict, "delivery_waiting",
                         "The delivery waits for its next attempt already.");
  }
  std::vector<DeliveryRecord> one;
  one.push_back(std::move(*delivery));
  co_return co_await add_all(std::move(endpoint), std::move(one));
}

/// The index may lag: a delivery is read anew, and one that waits already is left alone.
base::Task<Chores::Answer> Chores::recover(Work work) {
  Commit commit;
  auto endpoint = co_await find_endpoint(ports_.store, work.endpoint);
  if (!endpoint) co_return base::fail(std::move(endpoint.error()));
  if (!*endpoint) co_return commit;
  auto query = failed_of(work.endpoint, work.from, kStepDeliveriesMax);
  query.to = base::to_rfc3339(work.until);
  query.cursor = work.cursor;
  const auto page = co_await ports_.store.query(query);
  if (!page) co_return base::fail(page.error());
  std::vector<platform::Key> keys;
  for (const auto& record : page->records) keys.push_back(record.key);
  const auto fresh = co_await ports_.store.get(std::move(keys));
  if (!fresh) co_return base::fail(fresh.error());
  std::vector<DeliveryRecord> deliveries;
  for (const auto& record : *fresh) {
    auto delivery = record ? delivery_from(*record) : base::Result<DeliveryRecord>();
    if (!delivery) co_return base::fail(std::move(delivery.error()));
    if (record && delivery->state == DeliveryState::failed) deliveries.push_back(std::move(*delivery));
  }
  auto added = co_await add_all(std::move(**endpoint), std::move(deliveries));
  if (added && !page->next_cursor.empty()) go_on(*added, std::move(work), page->next_cursor);
  co_return added;
}

base::Task<base::Result<Chores::Found>> Chores::missing(Endpoint endpoint, std::string cursor, base::Instant until,
                                                        std::size_t limit) {
  auto page = co_await ports_.event_log.after(cursor, kEventsPage);
  if (!page) co_return base::fail(std::move(page.error()));
  Found found;
  found.next_cursor = page->next_cursor;
  found.end = page->events.size() < kEventsPage;
  for (auto& event : page->events) {
    if (event.time >= until) {
      found.end = true;
      break;
    }
    const auto published = co_await ports_.publish(event);
    if (!published) co_return base::fail(published.error());
    const auto by_topic = co_await topic_listeners(ports_.store, event);
    if (!by_topic) co_return base::fail(by_topic.error());
    if (!wants(endpoint, *published) && !by_topic->contains(endpoint.id)) continue;
    const auto known = co_await platform::get_one(ports_.store, delivery_key(endpoint.id, event.id.text));
    if (!known) co_return base::fail(known.error());
    if (*known) continue;
    found.next_cursor = event.cursor;
    found.events.push_back(std::move(event));
    if (found.events.size() < limit) continue;
    found.end = false;
    co_return found;
  }
  if (!found.end) found.next_cursor = page->next_cursor;
  co_return found;
}

base::Task<Chores::Answer> Chores::replay(Work work) {
  auto endpoint = co_await find_endpoint(ports_.store, work.endpoint);
  if (!endpoint) co_return base::fail(std::move(endpoint.error()));
  if (!*endpoint) co_return Commit();
  if (work.cursor.empty()) {
    auto start = co_await ports_.event_log.cursor_at(work.from);
    if (!start) co_return base::fail(std::move(start.error()));
    work.cursor = std::move(*start);
  }
  auto found = co_await missing(**endpoint, work.cursor, work.until, kStepDeliveriesMax);
  if (!found) co_return base::fail(std::move(found.error()));
  const auto now = ports_.clock.now();
  std::vector<DeliveryRecord> deliveries;
  for (const auto& event : found->events) deliveries.push_back(delivery_of(event, work.endpoint, now));
  auto added = co_await add_all(std::move(**endpoint), std::move(deliveries));
  if (added && !found->end) go_on(*added, std::move(work), std::move(found->next_cursor));
  co_return added;
}

base::Task<base::Result<Count>> Chores::count_failed(std::string endpoint, base::Instant from) {
  Count count;
  auto query = failed_of(endpoint, from, kEventsPage);
  do {
    auto page = co_await ports_.store.query(query);
    if (!page) co_return base::fail(std::move(page.error()));
    count.deliveries += page->records.size();
    query.cursor = std::move(page->next_cursor);
    count.complete = query.cursor.empty();
  } while (!count.complete && count.deliveries < kCountedMax);
  co_return count;
}

base::Task<base::Result<Count>> Chores::count_missing(Endpoint endpoint, base::Instant from) {
  Count count;
  const auto until = ports_.clock.now();
  auto cursor = co_await ports_.event_log.cursor_at(from);
  if (!cursor) co_return base::fail(std::move(cursor.error()));
  for (std::size_t pages = 0; pages < kCountedMax / kEventsPage; ++pages) {
    auto found = co_await missing(endpoint, *cursor, until, kEventsPage);
    if (!found) co_return base::fail(std::move(found.error()));
    count.deliveries += found->events.size();
    count.complete = found->end;
    if (found->end) break;
    *cursor = std::move(found->next_cursor);
  }
  co_return count;
}

}  // namespace ow::notify::webhooks
