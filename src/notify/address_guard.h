// Which addresses a webhook may reach, so that no request of ours goes inside (server-side request forgery).
// Pure: the caller resolves names, and connects to the addresses that were judged and to no other. Any thread.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "notify/ip_address.h"
#include "notify/webhook_url.h"

namespace ow::notify {

/// Allows globally reachable unicast alone. Every block of the IANA IPv4 and IPv6 Special-Purpose Address
/// Registries is refused as a whole, also where one of its addresses is reachable, and all of IPv6 outside of
/// 2000::/3. Exception: 64:ff9b::/96 (RFC 6052), which is what a NAT64 network calls the IPv4 Internet; there,
/// and in ISATAP interface identifiers, the IPv4 address inside is judged too.
class AddressGuard {
 public:
  /// `allowed` opens addresses that would be refused: for tests, or receivers inside by decision.
  explicit AddressGuard(std::vector<Network> allowed = {}) : allowed_(std::move(allowed)) {}

  /// Error unprocessable, `address_refused`, naming the block.
  base::Result<void> judge(const IpAddress& address) const;

  /// The addresses that a request to `url` may connect to: its own when the host is one, else all of
  /// `resolved`, which the name resolves to. One refused address refuses all. Http is for allowed addresses
  /// alone. Errors unprocessable: `address_refused`, `https_required`, `name_not_resolved`.
  base::Result<std::vector<IpAddress>> check(const WebhookUrl& url, std::span<const IpAddress> resolved) const;

 private:
  bool is_allowed(const IpAddress& address) const;

  std::vector<Network> allowed_;
};

}  // namespace ow::notify
