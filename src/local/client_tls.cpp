// See client_tls.h.
#include "local/client_tls.h"

namespace ow::local {

namespace ssl = boost::asio::ssl;

base::Result<std::unique_ptr<ssl::context>> make_client_tls(const std::string& ca_file) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  context->set_verify_mode(ssl::verify_peer);
  boost::system::error_code error;  // without authorities every handshake fails, and says so
  context->set_default_verify_paths(error);
  if (ca_file.empty()) return context;
  context->load_verify_file(ca_file, error);
  if (!error) return context;
  return base::fail(base::ErrorCode::unavailable, "ca_file",
                    "The authorities in " + ca_file + " cannot be read: " + error.message() + ".");
}

}  // namespace ow::local
