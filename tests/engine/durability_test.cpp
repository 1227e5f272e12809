// Nothing is visible before it is durable: whatever a reader saw survives a power cut right after, whichever
// way it looked and however cold the data was. Crashes fall between any two calls of the disk.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "contracts/engine_ports.h"
#include "engine_node.h"

namespace ow::engine {
namespace {

using contracts::event;
using contracts::message;
using contracts::record;
using platform::Commit;
using sim::DiskCall;
using namespace std::chrono_literals;

/// What readers of one life saw: values of records, sizes of histories.
struct Seen {
  std::map<std::string, int> records;
  int queried = 0;
  std::uint64_t events = 0;
  std::set<std::string> received;
  int acknowledged = 0;
};

platform::Key key(int writer) { return {"p", std::to_string(writer)}; }

/// Raises its record by one, again and again; logs it; sends it.
base::Task<void> write(EngineNode& node, int writer, int from, Seen& seen) {
  for (int value = from;; ++value) {
    auto put = record("p", std::to_string(writer), std::to_string(value));
    put.indexes = {{"by_value", "all", std::to_string(value)}};
    auto parts = Commit().put(put).event(event("subject", "raised", node.clock().now()));
    parts.send(message("mail", std::to_string(writer) + "-" + std::to_string(value), std::to_string(writer)));
    const auto outcome = co_await node.store().commit(parts);
    if (!outcome || !outcome->committed()) co_return;
    ++seen.acknowledged;
  }
}

base::Task<void> read(EngineNode& node, Seen& seen) {
  while (true) {
    for (int writer = 0; writer < 3; ++writer) {
      const auto found = co_await platform::get_one(node.store(), key(writer));
      if (found && *found) seen.records[(*found)->key.sort] = std::stoi((*found)->value);
    }
    const auto page = co_await node.store().query({.index = "", .partition = "p"});
    for (const auto& one : page.value_or(platform::Page{}).records) {
      auto& value = seen.records[one.key.sort];
      value = std::max(value, std::stoi(one.value));
    }
    const auto events = co_await node.event_log().by_subject("subject", seen.events, 1000);
    if (events && !events->empty()) seen.events = events->back().number;
    const auto received = co_await node.queues().receive({"mail", 4, {}});
    for (const auto& one : received.value_or(std::vector<platform::Delivery>{})) seen.received.insert(one.id.text);
    if (!co_await node.executor().sleep_until(node.clock().ticks() + 20us)) co_return;
  }
}

struct After {
  std::map<std::string, int> records;
  std::uint64_t events = 0;
  std::uint64_t messages = 0;
};

After look(EngineNode& node) {
  After after;
  for (int writer = 0; writer < 3; ++writer) {
    const auto found = node.executor().run(platform::get_one(node.store(), key(writer))).value();
    if (found) after.records[found->key.sort] = std::stoi(found->value);
  }
  after.events = node.executor().run(node.event_log().by_subject("subject", 0, 1'000'000)).value().size();
  platform::MessageFilter all;
  all.limit = 1'000'000;
  after.messages = node.executor().run(node.queue_admin().inspect("mail", all)).value().messages.size();
  return after;
}

RC_GTEST_PROP(Durability, what_was_seen_or_acknowledged_survives_a_power_cut, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  EngineNode node(seed);
  node.options.cache_bytes = *rc::gen::element<std::size_t>(0, 4096, 1 << 20);  // mostly misses, some, none
  node.stop();
  node.start();
  platform::QueueSpec spec;
  spec.name = "mail";
  RC_ASSERT(node.executor().run(node.queue_admin().declare(spec)).has_value());
  After before;
  for (int life = 0; life < 3; ++life) {
    Seen seen;
    node.machine.disk.set_cold_reads(300, node.world.random.fork("cold"));
    for (int writer = 0; writer < 3; ++writer) {
      const auto from = before.records[std::to_string(writer)] + 1;
      node.executor().spawn(write(node, writer, from, seen));
    }
    node.executor().spawn(read(node, seen));
    const auto call = *rc::gen::element(DiskCall::append, DiskCall::sync);
    const auto nth = *rc::gen::inRange<std::uint64_t>(1, 40);
    const auto end = [&] { node.process->kill(node.machine); };
    if (*rc::gen::arbitrary<bool>()) {
      node.machine.disk.before_call(call, nth, end);
    } else {
      node.machine.disk.after_call(call, nth, end);
    }
    RC_ASSERT(node.world.scheduler.run_for(60s) == sim::SimScheduler::End::halted);
    node.stop();
    node.machine.disk.crash(node.machine.random);
    node.machine.disk.forget_plans();
    node.machine.disk.set_cold_reads(0, node.world.random.fork("warm"));
    node.start();
    const After after = look(node);
    for (const auto& [sort, value] : seen.records) RC_ASSERT(after.records.at(sort) >= value);
    RC_ASSERT(after.events >= seen.events);
    std::uint64_t total = 0;
    for (const auto& [sort, value] : after.records) total += static_cast<std::uint64_t>(value);
    // One event and one message a raise, exactly: a commit is whole or absent.
    RC_ASSERT(after.events == total);
    RC_ASSERT(after.messages == total);
    RC_ASSERT(after.messages >= seen.received.size());
    std::uint64_t total_before = 0;
    for (const auto& [sort, value] : before.records) total_before += static_cast<std::uint64_t>(value);
    RC_ASSERT(total >= total_before + static_cast<std::uint64_t>(seen.acknowledged));
    before = after;
  }
}

struct Looked {
  std::optional<std::string> got;
  std::optional<std::size_t> queried;
};

base::Task<void> look_both_ways(EngineNode& node, Looked& looked) {
  looked.got = (co_await platform::get_one(node.store(), {"p", "s"})).value()->value;
  const auto page = co_await node.store().query({.index = "by_value", .partition = "all"});
  looked.queried = page.value().records.size();
}

base::Task<void> commit_only(EngineNode& node, Commit parts) {
  static_cast<void>(co_await node.store().commit(std::move(parts)));
}

/// Reads between append and sync of a batch; false when the schedule let the sync come first.
bool look_in_between(std::uint64_t seed) {
  EngineNode node(seed);
  EXPECT_TRUE(node.executor().run(node.store().commit(Commit().put(record("p", "s", "old")))).has_value());
  node.restart();  // nothing is cached
  auto put = record("p", "s", "new");
  put.indexes = {{"by_value", "all", "new"}};
  const auto appends = node.machine.disk.calls(DiskCall::append);
  const auto syncs = node.machine.disk.calls(DiskCall::sync);
  node.executor().spawn(commit_only(node, Commit().put(put)));
  node.world.scheduler.run_until([&] { return node.machine.disk.calls(DiskCall::append) > appends; });
  Looked looked;
  node.executor().spawn(look_both_ways(node, looked));
  node.world.scheduler.run_until([&] { return looked.got.has_value(); });
  const bool in_between = node.machine.disk.calls(DiskCall::sync) == syncs;
  if (in_between) EXPECT_EQ(looked.got, "old");
  node.world.scheduler.run_until([&] { return looked.queried.has_value(); });
  if (node.machine.disk.calls(DiskCall::sync) == syncs) EXPECT_EQ(looked.queried, 0U);
  return in_between;
}

TEST(Durability, a_batch_that_is_appended_and_not_synced_is_seen_by_no_reader) {
  int in_between = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) in_between += look_in_between(seed) ? 1 : 0;
  EXPECT_GT(in_between, 5);
}

}  // namespace
}  // namespace ow::engine
