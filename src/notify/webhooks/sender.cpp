// See sender.h.
#include "notify/webhooks/sender.h"

#include <utility>

#include "notify/webhooks/bounds.h"

namespace ow::notify::webhooks {
namespace {

using Addresses = std::vector<IpAddress>;

constexpr auto kUserAgent = "Orderwright-Webhooks/1";
constexpr std::size_t kAddressesTriedMax = 4;

std::vector<std::string> texts_of(const Addresses& addresses) {
  std::vector<std::string> texts;
  for (const auto& address : addresses) {
    if (texts.size() < kAddressesTriedMax) texts.push_back(to_text(address));
  }
  return texts;
}

platform::HttpRequest request_for(const Endpoint& endpoint, Parcel parcel, base::Instant at) {
  const auto secrets = signing_secrets(endpoint, at);
  platform::HttpRequest request{.method = "POST", .url = endpoint.url};
  request.headers = {{"content-type", "application/json"},
                     {"user-agent", kUserAgent},
                     {"webhook-id", parcel.id},
                     {"webhook-timestamp", std::to_string(at.unix_s())},
                     {"webhook-signature", http::standard_webhooks::sign(secrets, parcel.id, at, parcel.body)}};
  request.body = std::move(parcel.body);
  request.answer_bytes_max = kAnswerBytesKept;
  request.cut_long_answer = true;
  return request;
}

}  // namespace

base::Task<base::Result<Addresses>> Sender::resolve(std::string name) {
  const auto known = known_.find(name);
  if (known != known_.end() && clock_.ticks() < known->second.until) co_return known->second.addresses;
  const auto texts = co_await resolver_.resolve(name);
  if (!texts) co_return base::fail(texts.error());
  Addresses addresses;
  for (const auto& text : *texts) {
    // An address that this program cannot read it cannot judge either.
    const auto address = parse_address(text);
    if (!address) {
      co_return base::fail(base::ErrorCode::unprocessable, "address_refused",
                           "An address is unreadable: " + text + ".");
    }
    addresses.push_back(*address);
  }
  if (known_.size() >= kNamesKeptMax) known_.clear();
  known_.insert_or_assign(std::move(name), Known{addresses, clock_.ticks() + kNameKept});
  co_return addresses;
}

base::Task<base::Result<Addresses>> Sender::addresses_of(WebhookUrl url) {
  Addresses resolved;
  if (const auto* name = std::get_if<std::string>(&url.host)) {
    auto found = co_await resolve(*name);
    if (!found) co_return base::fail(std::move(found.error()));
    resolved = std::move(*found);
  }
  co_return guard_.check(url, resolved);
}

base::Task<base::Result<void>> Sender::check(std::string url) {
  auto parsed = parse_webhook_url(url);
  if (!parsed) co_return base::fail(std::move(parsed.error()));
  const auto addresses = co_await addresses_of(std::move(*parsed));
  if (addresses) co_return base::Result<void>();
  auto error = addresses.error();
  // A name service that is away now is no reason to refuse: each attempt asks again.
  if (error.code == base::ErrorCode::unavailable || error.code == base::ErrorCode::timed_out) {
    co_return base::Result<void>();
  }
  error.code = base::ErrorCode::unprocessable;
  co_return base::fail(std::move(error));
}

base::Task<base::Result<platform::HttpAnswer>> Sender::post(EndpointPtr endpoint, Parcel parcel, base::Instant at,
                                                            base::Duration deadline, std::string& address) {
  auto url = parse_webhook_url(endpoint->url);
  if (!url) co_return base::fail(std::move(url.error()));
  const auto addresses = co_await addresses_of(std::move(*url));
  if (!addresses) co_return base::fail(addresses.error());
  auto request = request_for(*endpoint, std::move(parcel), at);
  request.addresses = texts_of(*addresses);
  address = request.addresses.front();
  request.timeout = deadline - clock_.ticks();
  if (request.timeout <= base::Duration(0)) {
    co_return base::fail(base::ErrorCode::timed_out, "no_answer_in_time", "The time was over before connecting.");
  }
  co_return co_await client_.send(std::move(request));
}

base::Task<Outcome> Sender::send(EndpointPtr endpoint, Parcel parcel) {
  const auto at = clock_.now();
  const auto begun = clock_.ticks();
  std::string address;
  const auto answer = co_await post(std::move(endpoint), std::move(parcel), at, begun + kAttemptTimeout, address);
  auto outcome = outcome_of(answer, clock_.now());
  outcome.at = at;
  outcome.took = clock_.ticks() - begun;
  outcome.address = std::move(address);
  co_return outcome;
}

}  // namespace ow::notify::webhooks
