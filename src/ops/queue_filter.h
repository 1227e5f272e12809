// How operators say which messages of a queue they mean: in a query, in a body, and as it is kept. Loop thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "http/router.h"
#include "platform/queue_admin.h"

namespace ow::ops {

/// The members of a filter, which are also query parameters: group, text, error, minReceives, maxReceives,
/// olderThanSeconds, youngerThanSeconds.
base::Json filter_schema();
std::vector<http::Parameter> filter_parameters();

/// A filter that fits filter_schema(). Error unprocessable with a violation for each member at fault.
base::Result<platform::MessageFilter> filter_from(const base::Json& filter, base::Instant now);
/// The same from query parameters, which the edge has checked.
base::Result<platform::MessageFilter> filter_from(const std::map<std::string, std::string>& query, base::Instant now);

/// Whether it lets only some messages through.
bool narrows(const platform::MessageFilter& filter);

/// For a record, cursor included, and back.
base::Json stored_filter(const platform::MessageFilter& filter);
platform::MessageFilter filter_of_stored(const base::Json& stored);
/// For people: only what is set, instants in RFC 3339.
base::Json shown_filter(const platform::MessageFilter& filter);

}  // namespace ow::ops
