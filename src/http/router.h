// Routes as data: a feature hands in its table, the edge does everything that is the same for all of them
// (authentication, roles, bounds, unknown members, idempotency, commit, problem details), and OpenAPI is
// written from the same table. Loop thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "http/message.h"
#include "platform/commit.h"

namespace ow::http {

/// A handler's answer: the response leaves after the commit is durable; an empty commit answers at once. On
/// Conflict the handler runs again on fresh state.
struct Reply {
  Response response;
  platform::Commit commit = {};
};

/// The context outlives the handler's task.
using Handler = std::function<base::Task<base::Result<Reply>>(const RequestContext& context)>;

/// Who may call. A valid token also names the principal on open routes (an invalid one is ignored there).
enum class Access : std::uint8_t { open, signed_in, operators, loopback_or_operators, admins };

/// Documentation of one member, query parameter or answer; becomes OpenAPI.
struct Parameter {
  std::string name;
  std::string description;
  base::Json schema;  // JSON Schema (2020-12)
  bool required = false;
};

struct Route {
  std::string method;
  std::string pattern;  // "/api/orders/{id}"
  Access access = Access::signed_in;
  std::string summary;
  Handler handle;
  std::vector<Parameter> query = {};
  /// JSON Schema of the body; null: no body is read and one that is sent is ignored. Members that the schema
  /// does not list are refused by name, at any depth, before the handler runs.
  base::Json body_schema = {};
  /// Status -> JSON Schema of the answer, for OpenAPI.
  std::vector<std::pair<int, base::Json>> answers = {};
  /// The scope (http/scopes.h) of an API key that suffices here, where the key then counts as an operator;
  /// empty: people only.
  std::string scope = {};
  /// The answer shows a secret once: it is never kept, so an Idempotency-Key means nothing here.
  bool answers_secret = false;
};

using Routes = std::vector<Route>;

}  // namespace ow::http
