// An endpoint: where a receiver wants events, which ones, and how they are signed. One record each. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"
#include "base/json.h"
#include "base/result.h"
#include "http/standard_webhooks.h"
#include "notify/fan_out.h"
#include "platform/store.h"
#include "rules/pattern.h"

namespace ow::notify::webhooks {

enum class Status : std::uint8_t {
  active,
  paused,    // by its owner: events wait
  disabled,  // by the platform: events are not kept for it, but can be replayed
};

struct Secret {
  std::string text;                    // whsec_…
  std::optional<base::Instant> until;  // nothing: the newest, which does not end
};

struct Endpoint {
  std::string id;
  std::string url;  // normalised
  std::string description = {};
  /// Event types; none and no pattern: everything.
  std::vector<std::string> types = {};
  std::string pattern = {};                      // EventBridge pattern as JSON text; empty: none
  base::UserId owner;                            // who made it
  base::UserId customer = {};                    // only events of this customer; empty: all (operators' endpoints)
  std::vector<Secret> secrets = {};              // newest first
  std::optional<int> rate_limit = std::nullopt;  // deliveries per second
  Status status = Status::active;
  std::string reason = {};  // disabled: slug
  base::Instant created;
  base::Instant updated;
  std::string since = {};  // the newest event at its making: later ones are its
  platform::Version version = 0;

  /// Of `pattern`, set by endpoint_from().
  std::optional<rules::Pattern> compiled = std::nullopt;
};

inline constexpr std::string_view kEndpoints = "webhook-endpoints";

std::string_view status_text(Status status);
platform::Key endpoint_key(const std::string& id);
platform::Record endpoint_record(const Endpoint& endpoint);
/// Error internal when it is no endpoint of this build's schema.
base::Result<Endpoint> endpoint_from(const platform::Record& record);
base::Task<base::Result<std::optional<Endpoint>>> find_endpoint(platform::Store& store, std::string id);

/// As its owner sees it: no secret.
base::Json endpoint_json(const Endpoint& endpoint);

/// The secrets that sign at `now`.
std::vector<http::standard_webhooks::SigningSecret> signing_secrets(const Endpoint& endpoint, base::Instant now);
/// Puts a new secret in front; the one before ends at `until`, and those that have ended go.
void rotate(Endpoint& endpoint, std::string secret, base::Instant now, base::Instant until);

/// An event as receivers see it.
struct Published {
  std::optional<base::UserId> customer;  // whose event it is; nothing: the platform's
  base::Json cloud_event;
};

/// Whether the endpoint may see the event and wants it by itself; a topic may bring it more (topics/announcement.h).
bool wants(const Endpoint& endpoint, const Published& event);
/// Types of events that it may want.
Wanted wanted_types(const Endpoint& endpoint);

}  // namespace ow::notify::webhooks
