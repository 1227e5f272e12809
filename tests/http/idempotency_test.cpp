// Idempotency keys and commits: one effect and one answer per caller, route and key.
#include "http/idempotency.h"

#include <gtest/gtest.h>

#include "base/bounds.h"
#include "http/edge_world.h"

namespace ow::http {
namespace {

using namespace std::chrono_literals;
using base::Error;
using base::ErrorCode;
using platform::CommitOutcome;

/// POST /things/{id} puts a record under the run's number; `answers` says otherwise.
class Idempotency : public ::testing::Test {
 protected:
  Idempotency() {
    const auto handle = [this](const RequestContext& context) -> base::Result<Reply> {
      ++runs;
      if (otherwise) return base::fail(*otherwise);
      Reply reply{Response::json(201, base::Json::object({{"run", runs}, {"id", context.params.at("id")}}))};
      reply.response.headers.emplace_back("Location", "/things/" + std::to_string(runs));
      reply.commit.put({.key = {"things", std::to_string(runs)}, .kind = "thing", .value = "{}"});
      return reply;
    };
    world.route("POST", "/things/{id}", Access::signed_in, handle);
    world.route("PUT", "/things/{id}", Access::signed_in, handle);
  }
  static Ask ask(std::string key = "k", std::string body = "{}") {
    return Ask("POST", "/things/1").as("alice").key(std::move(key)).json(std::move(body));
  }
  std::string error_of(const Ask& one, int status) {
    const Response response = world.send(one);
    EXPECT_EQ(response.status, status) << response.body;
    return body_of(response).text_at("error");
  }
  EdgeWorld world;
  int runs = 0;
  std::optional<Error> otherwise;
};

void expect_same(const Response& first, const Response& second) {
  EXPECT_EQ(first.status, second.status);
  EXPECT_EQ(first.body, second.body);
  EXPECT_EQ(first.content_type, second.content_type);
  EXPECT_EQ(header(first, "Location"), header(second, "Location"));
}

TEST_F(Idempotency, ReplaysTheAnswerByteForByte) {
  const Response first = world.send(ask());
  const Response second = world.send(ask());
  EXPECT_EQ(first.status, 201);
  expect_same(first, second);
  EXPECT_NE(header(first, "X-Request-Id"), header(second, "X-Request-Id"));
}

TEST_F(Idempotency, ReplaysAsLongAsItIsTold) {
  world.options.idempotency_kept = 48h;
  world.send(ask());
  world.clock.at += 48h - 1s;
  EXPECT_EQ(body_of(world.send(ask())).integer_at("run"), 1);
  world.clock.at += 1s;
  EXPECT_EQ(body_of(world.send(ask())).integer_at("run"), 3);
}

TEST_F(Idempotency, ReadsNothingBeforeTheFirstCommit) {
  world.send(ask());
  EXPECT_EQ(world.store.reads, 0);
  EXPECT_EQ(world.store.commits, 1);
}

TEST_F(Idempotency, ReplaysAtTheFirstConflictOnItsRecord) {
  world.send(ask());
  world.send(ask());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(world.store.reads, 1);
  EXPECT_EQ(world.telemetry.counted.at("ow_http_replays_total"), 1U);
}

TEST_F(Idempotency, TakesEitherHeader) {
  const Response first = world.send(ask());
  expect_same(first, world.send(Ask("POST", "/things/1").as("alice").with("x-idempotency-key", "k").json("{}")));
  EXPECT_EQ(error_of(ask().with("x-idempotency-key", "other"), 400), "invalid_idempotency_key");
  EXPECT_EQ(world.send(ask().with("x-idempotency-key", "k")).status, 201);
}

TEST_F(Idempotency, RefusesKeysThatAreNone) {
  for (const std::string& key : {std::string(), std::string(256, 'k'), std::string("a\tb"), std::string("k\xc3")}) {
    EXPECT_EQ(error_of(ask(key), 400), "invalid_idempotency_key") << key;
  }
  EXPECT_EQ(world.send(ask(std::string(255, 'k'))).status, 201);
  EXPECT_EQ(runs, 1);
}

TEST_F(Idempotency, CountsTheCharactersOfAKeyNotItsBytes) {
  std::string key = "my key ";
  for (int i = 0; i < 248; ++i) key += "\xc3\xa4";
  EXPECT_EQ(world.send(ask(key)).status, 201);
  EXPECT_EQ(error_of(ask(key + "x"), 400), "invalid_idempotency_key");
}

TEST_F(Idempotency, IsScopedToCallerAndRoute) {
  world.send(ask());
  EXPECT_EQ(body_of(world.send(Ask("POST", "/things/1").as("bob").key("k").json("{}"))).integer_at("run"), 2);
  EXPECT_EQ(body_of(world.send(Ask("PUT", "/things/1").as("alice").key("k").json("{}"))).integer_at("run"), 3);
}

TEST_F(Idempotency, RefusesAKeyUsedForAnotherBodyOrPath) {
  world.send(ask());
  EXPECT_EQ(error_of(ask("k", "{ }"), 422), "idempotency_key_reused");
  EXPECT_EQ(error_of(Ask("POST", "/things/2").as("alice").key("k").json("{}"), 422), "idempotency_key_reused");
}

TEST_F(Idempotency, EndsAfterItsTime) {
  world.send(ask());
  world.clock.at += base::bounds::kIdempotencyKept - 1s;
  EXPECT_EQ(body_of(world.send(ask())).integer_at("run"), 1);
  world.clock.at += 1s;
  EXPECT_EQ(body_of(world.send(ask())).integer_at("run"), 3);
}

TEST_F(Idempotency, AnswersATwinUnderWayAtOnce) {
  world.store.holding = true;
  const auto first = world.start(ask());
  EXPECT_EQ(error_of(ask(), 409), "idempotency_key_in_flight");
  EXPECT_EQ(runs, 1);
  world.store.settle(0);
  world.store.holding = false;
  expect_same(*first->answer, world.send(ask()));
}

TEST_F(Idempotency, KeepsRefusalsThatWereDecidedOnState) {
  for (const ErrorCode code :
       {ErrorCode::forbidden, ErrorCode::not_found, ErrorCode::conflict, ErrorCode::unprocessable}) {
    const std::string key = "k" + std::to_string(static_cast<int>(code));
    otherwise = Error{code, "no", "No."};
    const Response first = world.send(ask(key));
    otherwise.reset();
    expect_same(first, world.send(ask(key)));
  }
}

TEST_F(Idempotency, DoesNotKeepWhatStateDidNotDecide) {
  for (const ErrorCode code : {ErrorCode::malformed, ErrorCode::unauthenticated, ErrorCode::rate_limited,
                               ErrorCode::internal, ErrorCode::unavailable, ErrorCode::storage_full}) {
    const std::string key = "k" + std::to_string(static_cast<int>(code));
    otherwise = Error{code, "no", "No."};
    EXPECT_GE(world.send(ask(key)).status, 400);
    otherwise.reset();
    EXPECT_EQ(world.send(ask(key)).status, 201);
  }
}

TEST_F(Idempotency, ReplaysEvenWhenTheHandlerWouldNowFail) {
  const Response first = world.send(ask());
  for (const ErrorCode code : {ErrorCode::malformed, ErrorCode::conflict, ErrorCode::internal}) {
    otherwise = Error{code, "no", "No."};
    expect_same(first, world.send(ask()));
  }
}

TEST_F(Idempotency, ReplaysWithAFullDisk) {
  const Response first = world.send(ask());
  world.store.instead.push_back(base::fail(ErrorCode::storage_full, "disk", "/var/lib is full"));
  expect_same(first, world.send(ask()));
  world.store.instead.push_back(base::fail(ErrorCode::storage_full, "disk", "/var/lib is full"));
  EXPECT_EQ(error_of(ask("new"), 507), "storage_full");
}

TEST_F(Idempotency, MeansNothingWithoutAKnownCallerOrOnReads) {
  world.route("POST", "/open", Access::open, [](const RequestContext&) { return Reply{Response::json(200, 1)}; });
  world.route("GET", "/things", Access::signed_in, [](const RequestContext&) { return Reply{}; });
  EXPECT_EQ(world.send(Ask("POST", "/open").as("alice").key("a b")).status, 200);
  EXPECT_EQ(world.send(Ask("GET", "/things").as("alice").key("k")).status, 200);
  EXPECT_EQ(world.store.commits, 0);
}

TEST_F(Idempotency, KeepsBodiesThatAreNoText) {
  Response binary;
  binary.body = std::string("\xff\x00\x01", 3);
  binary.content_type = "application/octet-stream";
  const IdempotencySlot slot{{"p", "s"}, "/x", base::sha256("")};
  const auto again = replay(slot, to_record(slot, binary, {}));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->body, binary.body);
}

class Commits : public Idempotency {};

CommitOutcome outcome(CommitOutcome::Kind kind) { return {kind, {platform::Conflict::Part::record, {"x", "y"}, {}}}; }

TEST_F(Commits, RunTheHandlerAgainOnConflictUpToABound) {
  for (int i = 1; i < base::bounds::kConflictRunsMax; ++i) {
    world.store.instead.push_back(outcome(CommitOutcome::Kind::conflict));
  }
  EXPECT_EQ(body_of(world.send(ask())).integer_at("run"), base::bounds::kConflictRunsMax);
  for (int i = 0; i < base::bounds::kConflictRunsMax; ++i) {
    world.store.instead.push_back(outcome(CommitOutcome::Kind::conflict));
  }
  runs = 0;
  EXPECT_EQ(error_of(ask("other"), 503), "contended");
  EXPECT_EQ(runs, base::bounds::kConflictRunsMax);
}

TEST_F(Commits, RunTheHandlerAgainOnTheSameBody) {
  std::vector<std::string> bodies;
  auto& route = world.route("POST", "/bodies", Access::signed_in, [&bodies](const RequestContext& context) {
    bodies.push_back(to_text(context.body));
    Reply reply{Response::json(201, base::Json::object())};
    reply.commit.put({.key = {"bodies", std::to_string(bodies.size())}, .kind = "body", .value = "{}"});
    return base::Result<Reply>(std::move(reply));
  });
  route.body_schema = base::parse_json(R"({"type": "object", "properties": {"a": {"type": "array"}}})").value();
  world.store.instead.push_back(outcome(CommitOutcome::Kind::conflict));
  EXPECT_EQ(world.send(Ask("POST", "/bodies").as("alice").key("k").json(R"({"a": [1, 2]})")).status, 201);
  EXPECT_EQ(bodies, std::vector<std::string>(2, R"({"a":[1,2]})"));
}

TEST_F(Commits, AnswerContendedAndUnknownWith503) {
  for (const auto kind : {CommitOutcome::Kind::contended, CommitOutcome::Kind::unknown}) {
    world.store.instead.push_back(outcome(kind));
    const Response response = world.send(ask("k" + std::to_string(static_cast<int>(kind))));
    EXPECT_EQ(response.status, 503);
    EXPECT_TRUE(header(response, "Retry-After"));
  }
  EXPECT_EQ(runs, 2);
}

TEST_F(Commits, AnswerUnknownWithWhatWasKeptAfterAll) {
  const Response first = world.send(ask());
  world.store.instead.push_back(outcome(CommitOutcome::Kind::unknown));
  expect_same(first, world.send(ask()));
}

TEST_F(Commits, ThatBreakABoundAreOurDefect) {
  world.store.instead.push_back(base::fail(ErrorCode::malformed, "commit", "101 keys"));
  EXPECT_EQ(error_of(ask(), 500), "internal_error");
}

TEST_F(Commits, LeaveBeforeTheAnswer) {
  world.store.holding = true;
  const auto running = world.start(ask());
  EXPECT_FALSE(running->answer);
  world.store.settle(0);
  EXPECT_EQ(running->answer->status, 201);
}

}  // namespace
}  // namespace ow::http
