// OpenAPI 3.1 written from the route table, so that the document and the program cannot disagree. Any thread.
#pragma once

#include <string>

#include "base/json.h"
#include "http/router.h"

namespace ow::http {

struct OpenApiInfo {
  std::string version;
  std::string server_url;
};

/// Every route appears once under its pattern and method, with path and query parameters, the idempotency
/// key of signed-in writes, body, answers, problem details as the default answer and the security it needs.
base::Json openapi_document(const Routes& routes, const OpenApiInfo& info);

/// True for routes that keep an answer under an idempotency key: writes whose caller is known.
bool takes_idempotency_key(const Route& route);

}  // namespace ow::http
