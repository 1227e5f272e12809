// TLS of the server: certificate and key, TLS 1.2 or later, HTTP/1.1 by ALPN (RFC 7301). Included by the
// server's files only. Loop thread.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "base/result.h"

namespace ow::http {

/// Reads certificate chain and key (PEM). Error malformed, `tls_unusable`, naming the file and what is wrong
/// with it: not readable, not PEM, a key that is not the certificate's.
base::Result<std::shared_ptr<boost::asio::ssl::context>> make_server_tls(const std::string& certificate_file,
                                                                         const std::string& key_file);

}  // namespace ow::http
