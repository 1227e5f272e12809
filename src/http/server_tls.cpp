// See server_tls.h.
#include "http/server_tls.h"

#include <openssl/ssl.h>

namespace ow::http {

namespace ssl = boost::asio::ssl;

namespace {

// Forward secrecy and authenticated encryption only (RFC 9325 section 4.2); TLS 1.3 brings its own.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

base::Error unusable(const std::string& file, const boost::system::error_code& error) {
  return {base::ErrorCode::malformed, "tls_unusable", "TLS cannot use " + file + ": " + error.message() + "."};
}

/// A client that offers protocols must offer ours.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned int offered_length, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* found = nullptr;
  const int outcome = SSL_select_next_proto(&found, length, kHttp11, sizeof kHttp11 - 1, offered, offered_length);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

base::Result<std::shared_ptr<ssl::context>> make_server_tls(const std::string& certificate_file,
                                                            const std::string& key_file) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  boost::system::error_code error;
  context->use_certificate_chain_file(certificate_file, error);
  if (error) return base::fail(unusable(certificate_file, error));
  context->use_private_key_file(key_file, ssl::context::pem, error);
  if (error) return base::fail(unusable(key_file, error));
  SSL_CTX* native = context->native_handle();
  if (SSL_CTX_check_private_key(native) != 1) {
    return base::fail(base::ErrorCode::malformed, "tls_unusable",
                      "TLS cannot use " + key_file + ": it is not the key of " + certificate_file + ".");
  }
  SSL_CTX_set_cipher_list(native, kCiphers);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
  return context;
}

}  // namespace ow::http
