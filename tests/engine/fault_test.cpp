// What the engine does when the store below it fails: a failed sync, a full disk, damage, a newer format; and
// that nothing is visible before it is durable.
#include <gtest/gtest.h>

#include <map>

#include "contracts/engine_ports.h"
#include "engine/bytes.h"
#include "engine_node.h"

namespace ow::engine {
namespace {

using base::ErrorCode;
using contracts::ack;
using contracts::event;
using contracts::message;
using contracts::record;
using platform::Commit;
using platform::CommitOutcome;
using platform::Expect;
using sim::DiskCall;
using namespace std::chrono_literals;

using Outcome = base::Result<CommitOutcome>;

class Fault : public testing::Test {
 protected:
  template <typename T>
  T run(base::Task<T> task) {
    return node_.executor().run(std::move(task));
  }
  Outcome commit(const Commit& parts) { return run(node_.store().commit(parts)); }
  bool committed(const Commit& parts) {
    const auto outcome = commit(parts);
    return outcome && outcome->committed();
  }
  platform::RecordPtr get(const platform::Key& key) { return run(platform::get_one(node_.store(), key)).value(); }
  void declare(const std::string& name) {
    platform::QueueSpec spec;
    spec.name = name;
    ASSERT_TRUE(run(node_.queue_admin().declare(spec)).has_value());
  }
  std::vector<platform::Delivery> receive(const std::string& queue) {
    return run(node_.queues().receive({queue, 10, {}})).value();
  }
  static base::Task<void> keep(platform::Store& store, Commit parts, std::optional<Outcome>& outcome) {
    outcome = co_await store.commit(std::move(parts));
  }

  EngineNode node_;
};

TEST_F(Fault, after_a_failed_sync_nothing_is_acknowledged_and_all_later_commits_are_refused) {
  std::vector<std::string> stopped;
  node_.stop();
  node_.options.fail_stop = [&](const base::Error& cause) { stopped.push_back(cause.reason); };
  node_.start();
  node_.machine.disk.fail(DiskCall::sync, 1, {ErrorCode::internal, "sync_failed", "fdatasync: Input/output error"});
  const auto failed = commit(Commit().put(record("p", "s", "1")));
  EXPECT_FALSE(failed && failed->committed());
  const auto later = commit(Commit().put(record("p", "t", "1")));
  ASSERT_FALSE(later.has_value());
  EXPECT_EQ(later.error().code, ErrorCode::unavailable);
  EXPECT_EQ(stopped, (std::vector<std::string>{"sync_failed"}));
  const auto queried = run(node_.store().query({.index = "", .partition = "p"}));
  EXPECT_FALSE(queried.has_value());
}

TEST_F(Fault, what_a_failed_sync_left_behind_is_whole_or_absent_after_the_restart) {
  ASSERT_TRUE(committed(Commit().put(record("p", "before", "1"))));
  for (const std::size_t kept : {0U, 1U}) {
    node_.machine.disk.fail(DiskCall::sync, 1, {ErrorCode::internal, "sync_failed", "lost"});
    static_cast<void>(commit(Commit().put(record("p", "a", "1")).put(record("p", "b", "1"))));
    node_.stop();
    node_.machine.disk.crash_keeping(kept);
    node_.machine.disk.forget_plans();
    node_.start();
    EXPECT_NE(get({"p", "before"}), nullptr);
    EXPECT_EQ(get({"p", "a"}) != nullptr, kept == 1);
    EXPECT_EQ(get({"p", "b"}) != nullptr, kept == 1);
  }
}

TEST_F(Fault, on_a_full_disk_writes_are_refused_reads_and_acks_go_on_and_writing_resumes_by_itself) {
  declare("mail");
  ASSERT_TRUE(committed(Commit().put(record("p", "s", "1")).send(message("mail", "m1"))));
  node_.machine.disk.fail(DiskCall::append, 1, {ErrorCode::storage_full, "storage_full", "No space left on device"});
  const auto refused = commit(Commit().put(record("p", "s", "2"), Expect::exists()).event(event("o1", "routed-not")));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::storage_full);
  EXPECT_EQ(get({"p", "s"})->value, "1");
  node_.machine.disk.set_full(true);
  const auto received = receive("mail");
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(commit(Commit().ack(ack(received[0]))).error().code, ErrorCode::storage_full);
  node_.machine.disk.set_full(false);
  EXPECT_TRUE(committed(Commit().ack(ack(received[0]))));
  EXPECT_TRUE(committed(Commit().put(record("p", "s", "2"), Expect::at(get({"p", "s"})->version))));
  EXPECT_EQ(get({"p", "s"})->value, "2");
}

TEST_F(Fault, when_a_batch_does_not_fit_what_only_removes_is_still_taken) {
  declare("mail");
  ASSERT_TRUE(committed(Commit().put(record("p", "s", "1")).send(message("mail", "m1"))));
  const auto received = receive("mail");
  ASSERT_EQ(received.size(), 1U);
  std::optional<Outcome> adds;
  std::optional<Outcome> removes;
  node_.machine.disk.fail(DiskCall::append, 1, {ErrorCode::storage_full, "storage_full", "No space left on device"});
  node_.executor().spawn(keep(node_.store(), Commit().put(record("p", "t", "1")), adds));
  node_.executor().spawn(keep(node_.store(), Commit().erase({"p", "s"}).ack(ack(received[0])), removes));
  node_.executor().scheduler().run_for(10s);
  ASSERT_TRUE(adds && removes);
  // Either both were in the batch that did not fit, or the first was alone in it.
  EXPECT_FALSE(adds->has_value());
  EXPECT_TRUE(*removes && (*removes)->committed());
  EXPECT_EQ(get({"p", "s"}), nullptr);
  EXPECT_EQ(get({"p", "t"}), nullptr);
}

TEST_F(Fault, a_commit_refused_for_space_leaves_no_trace_in_memory) {
  declare("mail");
  node_.machine.disk.fail(DiskCall::append, 1, {ErrorCode::storage_full, "storage_full", "full"});
  ASSERT_FALSE(committed(Commit().put(record("p", "s", "1")).move({"c", "1"}, "", "a", 1).send(message("mail", "m1"))));
  EXPECT_TRUE(receive("mail").empty());
  EXPECT_TRUE(committed(
      Commit().put(record("p", "s", "1"), Expect::absent()).event(event("o1", "a")).send(message("mail", "m1"))));
  EXPECT_EQ(receive("mail").size(), 1U);
  EXPECT_EQ(run(node_.event_log().by_subject("o1", 0, 10)).value().at(0).number, 1U);
  EXPECT_EQ(run(node_.store().counters({{"c", "1"}})).value().front(), std::nullopt);
}

TEST_F(Fault, damage_found_by_a_read_is_told_and_not_hidden) {
  ASSERT_TRUE(committed(Commit().put(record("p", "s", "1"))));
  node_.restart();
  node_.machine.disk.damage_read(1, "000012.sst");
  const auto found = run(platform::get_one(node_.store(), {"p", "s"}));
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, ErrorCode::internal);
  EXPECT_NE(found.error().message.find("000012.sst"), std::string::npos);
}

TEST_F(Fault, a_value_that_cannot_be_read_is_damage_also_to_the_committer) {
  node_.engine.reset();
  const auto position = node_.key_value->append({{layout::record_key({"p", "s"}), std::string("\x01garbage", 8)}});
  ASSERT_TRUE(node_.key_value->sync(*position).has_value());
  node_.stop();
  node_.start();
  EXPECT_EQ(commit(Commit().put(record("p", "s", "1"), Expect::absent())).error().code, ErrorCode::internal);
  EXPECT_EQ(run(platform::get_one(node_.store(), {"p", "s"})).error().code, ErrorCode::internal);
  EXPECT_TRUE(committed(Commit().put(record("p", "t", "1"))));
}

TEST_F(Fault, a_newer_format_is_refused_with_both_numbers) {
  std::string format;
  put_number(format, layout::kFormat + 41);
  put_number(format, 1);
  const auto position = node_.key_value->append({{layout::format_key(), format}});
  ASSERT_TRUE(node_.key_value->sync(*position).has_value());
  node_.engine.reset();
  const auto opened = EmbeddedEngine::open({*node_.key_value, node_.executor(), node_.world.clock,
                                            node_.process->random, node_.rules, node_.machine.telemetry});
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, ErrorCode::unsupported);
  EXPECT_NE(opened.error().message.find("42"), std::string::npos);
  EXPECT_NE(opened.error().message.find("format 1"), std::string::npos);
}

TEST_F(Fault, numbers_go_on_above_those_of_a_lost_tail) {
  ASSERT_TRUE(committed(Commit().put(record("p", "s", "1"))));
  const auto version = get({"p", "s"})->version;
  node_.stop();
  node_.machine.disk.crash_keeping(0);
  node_.start();
  ASSERT_TRUE(committed(Commit().put(record("p", "s", "2"))));
  EXPECT_GT(get({"p", "s"})->version, version);
}

TEST_F(Fault, a_closed_engine_takes_nothing_more_and_ends_what_was_under_way) {
  std::optional<Outcome> under_way;
  node_.executor().spawn(keep(node_.store(), Commit().put(record("p", "s", "1")), under_way));
  bool closed = false;
  const auto close = [](EmbeddedEngine& engine, bool& done) -> base::Task<void> {
    co_await engine.close();
    done = true;
  };
  node_.executor().spawn(close(*node_.engine, closed));
  node_.executor().scheduler().run_for(10s);
  EXPECT_TRUE(closed);
  ASSERT_TRUE(under_way && *under_way && (*under_way)->committed());
  EXPECT_EQ(commit(Commit().put(record("p", "t", "1"))).error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace ow::engine
