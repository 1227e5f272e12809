// BeastHttpClient over TLS: whom it trusts, and that nothing is sent to whom it does not.
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include <unistd.h>

#include <gtest/gtest.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "local/beast_http_client.h"
#include "local/machine.h"
#include "tests/local/script_server.h"

namespace ow::local {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using Answer = base::Result<platform::HttpAnswer>;

/// A self-signed certificate and its key, good for these tests only and until 2126.
struct Identity {
  std::string_view certificate;
  std::string_view key;
};

constexpr Identity kLoopback{// for the address 127.0.0.1
                             "-----BEGIN CERTIFICATE-----\n"
                             "MIIBhjCCASygAwIBAgIUSxNDS3DfFzrPz9GzRgRHNJQSIHEwCgYIKoZIzj0EAwIw\n"
                             "DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjEwNzQzNTNaGA8yMTI2MTAyODA3NDM1\n"
                             "M1owDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPxf\n"
                             "ciAGtlcro4HJqraa+UKB7MjrK13FL2jxIzKYWG07hkv5TUKFebGLZmVVTGFSnx4D\n"
                             "B6agm8Lye3qllxY51yqjZDBiMB0GA1UdDgQWBBS3wfYPjQk9rSDLN2NfcXvuzEnK\n"
                             "aDAfBgNVHSMEGDAWgBS3wfYPjQk9rSDLN2NfcXvuzEnKaDAPBgNVHRMBAf8EBTAD\n"
                             "AQH/MA8GA1UdEQQIMAaHBH8AAAEwCgYIKoZIzj0EAwIDSAAwRQIhAIXf69PjpMXJ\n"
                             "dPgH2Y1VGCbqfPHp7M0qSGl1JnDuiLgcAiBIVe1lO3ad7j8WAcQmiomhF+p9KuvP\n"
                             "LxFqpK0+jHwf9w==\n"
                             "-----END CERTIFICATE-----\n",
                             "-----BEGIN PRIVATE KEY-----\n"
                             "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg8P45pCAhJggNvIUg\n"
                             "7CYMn7wh83RpBHSV7OI+fe+6ZhWhRANCAAT8X3IgBrZXK6OByaq2mvlCgezI6ytd\n"
                             "xS9o8SMymFhtO4ZL+U1ChXmxi2ZlVUxhUp8eAwemoJvC8nt6pZcWOdcq\n"
                             "-----END PRIVATE KEY-----\n"};

constexpr Identity kOther{// for the name other.example
                          "-----BEGIN CERTIFICATE-----\n"
                          "MIIBkDCCATWgAwIBAgIUYDVmP+xBt8q833pHpKXpNK1BxiYwCgYIKoZIzj0EAwIw\n"
                          "DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjEwNzQzNTNaGA8yMTI2MTAyODA3NDM1\n"
                          "M1owDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABIlh\n"
                          "08im4hwhyK3vThB9JdKCRZviPq65O0g3eeJTGlikIq2eGO/Kpyzb5FBwE6zj9w3h\n"
                          "Fiw7KLKOiUS87zqeEXKjbTBrMB0GA1UdDgQWBBQqLXsTSGFnN2f3i7J9dYVpEhty\n"
                          "UTAfBgNVHSMEGDAWgBQqLXsTSGFnN2f3i7J9dYVpEhtyUTAPBgNVHRMBAf8EBTAD\n"
                          "AQH/MBgGA1UdEQQRMA+CDW90aGVyLmV4YW1wbGUwCgYIKoZIzj0EAwIDSQAwRgIh\n"
                          "AP5r1pu3yWvozVbVljWc+LzfyZMQzf22fIh16AkgM7aHAiEArhwi8oKi+AUozXM0\n"
                          "n3R+ueWu45f6kJBz2CN1iDAqkRw=\n"
                          "-----END CERTIFICATE-----\n",
                          "-----BEGIN PRIVATE KEY-----\n"
                          "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3monjGyPPSCG8Vw9\n"
                          "KYhbHY4f1S32ps5cecwLcvm6CHWhRANCAASJYdPIpuIcIcit704QfSXSgkWb4j6u\n"
                          "uTtIN3niUxpYpCKtnhjvyqcs2+RQcBOs4/cN4RYsOyiyjolEvO86nhFy\n"
                          "-----END PRIVATE KEY-----\n"};

/// Answers requests over TLS until the client closes; `requests` counts what arrived readable.
ScriptServer::Script serve_over_tls(const Identity& identity, std::atomic<int>& requests) {
  return [identity, &requests](ScriptServer::Peer& peer) {
    asio::ssl::context context(asio::ssl::context::tls_server);
    context.use_certificate(asio::buffer(identity.certificate), asio::ssl::context::pem);
    context.use_private_key(asio::buffer(identity.key), asio::ssl::context::pem);
    asio::io_context loop;
    asio::ssl::stream<asio::ip::tcp::socket> tls(asio::ip::tcp::socket(loop, asio::ip::tcp::v4(), ::dup(peer.fd())),
                                                 context);
    boost::system::error_code error;
    tls.handshake(asio::ssl::stream_base::server, error);
    char bytes[4096];
    while (!error && tls.read_some(asio::buffer(bytes), error) > 0) {
      ++requests;
      const std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
      asio::write(tls, asio::buffer(answer), error);
    }
  };
}

base::Task<void> send_into(BeastHttpClient& client, std::string url, std::optional<Answer>& out) {
  out = co_await client.send({.url = std::move(url)});
}

class HttpsClientTest : public testing::Test {
 protected:
  HttpsClientTest()
      : authorities_(fs::temp_directory_path() / ("ow_ca_" + std::to_string(SystemRandom().next()) + ".pem")) {}
  ~HttpsClientTest() override {
    unsetenv("SSL_CERT_FILE");
    fs::remove(authorities_);
  }
  /// As if the machine's authorities were this one.
  void trust(const Identity& identity) {
    std::ofstream(authorities_) << identity.certificate;
    setenv("SSL_CERT_FILE", authorities_.c_str(), 1);
  }
  Answer send(const std::string& url) {
    std::optional<Answer> answer;
    executor_.spawn(send_into(client_, url, answer));
    while (!answer) executor_.loop().run_one();
    return std::move(*answer);
  }
  std::string url(const ScriptServer& server) { return "https://127.0.0.1:" + std::to_string(server.port()) + "/"; }

  AsioExecutor executor_;
  BeastHttpClient client_{executor_};
  std::atomic<int> requests_{0};
  fs::path authorities_;
};

TEST_F(HttpsClientTest, ATrustedServerAnswersAndItsConnectionIsKept) {
  trust(kLoopback);
  const auto script = serve_over_tls(kLoopback, requests_);
  ScriptServer server({script, script, script});
  for (int i = 0; i < 3; ++i) {
    const auto answer = send(url(server));
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->body, "secret");
  }
  EXPECT_EQ(requests_, 3);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpsClientTest, AFileOfAuthoritiesIsTrustedBesideTheSystems) {
  std::ofstream(authorities_) << kLoopback.certificate;
  ScriptServer server({serve_over_tls(kLoopback, requests_)});
  BeastHttpClient trusting(executor_, {.ca_file = authorities_.string()});
  std::optional<Answer> answer;
  executor_.spawn(send_into(trusting, url(server), answer));
  while (!answer) executor_.loop().run_one();
  ASSERT_TRUE(answer->has_value()) << answer->error().message;
  EXPECT_EQ((*answer)->body, "secret");
}

TEST_F(HttpsClientTest, AFileOfAuthoritiesThatCannotBeReadIsNamed) {
  ScriptServer server({serve_over_tls(kLoopback, requests_)});
  BeastHttpClient trusting(executor_, {.ca_file = "/nowhere.pem"});
  std::optional<Answer> answer;
  executor_.spawn(send_into(trusting, url(server), answer));
  while (!answer) executor_.loop().run_one();
  ASSERT_FALSE(answer->has_value());
  EXPECT_NE(answer->error().message.find("/nowhere.pem"), std::string::npos);
  EXPECT_EQ(requests_, 0);
}

TEST_F(HttpsClientTest, AServerThatNobodyVouchesForGetsNoRequest) {
  trust(kOther);
  ScriptServer server({serve_over_tls(kLoopback, requests_)});
  const auto answer = send(url(server));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, base::ErrorCode::unavailable);
  EXPECT_EQ(requests_, 0);
}

TEST_F(HttpsClientTest, ACertificateForAnotherNameIsRefused) {
  trust(kOther);
  ScriptServer server({serve_over_tls(kOther, requests_)});
  const auto answer = send(url(server));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, base::ErrorCode::unavailable);
  EXPECT_EQ(requests_, 0);
}

TEST_F(HttpsClientTest, AServerThatSpeaksNoTlsIsUnavailable) {
  ScriptServer server({[](ScriptServer::Peer& peer) {
    peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.wait_for_close();
  }});
  EXPECT_EQ(send(url(server)).error().code, base::ErrorCode::unavailable);
}

}  // namespace
}  // namespace ow::local
