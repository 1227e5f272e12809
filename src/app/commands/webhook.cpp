// `webhook check-url`: may a webhook go there; `webhook verify`: is a delivery ours. Both offline.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/commands/commands.h"
#include "app/now_option.h"
#include "base/json.h"
#include "http/standard_webhooks.h"
#include "notify/address_guard.h"
#include "notify/webhook_url.h"

namespace ow::app {
namespace {

using base::Json;
using notify::IpAddress;
/// By normalised name.
using Resolutions = std::map<std::string, std::vector<IpAddress>, std::less<>>;

Exit unusable(const base::Error& error, bool json) {
  complain(error, json);
  return Exit::usage;
}

/// Prints the verdict `member`: false with the error's reason and sentence.
Exit refuse(std::string_view member, std::string_view word, const base::Error& error, bool json) {
  if (json) {
    const auto object =
        Json::object({{std::string(member), false}, {"error", error.reason}, {"message", error.message}});
    fmt::print("{}\n", base::to_text(object));
  } else {
    fmt::print("{}: {}\n", word, error.message);
  }
  return Exit::refused;
}

tl::unexpected<base::Error> bad_option(std::string_view option, std::string_view value, std::string_view shape) {
  return base::fail(base::ErrorCode::malformed, "bad_option", fmt::format("--{} {} is not {}", option, value, shape));
}

base::Result<void> add_resolution(std::string_view text, Resolutions& resolutions) {
  const auto wrong = [&] { return bad_option("resolve", text, "NAME=ADDR[,ADDR…]"); };
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return wrong();
  const auto host = notify::parse_host(text.substr(0, equals));
  if (!host) return wrong();
  auto& addresses = resolutions[notify::to_text(*host)];
  for (auto rest = text.substr(equals + 1);;) {
    const auto comma = rest.find(',');
    const auto address = notify::parse_address(rest.substr(0, comma));
    if (!address) return wrong();
    addresses.push_back(*address);
    if (comma == std::string_view::npos) return {};
    rest.remove_prefix(comma + 1);
  }
}

base::Result<Resolutions> resolutions_of(const Invocation& invocation) {
  Resolutions resolutions;
  for (const auto& text : invocation.options("resolve")) {
    if (auto added = add_resolution(text, resolutions); !added) return base::fail(std::move(added.error()));
  }
  return resolutions;
}

base::Result<notify::AddressGuard> guard_of(const Invocation& invocation) {
  std::vector<notify::Network> allowed;
  for (const auto& text : invocation.options("allow")) {
    const auto network = notify::Network::parse(text);
    if (!network) return bad_option("allow", text, "an address or ADDR/BITS");
    allowed.push_back(*network);
  }
  return notify::AddressGuard(std::move(allowed));
}

Exit allow(const notify::WebhookUrl& url, const std::vector<IpAddress>& addresses, bool json) {
  Json::Array texts;
  std::string list;
  for (const auto& address : addresses) {
    texts.emplace_back(notify::to_text(address));
    list += (list.empty() ? "" : ", ") + notify::to_text(address);
  }
  if (json) {
    fmt::print("{}\n", base::to_text(Json::object({{"allow", true},
                                                   {"url", notify::to_text(url)},
                                                   {"host", notify::to_text(url.host)},
                                                   {"port", static_cast<int>(url.port)},
                                                   {"addresses", Json(std::move(texts))}})));
  } else {
    fmt::print("allow: {} at {}\n", notify::to_text(url), list);
  }
  return Exit::done;
}

Exit check_url(const Invocation& invocation) {
  const bool json = invocation.json();
  const auto resolutions = resolutions_of(invocation);
  if (!resolutions) return unusable(resolutions.error(), json);
  const auto guard = guard_of(invocation);
  if (!guard) return unusable(guard.error(), json);
  const auto url = notify::parse_webhook_url(invocation.argument(0));
  if (!url) return refuse("allow", "deny", url.error(), json);
  const auto found = resolutions->find(notify::to_text(url->host));
  const auto resolved = found == resolutions->end() ? std::vector<IpAddress>() : found->second;
  const auto addresses = guard->check(*url, resolved);
  if (!addresses) return refuse("allow", "deny", addresses.error(), json);
  return allow(*url, *addresses, json);
}

/// The secrets that are some; the error of the last when none is.
base::Result<std::vector<http::standard_webhooks::SigningSecret>> secrets_of(const Invocation& invocation) {
  std::vector<http::standard_webhooks::SigningSecret> secrets;
  base::Error error;
  for (const auto& text : invocation.options("secret")) {
    auto secret = http::standard_webhooks::SigningSecret::parse(text);
    if (secret)
      secrets.push_back(std::move(*secret));
    else
      error = std::move(secret.error());
  }
  if (secrets.empty()) return base::fail(std::move(error));
  return secrets;
}

Exit verify(const Invocation& invocation) {
  const bool json = invocation.json();
  const auto now = now_of(invocation);
  if (!now) return unusable(now.error(), json);
  const auto body = read_input(*invocation.option("body"));
  if (!body) return unusable(body.error(), json);
  const auto secrets = secrets_of(invocation);
  if (!secrets) return refuse("valid", "invalid", secrets.error(), json);
  const auto id = *invocation.option("id");
  const auto timestamp = *invocation.option("timestamp");
  const auto signature = *invocation.option("signature");
  const auto verified = http::standard_webhooks::verify(*secrets, {id, timestamp, signature}, *body, *now);
  if (!verified) return refuse("valid", "invalid", verified.error(), json);
  fmt::print("{}\n", json ? R"({"valid":true})" : "valid");
  return Exit::done;
}

}  // namespace

std::vector<CommandSpec> webhook_commands() {
  return {
      {"webhook check-url",
       "Say whether a webhook may go to a URL, offline.",
       {{"URL", "the endpoint"}},
       {{"resolve", "NAME=ADDR[,ADDR…]", "what a name resolves to; may be repeated"},
        {"allow", "ADDR[/BITS]", "an address or network that is opened; may be repeated"}},
       check_url},
      {"webhook verify",
       "Verify the signature of a delivery, offline.",
       {},
       {{"secret", "S", "the endpoint's secret (whsec_…); repeated during a rotation", true},
        {"id", "I", "the header webhook-id", true},
        {"timestamp", "T", "the header webhook-timestamp", true},
        {"signature", "SIG", "the header webhook-signature", true},
        {"body", "FILE", "the body as it came; - reads standard input", true},
        now_option()},
       verify},
  };
}

}  // namespace ow::app
