// What the list routes of the features below orders read from a request (http/listing.h). Loop thread.
#pragma once

#include "http/listing.h"

namespace ow::inventory {

using http::is_operator;
using http::page_json;
using http::page_limit;
using http::query_text;

}  // namespace ow::inventory
