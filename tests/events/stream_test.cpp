// The live tail: nothing is lost or told twice, whatever the reader's pace; filters; bounds.
#include "events/stream.h"

#include <gtest/gtest.h>

#include "events/bounds.h"
#include "sim/world/sim_clock.h"
#include "sim/world/sim_executor.h"
#include "sim/world/sim_random.h"
#include "sim/world/sim_telemetry.h"

namespace ow::events {
namespace {

using base::Json;

/// A log in memory whose cursors are the index of the last event seen.
class ListLog final : public platform::EventLog {
 public:
  explicit ListLog(platform::Executor& executor) : executor_(executor) {}
  base::Task<base::Result<std::vector<platform::Event>>> by_subject(std::string, std::uint64_t, std::size_t) override {
    co_return std::vector<platform::Event>();
  }
  base::Task<base::Result<platform::EventPage>> after(std::string cursor, std::size_t limit) override {
    ++reads;
    co_await base::Task<void>(offload(executor_, platform::Lane::read, [] {}));
    if (!cursor.empty() && !cursor.starts_with("c")) {
      co_return base::fail(base::ErrorCode::malformed, "cursor_invalid", "Not one of this log.");
    }
    std::size_t at = cursor.empty() ? 0 : std::stoul(cursor.substr(1));
    platform::EventPage page;
    for (; at < events.size() && page.events.size() < limit; ++at) page.events.push_back(events[at]);
    page.next_cursor = "c" + std::to_string(at);
    co_return page;
  }
  base::Task<base::Result<platform::EventPage>> newest(std::size_t) override {
    co_return platform::EventPage{{}, "c" + std::to_string(events.size())};
  }
  base::Task<base::Result<platform::EventPage>> before(std::string cursor, std::size_t) override {
    co_return platform::EventPage{{}, std::move(cursor)};
  }
  base::Task<base::Result<std::string>> cursor_at(base::Instant) override { co_return std::string(); }

  void add(const std::string& subject, const std::string& type, const std::string& data) {
    platform::Event event;
    event.subject = subject;
    event.type = type;
    event.data = data;
    event.id = base::EventId("evt_" + std::to_string(events.size()));
    event.cursor = "c" + std::to_string(events.size() + 1);
    events.push_back(std::move(event));
  }

  std::vector<platform::Event> events;
  int reads = 0;

 private:
  platform::Executor& executor_;
};

/// Subjects are owned by the user of their first part: "alice/1".
base::Task<base::Result<std::vector<TailEvent>>> render(std::vector<platform::Event> events) {
  std::vector<TailEvent> shown;
  for (auto& event : events) {
    const base::UserId owner(event.subject.substr(0, event.subject.find('/')));
    const auto json = Json::object({{"id", event.id.text}, {"data", base::parse_json(event.data).value()}});
    shown.push_back({event, owner, base::to_text(json)});
  }
  co_return shown;
}

class Stream : public ::testing::Test {
 protected:
  base::Result<http::Reply> open(std::string user, std::map<std::string, std::string> query = {},
                                 std::string last_event_id = {}) {
    http::Request request;
    if (!last_event_id.empty()) request.headers.emplace_back("last-event-id", last_event_id);
    http::RequestContext context;
    context.request = &request;
    context.query = std::move(query);
    const auto role = user == "oscar" ? "operator" : "shopper";
    context.principal = http::Principal{base::UserId(std::move(user)), {role}};
    return executor.run(route.handle(context));
  }
  std::shared_ptr<http::BodyStream> must_open(std::string user, std::map<std::string, std::string> query = {},
                                              std::string last_event_id = {}) {
    auto reply = open(std::move(user), std::move(query), std::move(last_event_id));
    EXPECT_TRUE(reply.has_value());
    EXPECT_TRUE(executor.run(reply->response.stream->next()).starts_with(": orderwright"));
    return reply->response.stream;
  }
  void commit(const std::string& subject, const std::string& type = "t", const std::string& data = "{}") {
    log.add(subject, type, data);
    streams.changed();
  }
  std::string next(http::BodyStream& stream) { return executor.run(stream.next()); }
  /// Ids of the events in the next bytes; heartbeats are passed over.
  std::vector<std::string> ids(http::BodyStream& stream) {
    std::vector<std::string> found;
    const auto bytes = next(stream);
    for (std::size_t at = bytes.find("\"evt_"); at != std::string::npos; at = bytes.find("\"evt_", at + 1)) {
      found.push_back(bytes.substr(at + 1, bytes.find('"', at + 1) - at - 1));
    }
    return found;
  }

  sim::SimClock clock;
  sim::History history;
  sim::SimScheduler scheduler{clock, sim::SimRandom(8), history};
  sim::SimExecutor executor{scheduler};
  sim::SimTelemetry telemetry;
  ListLog log{executor};
  Streams streams{{log, executor, clock}, render, telemetry};
  http::Route route = streams.route();
};

using Ids = std::vector<std::string>;

TEST_F(Stream, TellsWhatIsCommittedAfterItWasOpened) {
  commit("alice/1");
  const auto stream = must_open("oscar");
  commit("alice/2", "order.created", R"({"n":1})");
  EXPECT_EQ(next(*stream), "id: c2\ndata: {\"id\":\"evt_1\",\"data\":{\"n\":1}}\n\n");
}

TEST_F(Stream, WakesUpOnACommitAndDoesNotPoll) {
  const auto stream = must_open("oscar");
  const auto before = clock.ticks();
  auto waiting = stream->next();
  executor.post([this] { commit("alice/1"); });
  EXPECT_NE(executor.run(std::move(waiting)), "");
  EXPECT_LT(clock.ticks() - before, base::Duration(kTailPollInterval));
}

TEST_F(Stream, FindsWhatAnotherProcessCommitted) {
  const auto stream = must_open("oscar");
  auto waiting = stream->next();
  executor.post([this] { log.add("alice/1", "t", "{}"); });
  EXPECT_NE(executor.run(std::move(waiting)).find("evt_0"), std::string::npos);
}

TEST_F(Stream, ResumesBehindTheLastEventIdWithoutLossOrRepetition) {
  for (int i = 0; i < 250; ++i) commit("alice/" + std::to_string(i));
  Ids all;
  std::string last = "c3";
  while (all.size() < 247) {
    const auto stream = must_open("oscar", {}, last);
    for (const auto& id : ids(*stream)) all.push_back(id);
    last = "c" + std::to_string(3 + all.size());
  }
  Ids expected;
  for (int i = 3; i < 250; ++i) expected.push_back("evt_" + std::to_string(i));
  EXPECT_EQ(all, expected);
}

TEST_F(Stream, ASlowReaderFallsBehindTheKeptEventsAndLosesNone) {
  const auto slow = must_open("oscar");
  const auto quick = must_open("oscar");
  Ids quickly, slowly;
  for (std::size_t i = 0; i < 3 * kTailEventsMax; i += 64) {
    for (int n = 0; n < 64; ++n) commit("alice/1");
    for (const auto& id : ids(*quick)) quickly.push_back(id);
  }
  while (quickly.size() < log.events.size()) {
    for (const auto& id : ids(*quick)) quickly.push_back(id);
  }
  while (slowly.size() < log.events.size()) {
    for (const auto& id : ids(*slow)) slowly.push_back(id);
  }
  EXPECT_EQ(slowly, quickly);
  EXPECT_EQ(quickly.front(), "evt_0");
}

TEST_F(Stream, FollowersShareWhatIsRead) {
  std::vector<std::shared_ptr<http::BodyStream>> all;
  for (std::size_t i = 0; i < kStreamsPerCallerMax; ++i) all.push_back(must_open("oscar"));
  std::vector<base::Task<std::string>> waiting;
  for (const auto& stream : all) EXPECT_EQ(executor.try_run(stream->next()).value_or("").front(), ':');
  const int before = log.reads;
  for (int i = 0; i < 10; ++i) {
    commit("alice/1");
    for (const auto& stream : all) EXPECT_EQ(ids(*stream).size(), 1U);
  }
  EXPECT_LE(log.reads - before, 20);
}

TEST_F(Stream, AShopperSeesOwnEventsOnly) {
  const auto stream = must_open("alice");
  commit("bob/1");
  commit("alice/1");
  commit("bob/2");
  EXPECT_EQ(ids(*stream), Ids({"evt_1"}));
}

TEST_F(Stream, FiltersByTypeSubjectAndPattern) {
  const auto by_type = must_open("oscar", {{"type", "a,b"}});
  const auto by_subject = must_open("oscar", {{"subject", "alice/2"}});
  const auto by_pattern = must_open("oscar", {{"pattern", R"({"detail":{"n":[{"numeric":[">",4]}]}})"}});
  commit("alice/1", "a", R"({"n":1})");
  commit("alice/2", "c", R"({"n":2})");
  commit("alice/3", "b", R"({"n":5})");
  EXPECT_EQ(ids(*by_type), Ids({"evt_0", "evt_2"}));
  EXPECT_EQ(ids(*by_subject), Ids({"evt_1"}));
  EXPECT_EQ(ids(*by_pattern), Ids({"evt_2"}));
  const auto refused = open("oscar", {{"pattern", "{\"detail\":{}}"}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, base::ErrorCode::malformed);
  EXPECT_TRUE(refused.error().violations.at(0).starts_with("pattern: "));
}

TEST_F(Stream, AHeartbeatMovesTheIdOfAFilteredStreamAlong) {
  const auto stream = must_open("alice");
  commit("bob/1");
  EXPECT_EQ(next(*stream), "id: c1\n\n");
  EXPECT_EQ(next(*stream), ":\n\n");
}

TEST_F(Stream, RefusesACursorOfAnotherLog) {
  EXPECT_EQ(open("oscar", {}, "x7").error().reason, "cursor_invalid");
  EXPECT_EQ(open("oscar", {{"after", "x7"}}).error().reason, "cursor_invalid");
}

TEST_F(Stream, EndsAfterItsLifeAndWhenItIsClosed) {
  const auto opened = clock.ticks();
  const auto stream = must_open("oscar");
  while (!next(*stream).empty()) EXPECT_LT(clock.ticks() - opened, 2 * base::Duration(kStreamLife));
  EXPECT_GE(clock.ticks() - opened, base::Duration(kStreamLife));
  const auto other = must_open("oscar");
  auto waiting = other->next();
  executor.post([&] { other->close(); });
  EXPECT_EQ(executor.run(std::move(waiting)), "");
}

TEST_F(Stream, ACallerHasABoundedNumberOpenAndGetsThemBack) {
  std::vector<std::shared_ptr<http::BodyStream>> all;
  for (std::size_t i = 0; i < kStreamsPerCallerMax; ++i) all.push_back(must_open("alice"));
  const auto refused = open("alice");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "too_many_streams");
  EXPECT_TRUE(open("bob").has_value());
  all.pop_back();
  EXPECT_TRUE(open("alice").has_value());
}

TEST_F(Stream, AReaderThatIsGoneIsNeverWoken) {
  auto stream = must_open("oscar");
  {
    auto waiting = std::make_unique<base::Task<std::string>>(stream->next());
    waiting->operator co_await().handle.resume();
    scheduler.run_for(std::chrono::milliseconds(10));
  }
  commit("alice/1");
  scheduler.run_for(std::chrono::seconds(2));
  EXPECT_EQ(ids(*stream), Ids({"evt_0"}));
}

}  // namespace
}  // namespace ow::events
