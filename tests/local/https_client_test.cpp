// BeastHttpClient over TLS: whom it trusts, and that nothing is sent to whom it does not.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <boost/asio/io_context.hpp>

#include "local/beast_http_client.h"
#include "local/machine.h"
#include "tests/local/script_server.h"

namespace ow::local {
namespace {

namespace fs = std::filesystem;
using Answer = base::Result<platform::HttpAnswer>;

/// A self-signed certificate for one name, and its key.
class Identity {
 public:
  explicit Identity(const std::string& subject_alternative_name)
      : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
    X509_set_version(certificate_, X509_VERSION_3);
    X509_set_pubkey(certificate_, key_);
    auto* name = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1,
                               -1, 0);
    X509_set_issuer_name(certificate_, name);
    auto* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, subject_alternative_name.c_str());
    X509_add_ext(certificate_, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate_, key_, EVP_sha256());
  }
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;
  ~Identity() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }

  void write_certificate(const fs::path& path) const {
    auto* file = BIO_new_file(path.c_str(), "w");
    PEM_write_bio_X509(file, certificate_);
    BIO_free(file);
  }
  void use(SSL_CTX* context) const {
    SSL_CTX_use_certificate(context, certificate_);
    SSL_CTX_use_PrivateKey(context, key_);
  }

 private:
  EVP_PKEY* key_;
  X509* certificate_;
};

/// Answers requests over TLS until the client closes; `requests` counts what arrived readable.
ScriptServer::Script serve_over_tls(const Identity& identity, std::atomic<int>& requests) {
  return [&identity, &requests](ScriptServer::Peer& peer) {
    signal(SIGPIPE, SIG_IGN);  // OpenSSL writes with write(2)
    auto* context = SSL_CTX_new(TLS_server_method());
    identity.use(context);
    auto* tls = SSL_new(context);
    SSL_set_fd(tls, peer.fd());
    if (SSL_accept(tls) == 1) {
      char bytes[4096];
      while (SSL_read(tls, bytes, sizeof(bytes)) > 0) {
        ++requests;
        const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
        SSL_write(tls, answer.data(), static_cast<int>(answer.size()));
      }
    }
    SSL_free(tls);
    SSL_CTX_free(context);
  };
}

base::Task<void> send_into(BeastHttpClient& client, std::string url, std::optional<Answer>& out) {
  out = co_await client.send({.url = std::move(url)});
}

class HttpsClientTest : public testing::Test {
 protected:
  HttpsClientTest()
      : authorities_(fs::temp_directory_path() /
                     ("ow_ca_" + std::to_string(SystemRandom().next()) + ".pem")) {}
  ~HttpsClientTest() override {
    unsetenv("SSL_CERT_FILE");
    fs::remove(authorities_);
  }
  /// As if the machine's authorities were this one.
  void trust(const Identity& identity) {
    identity.write_certificate(authorities_);
    setenv("SSL_CERT_FILE", authorities_.c_str(), 1);
  }
  Answer send(const std::string& url) {
    std::optional<Answer> answer;
    executor_.spawn(send_into(client_, url, answer));
    while (!answer) executor_.loop().run_one();
    return std::move(*answer);
  }
  std::string url(const ScriptServer& server) {
    return "https://127.0.0.1:" + std::to_string(server.port()) + "/";
  }

  AsioExecutor executor_;
  BeastHttpClient client_{executor_};
  std::atomic<int> requests_{0};
  fs::path authorities_;
};

TEST_F(HttpsClientTest, ATrustedServerAnswersAndItsConnectionIsKept) {
  const Identity identity("IP:127.0.0.1");
  trust(identity);
  const auto script = serve_over_tls(identity, requests_);
  ScriptServer server({script, script, script});
  for (int i = 0; i < 3; ++i) {
    const auto answer = send(url(server));
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->body, "secret");
  }
  EXPECT_EQ(requests_, 3);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpsClientTest, AServerThatNobodyVouchesForGetsNoRequest) {
  const Identity trusted("IP:127.0.0.1"), impostor("IP:127.0.0.1");
  trust(trusted);
  ScriptServer server({serve_over_tls(impostor, requests_)});
  const auto answer = send(url(server));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, base::ErrorCode::unavailable);
  EXPECT_EQ(requests_, 0);
}

TEST_F(HttpsClientTest, ACertificateForAnotherNameIsRefused) {
  const Identity identity("DNS:other.example");
  trust(identity);
  ScriptServer server({serve_over_tls(identity, requests_)});
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
