// The request target (RFC 9112 section 3.2): path, query and percent-encoding (RFC 3986). Any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/router.h"

namespace ow::http {

/// Views into the target, still percent-encoded. The path of an absolute-form target is what follows its
/// authority.
struct Target {
  std::string_view path;
  std::string_view query;
};

/// Error malformed: not an absolute path, bytes that a URI cannot hold, a fragment, a dot segment.
base::Result<Target> split_target(std::string_view target);

/// Error malformed: a bad escape, a zero byte or text that is not UTF-8. `+` stays a plus.
base::Result<std::string> percent_decode(std::string_view text);

/// Parameters by name. Error malformed with a violation for each that is unknown to `declared`, repeated or
/// required and missing.
base::Result<std::map<std::string, std::string>> parse_query(std::string_view query,
                                                             const std::vector<Parameter>& declared);

}  // namespace ow::http
