// `serve` over TLS, against curl, openssl and the program's own client, with an authority made for the test.
#include <gmock/gmock.h>

#include <filesystem>
#include <thread>

#include "app/binary.h"

namespace ow::tests {
namespace {

using testing::HasSubstr;

class TlsTest : public BinaryTest {
 protected:
  void SetUp() override {
    BinaryTest::SetUp();
    if (IsSkipped()) return;
    shell(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-ca "
        "-keyout ca.key -out ca.pem");
    make_certificate("first");
  }
  /// Runs a command line in the test's directory; its output, errors with it.
  std::string shell(const std::string& line) {
    const auto log = path("shell.log");
    std::filesystem::remove(log);
    exit = Process::start({"/bin/sh", "-c", "cd " + directory.path() + " && " + line}, log).wait();
    return read_file(log);
  }
  /// server.pem and server.key for 127.0.0.1 and localhost, signed by the authority.
  void make_certificate(const std::string& name) {
    file("names", "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
    shell("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name +
          " -keyout server.key -out server.csr && openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key "
          "-CAcreateserial -days 2 -extfile names -out server.pem");
    ASSERT_EQ(exit, 0);
  }
  std::unique_ptr<ServeProcess> start(std::vector<std::string> more = {}) {
    std::vector<std::string> options = {"--demo", "--tls-cert", path("server.pem"), "--tls-key", path("server.key")};
    options.insert(options.end(), more.begin(), more.end());
    auto serve = std::make_unique<ServeProcess>(path("data"), options);
    EXPECT_TRUE(serve->came_up()) << serve->err();
    return serve;
  }
  static std::string url(const ServeProcess& serve, const std::string& host = "127.0.0.1") {
    return "https://" + host + ":" + std::to_string(serve.port());
  }
  std::string curl(const std::string& words) { return shell("curl -sS --max-time 20 " + words); }

  int exit = -1;
};

TEST_F(TlsTest, curl_and_the_programs_own_client_trust_the_authority_and_nobody_else) {
  const auto serve = start();
  EXPECT_THAT(serve->out(), HasSubstr("https://127.0.0.1:"));
  EXPECT_THAT(curl("--cacert ca.pem " + url(*serve) + "/health"), HasSubstr("ok"));
  EXPECT_THAT(curl("--cacert ca.pem " + url(*serve, "localhost") + "/health"), HasSubstr("ok"));
  curl(url(*serve) + "/health");
  EXPECT_EQ(exit, 60);  // certificate not trusted
  curl("--cacert ca.pem --connect-to other.example:443:127.0.0.1:" + std::to_string(serve->port()) +
       " https://other.example/health");
  EXPECT_EQ(exit, 60);  // for another name

  const std::vector<std::string> list = {"product", "list", "--server", url(*serve)};
  auto trusting = list;
  trusting.insert(trusting.end(), {"--ca-file", path("ca.pem")});
  EXPECT_THAT(run_binary(trusting).out, HasSubstr("mug"));
  EXPECT_EQ(run_binary(list).exit, 3);
  EXPECT_THAT(run_binary(list).err, HasSubstr("TLS"));
}

TEST_F(TlsTest, takes_tls_1_2_and_1_3_and_nothing_older_and_speaks_http_1_1_only) {
  const auto serve = start();
  const auto at = "-connect 127.0.0.1:" + std::to_string(serve->port()) + " -CAfile ca.pem </dev/null";
  EXPECT_THAT(shell("openssl s_client -tls1_2 -alpn http/1.1 " + at), HasSubstr("ALPN protocol: http/1.1"));
  EXPECT_THAT(shell("openssl s_client -tls1_3 " + at), HasSubstr("Verify return code: 0"));
  shell("openssl s_client -tls1_1 -cipher DEFAULT@SECLEVEL=0 " + at);
  EXPECT_NE(exit, 0);
  shell("openssl s_client -alpn h2 " + at);
  EXPECT_NE(exit, 0);
  shell("openssl s_client -tls1_2 -cipher AES128-SHA " + at);
  EXPECT_NE(exit, 0);
  EXPECT_THAT(curl("http://127.0.0.1:" + std::to_string(serve->port()) + "/health"), testing::Not(HasSubstr("ok")));
  EXPECT_THAT(curl("--cacert ca.pem " + url(*serve) + "/health"), HasSubstr("ok"));
}

TEST_F(TlsTest, large_bodies_many_requests_and_streams_go_through) {
  const auto serve = start();
  curl("--cacert ca.pem -o health -Z " + url(*serve) + "/health " + url(*serve) + "/health");
  EXPECT_EQ(exit, 0);
  file("large.json", R"({"username":")" + std::string(200'000, 'x') + R"(","password":"p"})");
  EXPECT_THAT(
      curl("--cacert ca.pem -H 'Content-Type: application/json' -d @large.json " + url(*serve) + "/api/auth/sign-in"),
      HasSubstr("credentials_wrong"));
  const std::vector<std::string> at = {"--server", url(*serve), "--ca-file", path("ca.pem")};
  std::vector<std::string> words = {"token", "--user", "demo-operator"};
  words.insert(words.end(), at.begin(), at.end());
  const auto token = run_binary(words).out;
  const Surroundings as_operator{.input = {}, .environment = {"OW_TOKEN=" + token.substr(0, token.size() - 1)}};
  words = {"event", "tail", "--count", "2"};
  words.insert(words.end(), at.begin(), at.end());
  Outcome tail;
  std::thread tailing([&] { tail = run_binary(words, as_operator); });
  for (int i = 0; i < 40 && tail.exit != 0; ++i) {
    std::vector<std::string> place = {"order", "place", "--item", "mug"};
    place.insert(place.end(), at.begin(), at.end());
    EXPECT_EQ(run_binary(place, as_operator).exit, 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  tailing.join();
  EXPECT_EQ(tail.exit, 0) << tail.err;
  EXPECT_EQ(serve->stop(), 0);
}

TEST_F(TlsTest, a_hangup_brings_a_renewed_certificate_into_use_and_a_broken_one_changes_nothing) {
  const auto serve = start();
  const auto subject = [&] {
    return shell("openssl s_client -connect 127.0.0.1:" + std::to_string(serve->port()) +
                 " -CAfile ca.pem </dev/null 2>/dev/null | openssl x509 -noout -subject");
  };
  EXPECT_THAT(subject(), HasSubstr("first"));
  make_certificate("second");
  serve->hang_up();
  for (int i = 0; i < 100 && subject().find("second") == std::string::npos; ++i) {
  }
  EXPECT_THAT(subject(), HasSubstr("second"));
  file("server.pem", "no certificate");
  serve->hang_up();
  for (int i = 0; i < 100 && serve->err().find("reload_failed") == std::string::npos; ++i) subject();
  EXPECT_THAT(serve->err(), HasSubstr("reload_failed"));
  EXPECT_THAT(subject(), HasSubstr("second"));
}

TEST_F(TlsTest, refuses_to_start_on_what_it_cannot_use_and_names_it) {
  const auto start_with = [&](const std::string& certificate, const std::string& key) {
    return run_binary({"serve", "--demo", "--data", path("other"), "--listen", "127.0.0.1:0", "--tls-cert", certificate,
                       "--tls-key", key});
  };
  const auto missing = start_with(path("nowhere.pem"), path("server.key"));
  EXPECT_EQ(missing.exit, 1);
  EXPECT_THAT(missing.err, HasSubstr("nowhere.pem"));
  EXPECT_THAT(start_with(path("server.pem"), path("ca.key")).err, HasSubstr("ca.key"));
  const auto half = run_binary({"serve", "--demo", "--data", path("other"), "--tls-cert", path("server.pem")});
  EXPECT_EQ(half.exit, 2);
  EXPECT_THAT(half.err, HasSubstr("tlsKey"));
}

TEST_F(TlsTest, hsts_is_sent_when_asked_for) {
  const auto config = file("config.json", R"({"hstsMaxAge": 31536000})");
  const auto serve = start({"--config", config});
  EXPECT_THAT(curl("-D - --cacert ca.pem " + url(*serve) + "/health"),
              HasSubstr("strict-transport-security: max-age=31536000"));
}

}  // namespace
}  // namespace ow::tests
