// The signatures of webhooks, which this room makes and src/events verifies. Any thread.
#pragma once

#include "http/standard_webhooks.h"

namespace ow::notify {

using http::standard_webhooks::kSignatureTolerance;
using http::standard_webhooks::sign;
using http::standard_webhooks::SignedHeaders;
using http::standard_webhooks::SigningSecret;
using http::standard_webhooks::verify;

}  // namespace ow::notify
