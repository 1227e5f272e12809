// Answers that are made while they are sent: framing, end, clients that go or do not read, drain.
#include <atomic>
#include <deque>
#include <future>

#include <gtest/gtest.h>

#include "tests/http/server_rig.h"

namespace ow::http {
namespace {

using namespace std::chrono_literals;

/// A stream that a test feeds; loop thread but for the promises.
class Faucet final : public BodyStream {
 public:
  base::Task<std::string> next() override {
    if (ready_.empty() && !closed_) {
      wanted_ = std::make_shared<base::Completion<bool>>();
      const auto wanted = wanted_;
      co_await *wanted;
    }
    if (ready_.empty()) co_return std::string();
    auto bytes = std::move(ready_.front());
    ready_.pop_front();
    co_return bytes;
  }
  void close() override {
    if (std::exchange(closed_, true)) return;
    closes_.set_value();
    wake();
  }
  void pour(std::string bytes) {
    ready_.push_back(std::move(bytes));
    wake();
  }
  bool was_closed_soon() { return closes_.get_future().wait_for(10s) == std::future_status::ready; }

 private:
  void wake() {
    if (auto wanted = std::exchange(wanted_, nullptr)) wanted->complete(true);
  }
  std::deque<std::string> ready_;
  std::shared_ptr<base::Completion<bool>> wanted_;
  std::promise<void> closes_;
  bool closed_ = false;
};

class ServerStream : public ::testing::Test {
 protected:
  explicit ServerStream(ServerOptions options = {})
      : rig([this](Request request) { return handle(std::move(request)); }, std::move(options)) {}

  base::Task<Response> handle(Request request) {
    if (request.target == "/plain") co_return Response{.body = "plain"};
    Response response{.content_type = "text/event-stream"};
    response.stream = faucet;
    co_return response;
  }
  void pour(std::string bytes) {
    rig.on_loop([&] { faucet->pour(bytes); });
  }
  void end() {
    rig.on_loop([&] { faucet->close(); });
  }

  std::shared_ptr<Faucet> faucet = std::make_shared<Faucet>();
  ServerRig rig;
};

std::string until(RawClient& client, std::string_view what) {
  std::string got;
  while (!got.ends_with(what)) {
    const auto more = client.read_some();
    if (more.empty()) break;
    got += more;
  }
  return got;
}

TEST_F(ServerStream, EachPieceIsAChunkAndTheEndIsTheLast) {
  auto client = rig.connect();
  client.send(get("/stream"));
  const auto head = until(client, "\r\n\r\n");
  EXPECT_NE(head.find("transfer-encoding: chunked"), std::string::npos) << head;
  EXPECT_EQ(head.find("content-length"), std::string::npos) << head;
  pour("hello, ");
  EXPECT_EQ(until(client, "hello, \r\n"), "7\r\nhello, \r\n");
  pour(std::string(300, 'x'));
  EXPECT_EQ(until(client, "x\r\n").substr(0, 5), "12c\r\n");
  end();
  EXPECT_EQ(until(client, "0\r\n\r\n"), "0\r\n\r\n");
  client.send(get("/plain"));
  EXPECT_EQ(client.read_answer()->body, "plain");
}

TEST_F(ServerStream, ToHttp10ItEndsWithTheConnection) {
  auto client = rig.connect();
  client.send("GET /stream HTTP/1.0\r\n\r\n");
  const auto head = until(client, "\r\n\r\n");
  EXPECT_EQ(head.find("transfer-encoding"), std::string::npos) << head;
  EXPECT_NE(head.find("connection: close"), std::string::npos) << head;
  pour("bare");
  EXPECT_EQ(until(client, "bare"), "bare");
  end();
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerStream, HeadGetsNoBody) {
  auto client = rig.connect();
  client.send("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n" + get("/plain"));
  EXPECT_TRUE(client.read_answer(false).has_value());
  EXPECT_EQ(client.read_answer()->body, "plain");
}

TEST_F(ServerStream, AClientThatGoesIsNoticedWhileNothingIsSent) {
  {
    auto client = rig.connect();
    client.send(get("/stream"));
    until(client, "\r\n\r\n");
  }
  EXPECT_TRUE(faucet->was_closed_soon());
}

TEST_F(ServerStream, DrainEndsItWithItsLastChunk) {
  auto client = rig.connect();
  client.send(get("/stream"));
  until(client, "\r\n\r\n");
  std::promise<void> drained;
  rig.drain([&] { drained.set_value(); });
  EXPECT_EQ(until(client, "0\r\n\r\n"), "0\r\n\r\n");
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(drained.get_future().wait_for(10s), std::future_status::ready);
}

class ServerStreamSlow : public ServerStream {
 protected:
  ServerStreamSlow() : ServerStream({.answer_timeout = 200ms}) {}
};

TEST_F(ServerStreamSlow, AClientThatDoesNotReadIsClosed) {
  auto client = rig.connect();
  client.send(get("/stream"));
  until(client, "\r\n\r\n");
  pour(std::string(16 << 20, 'x'));
  EXPECT_TRUE(faucet->was_closed_soon());
}

}  // namespace
}  // namespace ow::http
