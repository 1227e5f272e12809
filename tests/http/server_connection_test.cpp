// One connection of the server: answers in order, what an answer looks like, who outlives whom.
#include <deque>
#include <future>

#include <gtest/gtest.h>

#include "base/bounds.h"
#include "tests/http/server_rig.h"

namespace ow::http {
namespace {

/// Handlers that wait until the test lets them go, in any order it likes.
class Gate {
 public:
  base::Task<Response> handle(Request request) {
    waiting_.push_back({request.target, std::make_shared<base::Completion<bool>>()});
    const auto opened = waiting_.back().opened;
    arrived_.set_value();
    co_await *opened;
    ++finished_;
    co_return Response{.body = request.target};
  }
  void wait_for_arrival() { arrived_.get_future().wait(); }
  void open() { waiting_.front().opened->complete(true); }
  int finished() const { return finished_; }

 private:
  struct Waiting {
    std::string target;
    std::shared_ptr<base::Completion<bool>> opened;
  };
  std::deque<Waiting> waiting_;
  std::promise<void> arrived_;
  int finished_ = 0;
};

TEST(ServerConnection, PipelinedRequestsAreAnsweredInOrder) {
  ServerRig rig(echo);
  auto client = rig.connect();
  std::string requests;
  for (int i = 0; i < 500; ++i) requests += get("/" + std::to_string(i));
  client.send(requests);
  for (int i = 0; i < 500; ++i) {
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer.has_value()) << i;
    EXPECT_EQ(answer->body, "GET /" + std::to_string(i) + " ");
  }
}

TEST(ServerConnection, APipelinedRequestWaitsUntilTheOneBeforeIsAnswered) {
  Gate gate;
  ServerRig rig([&gate](Request request) { return gate.handle(std::move(request)); });
  auto client = rig.connect();
  client.send("GET /first HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + get("/never"));
  gate.wait_for_arrival();
  rig.on_loop([&] { gate.open(); });
  EXPECT_EQ(client.read_answer()->body, "/first");
  EXPECT_TRUE(client.closed());
  rig.on_loop([&] { EXPECT_EQ(gate.finished(), 1); });
}

TEST(ServerConnection, AHandlerFinishesThoughItsClientHasGone) {
  Gate gate;
  ServerRig rig([&gate](Request request) { return gate.handle(std::move(request)); });
  auto client = rig.connect();
  client.send(get("/order"));
  gate.wait_for_arrival();
  client.reset();
  rig.on_loop([&] { gate.open(); });
  rig.on_loop([&] { EXPECT_EQ(gate.finished(), 1); });
}

TEST(ServerConnection, AnAnswerSaysItsLengthItsTypeAndTheDate) {
  ServerRig rig(echo);
  auto client = rig.connect();
  client.send(get("/"));
  const auto answer = client.read_answer();
  EXPECT_EQ(answer->headers.at("content-length"), "6");
  EXPECT_EQ(answer->headers.at("content-type"), "text/plain");
  EXPECT_TRUE(answer->headers.at("date").ends_with(" GMT"));
  EXPECT_FALSE(answer->headers.contains("connection"));
}

TEST(ServerConnection, HeadIsAnsweredWithoutABody) {
  ServerRig rig(echo);
  auto client = rig.connect();
  client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n" + get("/y"));
  EXPECT_EQ(client.read_answer(false)->headers.at("content-length"), "8");
  EXPECT_EQ(client.read_answer()->body, "GET /y ");
}

base::Task<Response> no_content(Request) { co_return Response{.status = 204}; }

TEST(ServerConnection, NoContentHasNoLengthAndNoType) {
  ServerRig rig(no_content);
  auto client = rig.connect();
  client.send(get("/"));
  const auto answer = client.read_answer();
  EXPECT_EQ(answer->status, 204);
  EXPECT_FALSE(answer->headers.contains("content-length"));
  EXPECT_FALSE(answer->headers.contains("content-type"));
}

TEST(ServerConnection, AnOldClientIsClosedUnlessItAsksToStay) {
  ServerRig rig(echo);
  auto client = rig.connect();
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.read_answer()->headers.at("connection"), "keep-alive");
  client.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.read_answer()->headers.at("connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST(ServerConnection, AClientThatExpectsAContinueGetsItBeforeItSendsTheBody) {
  ServerRig rig(echo);
  auto client = rig.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_answer()->status, 100);
  client.send("ok");
  EXPECT_EQ(client.read_answer()->body, "POST / ok");
}

TEST(ServerConnection, ALargestBodyIsAcceptedWholeAndInChunks) {
  ServerRig rig(echo);
  auto client = rig.connect();
  const std::string body(base::bounds::kBodyBytesMax, 'b');
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 262144\r\n\r\n" + body);
  EXPECT_EQ(client.read_answer()->body, "POST / " + body);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n40000\r\n" + body + "\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_answer()->body, "POST / " + body);
}

TEST(ServerConnection, ATooLargeBodyIsRefusedThoughTheClientKeepsSending) {
  ServerRig rig(echo);
  auto client = rig.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 600000\r\n\r\n" + std::string(600'000, 'b'));
  EXPECT_EQ(client.read_answer()->status, 413);
  client.finish_sending();
  EXPECT_TRUE(client.closed());
}

TEST(ServerConnection, ChunksThatTogetherAreTooLargeAreRefused) {
  ServerRig rig(echo);
  auto client = rig.connect();
  const auto chunk = "20000\r\n" + std::string(0x20000, 'c') + "\r\n";
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "1\r\nx\r\n");
  EXPECT_EQ(client.read_answer()->status, 413);
}

base::Task<Response> injecting(Request) { co_return Response{.headers = {{"location", "/a\r\nset-cookie: stolen"}}}; }

TEST(ServerConnection, ALineBreakInAHeaderCannotStartAnotherHeader) {
  ServerRig rig(injecting);
  auto client = rig.connect();
  client.send(get("/"));
  const auto answer = client.read_answer();
  EXPECT_EQ(answer->headers.at("location"), "/a  set-cookie: stolen");
  EXPECT_FALSE(answer->headers.contains("set-cookie"));
}

base::Task<Response> silent(Request) { co_return Response{.status = 0}; }

TEST(ServerConnection, StatusZeroClosesWithoutAnAnswer) {
  ServerRig rig(silent);
  auto client = rig.connect();
  client.send(get("/"));
  EXPECT_TRUE(client.closed());
}

base::Task<Response> show_request(Request request) {
  std::string text = request.peer;
  for (const auto& [name, value] : request.headers) text += "|" + name + "=" + value;
  co_return Response{.body = text};
}

TEST(ServerConnection, HeadersKeepTheirOrderInLowerCaseAndTheHostIsTheTargets) {
  ServerRig rig(show_request);
  auto client = rig.connect();
  client.send("GET http://shop.example/ HTTP/1.1\r\nX-B: 1\r\nHOST: other\r\nx-b:  Two \r\n\r\n");
  EXPECT_EQ(client.read_answer()->body, "127.0.0.1|x-b=1|host=shop.example|x-b=Two");
}

TEST(ServerConnection, ConnectionsBeyondTheBoundAreTurnedAway) {
  ServerOptions options;
  options.connections_max = 2;
  ServerRig rig(echo, options);
  auto first = rig.connect();
  auto second = rig.connect();
  first.send(get("/"));
  EXPECT_EQ(first.read_answer()->status, 200);
  second.send(get("/"));
  EXPECT_EQ(second.read_answer()->status, 200);
  auto third = rig.connect();
  const auto answer = third.read_answer();
  EXPECT_EQ(answer->status, 503);
  EXPECT_TRUE(answer->headers.contains("retry-after") || answer->headers.contains("Retry-After"));
  EXPECT_TRUE(third.closed());
}

TEST(Server, APortInUseIsAnErrorThatNamesIt) {
  ServerRig rig(echo);
  local::AsioExecutor executor;
  local::SystemClock clock;
  sim::SimTelemetry telemetry;
  Server second(executor.loop(), clock, telemetry, echo);
  const auto listening = second.listen({.port = rig.port()});
  ASSERT_FALSE(listening.has_value());
  EXPECT_EQ(listening.error().code, base::ErrorCode::unavailable);
  EXPECT_NE(listening.error().message.find(std::to_string(rig.port())), std::string::npos);
}

}  // namespace
}  // namespace ow::http
