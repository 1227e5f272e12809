// An absolute http or https URL taken apart for sending (RFC 3986, RFC 9110 section 4.2). Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ow::local {

struct ClientUrl {
  bool tls = false;
  std::string host;  // a name or an address, without brackets
  std::uint16_t port = 0;
  std::string target;     // path and query, never empty
  std::string authority;  // for the Host header: port only when not the scheme's own
  /// Requests with the same origin may share a connection.
  std::string origin() const { return (tls ? "https://" : "http://") + host + ":" + std::to_string(port); }
};

/// Error malformed: another scheme, user information, no host, a port out of range, bytes that a URL cannot
/// hold. A fragment is dropped.
base::Result<ClientUrl> parse_client_url(std::string_view url);

}  // namespace ow::local
