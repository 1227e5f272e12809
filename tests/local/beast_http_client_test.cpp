// BeastHttpClient against servers that are polite, rude or gone: answers, connections kept, and which error
// says what about the outcome.
#include <future>
#include <memory>
#include <optional>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "local/beast_http_client.h"
#include "local/client_url.h"
#include "tests/local/script_server.h"

namespace ow::local {
namespace {

using namespace std::chrono_literals;
using platform::HttpAnswer;
using platform::HttpRequest;
using Answer = base::Result<HttpAnswer>;

base::Task<void> send_into(BeastHttpClient& client, HttpRequest request, std::optional<Answer>& out) {
  out = co_await client.send(std::move(request));
}

class BeastHttpClientTest : public testing::Test {
 protected:
  /// Runs the loop on this thread until the answer is there.
  Answer send(HttpRequest request) {
    std::optional<Answer> answer;
    executor_.spawn(send_into(client_, std::move(request), answer));
    while (!answer) executor_.loop().run_one();
    return std::move(*answer);
  }
  /// For requests that are answered.
  HttpAnswer answer_of(HttpRequest request) {
    auto answer = send(std::move(request));
    if (answer) return std::move(*answer);
    ADD_FAILURE() << answer.error().message;
    return {};
  }
  base::ErrorCode error_of(HttpRequest request) {
    const auto answer = send(std::move(request));
    EXPECT_FALSE(answer.has_value());
    return answer ? base::ErrorCode{} : answer.error().code;
  }
  base::ErrorCode error_of_answer(std::string bytes) {
    ScriptServer server({answer_with(std::move(bytes))});
    return error_of({.url = server.url()});
  }

  AsioExecutor executor_;
  BeastHttpClient client_{executor_, {.connections_per_host_max = 2, .connections_max = 3}};
};

TEST_F(BeastHttpClientTest, TheRequestArrivesAsGivenWithHostAndLength) {
  std::promise<std::string> seen;
  ScriptServer server({[&](ScriptServer::Peer& peer) {
    seen.set_value(peer.read_request());
    peer.send("HTTP/1.1 204 No Content\r\n\r\n");
  }});
  const auto answer =
      answer_of({.method = "POST", .url = server.url("/a?b=c#d"), .headers = {{"x-key", "k"}}, .body = "body"});
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(seen.get_future().get(), "POST /a?b=c HTTP/1.1\r\nhost: 127.0.0.1:" + std::to_string(server.port()) +
                                         "\r\nx-key: k\r\ncontent-length: 4\r\n\r\nbody");
}

TEST_F(BeastHttpClientTest, AConnectionIsKeptAndUsedAgain) {
  ScriptServer server({serve_politely});
  for (int i = 0; i < 20; ++i) {
    const auto path = "/" + std::to_string(i);
    const auto answer = answer_of({.url = server.url(path)});
    EXPECT_EQ(answer.body, path);
    ASSERT_FALSE(answer.headers.empty());
    EXPECT_EQ(answer.headers.back(), std::make_pair(std::string("x-case"), std::string("Kept")));
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(BeastHttpClientTest, AKeptConnectionThatThePeerHasClosedIsNotUsed) {
  std::promise<void> closed;
  ScriptServer server({[&](ScriptServer::Peer& peer) {
                         peer.read_request();
                         peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                         peer.shut_down();
                         closed.set_value();
                       },
                       serve_politely});
  EXPECT_EQ(answer_of({.url = server.url()}).status, 200);
  closed.get_future().wait();
  EXPECT_EQ(answer_of({.method = "POST", .url = server.url("/again")}).body, "/again");
}

TEST_F(BeastHttpClientTest, AKeptConnectionThatEndsAfterTheRequestWasSentIsAnUnknownOutcome) {
  ScriptServer server({[](ScriptServer::Peer& peer) {
                         peer.read_request();
                         peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                         peer.read_request();
                         peer.reset();
                       },
                       serve_politely});
  EXPECT_EQ(answer_of({.url = server.url()}).status, 200);
  EXPECT_EQ(error_of({.method = "POST", .url = server.url("/charge"), .body = "1"}), base::ErrorCode::timed_out);
  EXPECT_EQ(server.connections(), 1) << "a second try could charge twice";
}

TEST_F(BeastHttpClientTest, AnAnswerThatForbidsItClosesTheConnection) {
  ScriptServer server(
      {answer_with("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"), serve_politely});
  EXPECT_EQ(answer_of({.url = server.url()}).body, "ok");
  EXPECT_EQ(answer_of({.url = server.url("/x")}).body, "/x");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(BeastHttpClientTest, ChunksAndInterimAnswersAndAnEndByCloseAreUnderstood) {
  ScriptServer server({answer_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"
                                   "HTTP/1.1 201 Created\r\nConnection: close\r\nTransfer-Encoding: "
                                   "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
                       answer_with("HTTP/1.0 200 OK\r\n\r\nuntil the end")});
  const auto chunked = answer_of({.url = server.url()});
  EXPECT_EQ(chunked.status, 201);
  EXPECT_EQ(chunked.body, "abc");
  EXPECT_EQ(answer_of({.url = server.url()}).body, "until the end");
}

TEST_F(BeastHttpClientTest, AnAnswerToHeadHasNoBody) {
  ScriptServer server({answer_with("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")});
  const auto answer = answer_of({.method = "HEAD", .url = server.url()});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
}

TEST_F(BeastHttpClientTest, RedirectsAreNotFollowed) {
  ScriptServer server({answer_with("HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")});
  EXPECT_EQ(answer_of({.url = server.url()}).status, 302);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(BeastHttpClientTest, APortWhereNobodyListensIsUnavailable) {
  std::uint16_t port = 0;
  {
    port = ScriptServer({}).port();
  }
  EXPECT_EQ(error_of({.url = "http://127.0.0.1:" + std::to_string(port)}), base::ErrorCode::unavailable);
}

TEST_F(BeastHttpClientTest, ANameThatDoesNotResolveIsUnavailable) {
  EXPECT_EQ(error_of({.url = "http://no-such-host.invalid/"}), base::ErrorCode::unavailable);
}

TEST_F(BeastHttpClientTest, AnAnswerThatDoesNotComeIsTimedOut) {
  ScriptServer server({[](ScriptServer::Peer& peer) { peer.wait_for_close(); }});
  EXPECT_EQ(error_of({.url = server.url(), .timeout = 30ms}), base::ErrorCode::timed_out);
}

TEST_F(BeastHttpClientTest, AnAnswerThatStopsHalfwayIsTimedOut) {
  EXPECT_EQ(error_of_answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), base::ErrorCode::timed_out);
  EXPECT_EQ(error_of_answer("HTTP/1.1 200"), base::ErrorCode::timed_out);
  EXPECT_EQ(error_of_answer(""), base::ErrorCode::timed_out);
}

TEST_F(BeastHttpClientTest, WhatIsNotHttpIsInternal) {
  EXPECT_EQ(error_of_answer("SSH-2.0-OpenSSH_9.2\r\n\r\n"), base::ErrorCode::internal);
  EXPECT_EQ(error_of_answer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
            base::ErrorCode::internal);
}

TEST_F(BeastHttpClientTest, AnAnswerBeyondTheBoundIsTooLarge) {
  ScriptServer server({answer_with("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n12345678901"),
                       answer_with("HTTP/1.1 200 OK\r\n\r\n12345678901")});
  EXPECT_EQ(error_of({.url = server.url(), .answer_bytes_max = 10}), base::ErrorCode::too_large);
  EXPECT_EQ(error_of({.url = server.url(), .answer_bytes_max = 10}), base::ErrorCode::too_large);
}

TEST_F(BeastHttpClientTest, HeadersThatBreakTheirLineAreMalformed) {
  EXPECT_EQ(error_of({.url = "http://127.0.0.1:1/", .headers = {{"a", "b\r\nc: d"}}}), base::ErrorCode::malformed);
  EXPECT_EQ(error_of({.url = "http://127.0.0.1:1/", .headers = {{"a b", "c"}}}), base::ErrorCode::malformed);
  EXPECT_EQ(error_of({.url = "http://127.0.0.1:1/", .headers = {{"Content-Length", "3"}}}), base::ErrorCode::malformed);
  EXPECT_EQ(error_of({.method = "GET /", .url = "http://127.0.0.1:1/"}), base::ErrorCode::malformed);
}

TEST_F(BeastHttpClientTest, MoreRequestsThanConnectionsWaitInLineAndAllAreAnswered) {
  ScriptServer server({serve_politely, serve_politely});
  std::vector<std::optional<Answer>> answers(50);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    executor_.spawn(send_into(client_, {.url = server.url("/" + std::to_string(i))}, answers[i]));
  }
  executor_.request_stop();
  executor_.run();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i].has_value() && answers[i]->has_value()) << i;
    EXPECT_EQ((*answers[i])->body, "/" + std::to_string(i));
  }
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(BeastHttpClientTest, WhoWaitsInLineTooLongIsUnavailable) {
  const auto hold = [](ScriptServer::Peer& peer) { peer.wait_for_close(); };
  ScriptServer server({hold, hold});
  std::optional<Answer> first, second;
  executor_.spawn(send_into(client_, {.url = server.url(), .timeout = 100ms}, first));
  executor_.spawn(send_into(client_, {.url = server.url(), .timeout = 100ms}, second));
  EXPECT_EQ(error_of({.url = server.url(), .timeout = 30ms}), base::ErrorCode::unavailable);
  while (!first || !second) executor_.loop().run_one();
  EXPECT_EQ(first->error().code, base::ErrorCode::timed_out);
}

TEST_F(BeastHttpClientTest, AnIdleConnectionMakesRoomForAnotherHost) {
  std::vector<std::unique_ptr<ScriptServer>> servers;
  for (int i = 0; i < 6; ++i) {
    servers.push_back(std::make_unique<ScriptServer>(std::vector<ScriptServer::Script>{serve_politely}));
    EXPECT_EQ(answer_of({.url = servers.back()->url("/x")}).body, "/x");
  }
}

TEST_F(BeastHttpClientTest, ACallerMayBeDestroyedWhileItWaits) {
  ScriptServer server({[](ScriptServer::Peer& peer) { peer.wait_for_close(); }});
  {
    const auto task = client_.send({.url = server.url()});
    task.operator co_await().handle.resume();
    for (int i = 0; i < 3; ++i) executor_.loop().poll();
  }
  executor_.loop().poll();
}

TEST_F(BeastHttpClientTest, GivenAddressesAreConnectedToWhateverTheHostIs) {
  ScriptServer server({serve_politely});
  const auto url = "http://no-such-host.invalid:" + std::to_string(server.port()) + "/hook";
  EXPECT_EQ(answer_of({.url = url, .addresses = {"127.0.0.1"}}).body, "/hook");
}

TEST_F(BeastHttpClientTest, AConnectionToOtherAddressesIsNotReused) {
  ScriptServer server({serve_politely, serve_politely});
  answer_of({.url = server.url("/one")});
  answer_of({.url = server.url("/two"), .addresses = {"127.0.0.1"}});
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(BeastHttpClientTest, AnAddressThatIsNoneIsMalformedAndNothingFallsBackToTheHost) {
  ScriptServer server({serve_politely});
  EXPECT_EQ(error_of({.url = server.url(), .addresses = {"localhost"}}), base::ErrorCode::malformed);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(BeastHttpClientTest, ALongAnswerIsCutWhereThatIsAsked) {
  const std::string body(100, 'x');
  ScriptServer server(
      {answer_with("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n" + body),
       answer_with("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\n" + body + "\r\n0\r\n\r\n")});
  EXPECT_EQ(answer_of({.url = server.url(), .answer_bytes_max = 10, .cut_long_answer = true}).body, "xxxxxxxxxx");
  EXPECT_EQ(answer_of({.url = server.url(), .answer_bytes_max = 10, .cut_long_answer = true}).body, "xxxxxxxxxx");
}

TEST(ClientUrl, IsTakenApart) {
  const auto url = parse_client_url("HTTPS://shop.example:8443?a=b#c");
  ASSERT_TRUE(url.has_value());
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "shop.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/?a=b");
  EXPECT_EQ(url->authority, "shop.example:8443");
  EXPECT_EQ(parse_client_url("http://[::1]/x")->host, "::1");
  EXPECT_EQ(parse_client_url("http://[::1]:80/x")->authority, "[::1]");
}

TEST(ClientUrl, IsRefusedWhenItCannotBeUsed) {
  for (const auto* url :
       {"", "shop.example", "ftp://a/", "http://", "http:///x", "http://a:0/", "http://a:65536/", "http://a:b/",
        "http://user@a/", "http://a b/", "http://a/\r\nx", "http://[::1/", "http://[::1]x/", "http://\xc3\xa4/"}) {
    const auto parsed = parse_client_url(url);
    ASSERT_FALSE(parsed.has_value()) << url;
    EXPECT_EQ(parsed.error().code, base::ErrorCode::malformed);
  }
}

}  // namespace
}  // namespace ow::local
