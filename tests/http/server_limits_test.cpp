// Clients that are slow, broken or leave, and the graceful stop under load.
#include <atomic>
#include <future>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/http/server_rig.h"

namespace ow::http {
namespace {

using namespace std::chrono_literals;

ServerOptions short_timeouts() {
  ServerOptions options;
  options.header_timeout = options.idle_timeout = options.body_timeout = options.answer_timeout = 40ms;
  return options;
}

TEST(ServerLimits, AConnectionThatSendsNothingIsClosed) {
  ServerRig rig(echo, short_timeouts());
  auto client = rig.connect();
  EXPECT_TRUE(client.closed());
}

TEST(ServerLimits, AnIdleConnectionIsClosed) {
  ServerRig rig(echo, short_timeouts());
  auto client = rig.connect();
  client.send(get("/"));
  EXPECT_EQ(client.read_answer()->status, 200);
  EXPECT_TRUE(client.closed());
}

TEST(ServerLimits, ASlowHeaderIsAnswered408AndClosed) {
  ServerRig rig(echo, short_timeouts());
  auto client = rig.connect();
  client.send("GET / HTTP/1.1\r\nHost:");
  EXPECT_EQ(client.read_answer()->status, 408);
  client.finish_sending();
  EXPECT_TRUE(client.closed());
}

TEST(ServerLimits, AHeaderThatComesByteByByteIsNotGivenMoreTime) {
  ServerRig rig(echo, short_timeouts());
  auto client = rig.connect();
  std::atomic<bool> answered{false};
  std::thread dripping([&] {
    while (!answered) {
      client.send("a");
      std::this_thread::sleep_for(5ms);
    }
  });
  EXPECT_EQ(client.read_answer()->status, 408);
  answered = true;
  dripping.join();
}

TEST(ServerLimits, ASlowBodyIsAnswered408AndClosed) {
  ServerRig rig(echo, short_timeouts());
  auto client = rig.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
  EXPECT_EQ(client.read_answer()->status, 408);
}

base::Task<Response> large(Request) { co_return Response{.body = std::string(32 << 20, 'x')}; }

TEST(ServerLimits, AClientThatDoesNotReadItsAnswerIsClosed) {
  ServerRig rig(large, short_timeouts());
  auto client = rig.connect();
  client.send(get("/"));
  auto other = rig.connect();
  while (true) {  // the other connection is turned over until the first one's deadline was swept
    std::uint64_t timeouts = 0;
    rig.on_loop([&] { timeouts = rig.telemetry().count("ow_http_timeouts_total"); });
    if (timeouts >= 1) break;
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_FALSE(client.read_answer().has_value());
}

base::Task<Response> large_for_all(Request) { co_return Response{.body = std::string(8 << 20, 'y')}; }

TEST(ServerLimits, ALargeAnswerArrivesWhole) {
  ServerRig rig(large_for_all);
  auto client = rig.connect();
  client.send(get("/"));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, std::string(8 << 20, 'y'));
}

/// A request with some bytes changed, cut off anywhere.
std::string mangled(std::mt19937& random) {
  std::string bytes =
      "POST /orders?a=b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX-Y: z\r\n\r\n"
      "5\r\nhello\r\n3;a=b\r\nabc\r\n0\r\nT: u\r\n\r\n";
  const auto changes = random() % 4;
  for (unsigned i = 0; i < changes; ++i) bytes[random() % bytes.size()] = static_cast<char>(random() % 256);
  bytes.resize(random() % (bytes.size() + 1));
  return bytes;
}

TEST(ServerLimits, TwoHundredMangledAndAbortedConnectionsLeaveTheServerWell) {
  ServerRig rig(echo);
  std::mt19937 random(20261121);
  for (int i = 0; i < 200; ++i) {
    auto client = rig.connect();
    client.send(mangled(random));
    if (random() % 2 == 0) client.reset();
  }
  auto client = rig.connect();
  client.send(get("/well"));
  EXPECT_EQ(client.read_answer()->body, "GET /well ");
}

TEST(ServerLimits, AServerCanGoWhileItsConnectionsAreBusy) {
  std::vector<RawClient> clients;
  {
    ServerRig rig(large);
    for (int i = 0; i < 20; ++i) {
      clients.push_back(rig.connect());
      clients.back().send(i % 2 == 0 ? get("/") : "GET / HTT");
    }
    rig.on_loop([] {});
  }
  SUCCEED() << "the sanitizers are the judges";
}

TEST(ServerDrain, IdleConnectionsCloseAndTheDrainEnds) {
  ServerRig rig(echo);
  auto client = rig.connect();
  client.send(get("/"));
  EXPECT_EQ(client.read_answer()->status, 200);
  std::promise<void> drained;
  rig.drain([&] { drained.set_value(); });
  drained.get_future().wait();
  EXPECT_TRUE(client.closed());
  auto late = rig.connect();
  late.send(get("/"));
  EXPECT_FALSE(late.read_answer().has_value());
}

TEST(ServerDrain, ARequestThatIsNeverCompletedDoesNotHoldItUp) {
  ServerRig rig(echo);
  auto client = rig.connect();
  client.send(get("/") + "GET /half");
  EXPECT_EQ(client.read_answer()->status, 200);
  std::promise<void> drained;
  rig.drain([&] { drained.set_value(); });
  drained.get_future().wait();
}

/// Asks until the server closes; how many answers came.
int ask_until_closed(std::uint16_t port, std::atomic<int>& asked) {
  RawClient client(port);
  int answers = 0;
  for (;;) {
    client.send(get("/"));
    const auto answer = client.read_answer();
    if (!answer) return answers;
    ++answers;
    ++asked;
    if (answer->headers.contains("connection")) return answers;
  }
}

class Worker {
 public:
  explicit Worker(local::AsioExecutor& executor) : executor_(executor) {}
  base::Task<Response> handle(Request) {
    ++handled;
    co_await platform::offload(executor_, platform::Lane::read, [] {});
    co_return Response{};
  }
  std::atomic<int> handled{0};

 private:
  local::AsioExecutor& executor_;
};

TEST(ServerDrain, UnderLoadEveryHandledRequestIsAnswered) {
  std::optional<Worker> worker;
  ServerRig rig([&worker](Request request) { return worker->handle(std::move(request)); });
  worker.emplace(rig.executor());
  std::atomic<int> asked{0};
  std::vector<std::future<int>> clients;
  for (int i = 0; i < 16; ++i) {
    clients.push_back(std::async(std::launch::async, [&] { return ask_until_closed(rig.port(), asked); }));
  }
  while (asked < 200) std::this_thread::yield();
  std::promise<void> drained;
  rig.drain([&] { drained.set_value(); });
  drained.get_future().wait();
  int answers = 0;
  for (auto& client : clients) answers += client.get();
  EXPECT_EQ(answers, worker->handled);
}

}  // namespace
}  // namespace ow::http
