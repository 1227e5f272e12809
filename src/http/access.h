// Who may call a route: bearer tokens (RFC 6750), roles, loopback. Any thread.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "http/router.h"

namespace ow::http {

/// The token of the only Authorization line of scheme Bearer; nothing when there is no such line. Error
/// unauthenticated: another scheme, more than one line, a token past its bound or of other characters.
base::Result<std::optional<std::string_view>> bearer_token(const Headers& headers);

/// True for 127.0.0.0/8 and ::1 (also IPv4-mapped), with or without a port, unless the request says that it
/// was forwarded for somebody else.
bool is_from_loopback(const Request& request);

/// A key that holds the route's scope counts as an operator there.
void grant_by_scope(const Route& route, std::optional<Principal>& principal);

/// Nothing when the caller may use the route. `unknown` is why there is no principal.
std::optional<base::Error> refuse(const Route& route, bool from_loopback, const std::optional<Principal>& principal,
                                  const std::optional<base::Error>& unknown);

/// The WWW-Authenticate of a 401 (RFC 6750 section 3): why a token that was sent did not do.
std::string challenge(const std::optional<base::Error>& unknown);

}  // namespace ow::http
