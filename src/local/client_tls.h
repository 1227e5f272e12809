// How this machine checks who it speaks to over TLS. Included by the client's files only. Any thread.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "base/result.h"

namespace ow::local {

/// TLS 1.2 or later, certificates verified against the system's authorities and, when given, those of a PEM
/// file. Error unavailable, `ca_file`, when that file cannot be read.
base::Result<std::unique_ptr<boost::asio::ssl::context>> make_client_tls(const std::string& ca_file);

/// The certificate must be for `host`, a name or an address (RFC 9525); a name is also asked for (RFC 6066
/// section 3).
template <typename Stream>
void expect_host(Stream& stream, const std::string& host) {
  boost::system::error_code error;
  stream.set_verify_callback(boost::asio::ssl::host_name_verification(host), error);
  boost::asio::ip::make_address(host, error);
  if (error) SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
}

}  // namespace ow::local
