// Requests and responses as features and the simulator see them: plain structs, no Boost. Loop thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "http/body_stream.h"

namespace ow::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// What an API key may do; a server calls with one instead of a person's token.
struct KeyGrant {
  std::vector<std::string> scopes;   // of http/scopes.h
  std::vector<std::string> sources;  // of events that it may hand in
  std::optional<int> rate;           // requests per second; nothing: as everybody
  bool allows(std::string_view scope) const;
};

/// Who calls, after the token or key was verified.
struct Principal {
  base::UserId user;               // the token's subject, or the key's id
  std::vector<std::string> roles;  // of a key: operator, on routes that its scopes open
  std::optional<KeyGrant> key = std::nullopt;
  bool has(std::string_view role) const;
};

/// W3C Trace Context (Level 1): what came in, and what goes on to the next hop.
struct TraceContext {
  std::string trace_id;   // 32 lower-case hex digits
  std::string parent_id;  // 16 lower-case hex digits, this service's span
  std::string flags;      // 2 hex digits
  std::string tracestate;
  std::string traceparent() const { return "00-" + trace_id + "-" + parent_id + "-" + flags; }
};

/// A parsed request. `path` is percent-decoded by segment and never holds dot segments.
struct Request {
  std::string method;
  std::string target;  // as sent: path and query
  Headers headers;     // names in lower case, order and repetition kept
  std::string body;
  std::string peer;  // address of the client, for throttling and logs

  std::optional<std::string_view> header(std::string_view lower_case_name) const;
};

/// What the edge learned about a request before it calls a handler.
struct RequestContext {
  std::string request_id;
  TraceContext trace;
  std::optional<Principal> principal;         // set unless the route may be called without a token
  std::map<std::string, std::string> params;  // {id} in the route's pattern, percent-decoded
  std::map<std::string, std::string> query;   // percent-decoded; a repeated name is refused before
  base::Json body;                            // null when the route takes none
  std::string peer;
  const Request* request = nullptr;  // as it came, for those who verify its bytes; outlives the handler's task
};

struct Response {
  int status = 200;
  Headers headers = {};  // without content-length, connection, date
  std::string body = {};
  std::string content_type = "application/json";
  /// Instead of `body`: sent as it is made. Such an answer has no commit.
  std::shared_ptr<BodyStream> stream = nullptr;

  static Response json(int status, const base::Json& value);
  /// Text that already is JSON.
  static Response json_text(int status, std::string text);
};

}  // namespace ow::http
