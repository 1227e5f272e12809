// One GET whose answer is taken as it comes (server-sent events). Blocking: for the command line, main thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "platform/http_client.h"

namespace ow::local {

struct FollowRequest {
  std::string url;
  platform::Headers headers = {};
  std::string ca_file = {};
  base::Duration delay = {};                              // before anything is done
  base::Duration silence_max = std::chrono::seconds(45);  // then the connection counts as lost
  /// Gets the body of a 200 piece by piece; false ends it.
  std::function<bool(std::string_view bytes)> take;
};

/// Ready when the answer ended; of any status but 200 it is whole, bounded as usual. Errors: unavailable (no
/// connection, or lost), malformed (URL), internal (not HTTP).
base::Result<platform::HttpAnswer> follow(FollowRequest request);

}  // namespace ow::local
