// Sends one attempt: resolves the name, judges every address, signs, and connects to the judged addresses alone.
// Loop thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "notify/address_guard.h"
#include "notify/webhooks/endpoint.h"
#include "notify/webhooks/schedule.h"
#include "platform/clock.h"
#include "platform/http_client.h"
#include "platform/resolver.h"

namespace ow::notify::webhooks {

struct Parcel {
  std::string id;    // webhook-id
  std::string body;  // a CloudEvent as JSON text
};

class Sender {
 public:
  using EndpointPtr = std::shared_ptr<const Endpoint>;

  Sender(platform::HttpClient& client, platform::Resolver& resolver, const platform::Clock& clock, AddressGuard guard)
      : client_(client), resolver_(resolver), clock_(clock), guard_(std::move(guard)) {}

  /// Whether the endpoint's URL may be called at all, as of now; resolves its name. Error unprocessable.
  base::Task<base::Result<void>> check(std::string url);
  /// Takes at most kAttemptTimeout. An address that is refused is an outcome like any other.
  base::Task<Outcome> send(EndpointPtr endpoint, Parcel parcel);

 private:
  struct Known {
    std::vector<IpAddress> addresses;
    base::Duration until;
  };

  base::Task<base::Result<std::vector<IpAddress>>> addresses_of(WebhookUrl url);
  base::Task<base::Result<std::vector<IpAddress>>> resolve(std::string name);
  base::Task<base::Result<platform::HttpAnswer>> post(EndpointPtr endpoint, Parcel parcel, base::Instant at,
                                                      base::Duration deadline, std::string& address);

  platform::HttpClient& client_;
  platform::Resolver& resolver_;
  const platform::Clock& clock_;
  AddressGuard guard_;
  std::map<std::string, Known, std::less<>> known_;
};

}  // namespace ow::notify::webhooks
