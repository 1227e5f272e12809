// See config.h.
#include "app/config.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <map>

#include "base/bounds.h"
#include "base/json.h"

namespace ow::app {
namespace {

constexpr int kCountMax = 100'000;
constexpr int kKeptDaysMax = 3650;

using Values = std::map<std::string, std::string>;

base::Result<void> refuse(const std::string& member, const std::string& what) {
  return base::fail(base::ErrorCode::malformed, "bad_configuration", fmt::format("{} {}", member, what));
}

// A member of the file as the text a flag would have.
base::Result<std::string> text_of(const std::string& name, const base::Json& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_bool()) return std::string(value.as_bool() ? "true" : "false");
  if (value.is_number()) return value.as_number().text;
  return base::fail(base::ErrorCode::malformed, "bad_configuration",
                    fmt::format("{} must be a string, number or boolean", name));
}

base::Result<void> take_file(const std::string& file, Values& values) {
  const auto text = read_input(file);
  if (!text) return base::fail(text.error());
  const auto json = base::parse_json(*text);
  if (!json) return refuse(file, "is not JSON: " + json.error().message);
  if (!json->is_object()) return refuse(file, "must hold one JSON object");
  for (const auto& [name, value] : json->as_object()) {
    bool known = false;
    for (const auto& member : config_members()) known = known || member.name == name;
    if (!known) return refuse(file + ": " + name, "is no member of the configuration");
    auto one = text_of(name, value);
    if (!one) return base::fail(one.error());
    values[name] = std::move(*one);
  }
  return {};
}

base::Result<Values> collect(const Invocation& invocation) {
  Values values;
  if (const auto file = invocation.option("config")) {
    if (auto taken = take_file(*file, values); !taken) return base::fail(taken.error());
  }
  for (const auto& member : config_members()) {
    if (const char* value = std::getenv(member.environment.c_str())) values[member.name] = value;
    if (member.option.name.empty() || !invocation.flag(member.option.name)) continue;
    values[member.name] = member.option.value.empty() ? "true" : *invocation.option(member.option.name);
  }
  return values;
}

base::Result<void> parse_rate_limit(const std::string& text, Config& config) {
  if (text == "off") {
    config.rate_limit.reset();
    return {};
  }
  int limit = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc{} || rest != text.data() + text.size() || limit < 1) {
    return refuse("rateLimit", "must be a number of requests per second >= 1, or off");
  }
  config.rate_limit = limit;
  return {};
}

base::Result<void> parse_count(const std::string& name, const std::string& text, int& out) {
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, out);
  if (error == std::errc{} && rest == end && out >= 1 && out <= kCountMax) return {};
  return refuse(name, fmt::format("must be a whole number from 1 to {}", kCountMax));
}

base::Result<void> parse_event_days(const std::string& text, Config& config) {
  if (auto parsed = parse_count("eventDays", text, config.kept.event_days.emplace()); !parsed) return parsed;
  if (*config.kept.event_days >= ops::kEventDaysMin) return {};
  return refuse("eventDays", fmt::format("must be at least {}: consumers that were away must find their events",
                                         ops::kEventDaysMin));
}

/// A span of at least `least`, in whole units.
base::Result<void> parse_kept(const std::string& name, const std::string& text, std::chrono::hours unit, int least,
                              base::Duration& out) {
  int count = 0;
  if (auto parsed = parse_count(name, text, count); !parsed) return parsed;
  if (count < least || unit * count > std::chrono::days(kKeptDaysMax)) {
    return refuse(name, fmt::format("must be at least {} and at most {} days", least, kKeptDaysMax));
  }
  out = unit * count;
  return {};
}

base::Result<void> take_kept(const std::string& name, const std::string& value, ops::KeptFor& kept) {
  constexpr std::chrono::hours kHour{1};
  constexpr std::chrono::hours kDay{24};
  if (name == "idempotencyHours") return parse_kept(name, value, kHour, ops::kIdempotencyHoursMin, kept.idempotency);
  if (name == "executionDays") return parse_kept(name, value, kDay, 1, kept.executions);
  if (name == "deadLetterDays") return parse_kept(name, value, kDay, 1, kept.dead_letters);
  return {};
}

base::Result<void> parse_flag(const std::string& name, const std::string& text, bool& out) {
  if (text != "true" && text != "false") return refuse(name, "must be true or false");
  out = text == "true";
  return {};
}

base::Result<void> parse_hsts(const std::string& text, Config& config) {
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), config.hsts_max_age_s);
  if (error == std::errc{} && rest == text.data() + text.size() && config.hsts_max_age_s >= 0) return {};
  return refuse("hstsMaxAge", "must be a number of seconds >= 0");
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    if (comma > at) parts.push_back(text.substr(at, comma - at));
    at = comma + 1;
  }
  return parts;
}

base::Result<void> parse_webhook_allow(const std::string& text, Config& config) {
  for (const auto& part : split(text)) {
    const auto network = notify::Network::parse(part);
    if (!network) return refuse("webhookAllow", "must be addresses or ADDR/BITS, separated by commas, not " + part);
    config.webhook_allow.push_back(*network);
  }
  return {};
}

base::Result<void> take_issuer(const Values& values, Config& config) {
  const auto at = [&](const char* name) { return values.contains(name) ? values.at(name) : std::string(); };
  if (at("issuer").empty()) return {};
  if (at("jwksUrl").empty() || at("clientId").empty()) return refuse("issuer", "needs jwksUrl and clientId beside it");
  identity::OutsideIssuer outside{at("issuer"), at("jwksUrl"), at("clientId")};
  if (!at("groupsClaim").empty()) outside.groups_claim = at("groupsClaim");
  config.outside_issuer = outside;
  return {};
}

base::Result<void> take(const std::string& name, const std::string& value, Config& config) {
  if (name == "data") config.data = value;
  if (name == "publicUrl") config.public_url = value;
  if (name == "gatewayUrl") config.gateway_url = value;
  if (name == "corsOrigins") config.cors_origins = split(value);
  if (name == "tlsCert") config.tls_certificate = value;
  if (name == "tlsKey") config.tls_key = value;
  if (name == "caFile") config.ca_file = value;
  if (name == "hstsMaxAge") return parse_hsts(value, config);
  if (name == "signUp") return parse_flag(name, value, config.sign_up);
  if (name == "listen") return parse_listen(value, config);
  if (name == "webhookAllow") return parse_webhook_allow(value, config);
  if (name == "rateLimit") return parse_rate_limit(value, config);
  if (name == "demo") return parse_flag(name, value, config.demo);
  if (name == "paused") return parse_flag(name, value, config.paused);
  if (name == "eventDays") return parse_event_days(value, config);
  if (auto taken = take_kept(name, value, config.kept); !taken) return taken;
  if (name == "snapshots") config.snapshots = value;
  if (name == "snapshotsKept") return parse_count(name, value, config.snapshots_kept);
  if (name == "obligationAlarmMinutes") return parse_count(name, value, config.obligation_alarm_minutes);
  if (name == "snapshotEveryHours") return parse_count(name, value, config.snapshot_hours.emplace());
  if (name == "accessLog") return parse_flag(name, value, config.access_log);
  return take_notify(name, value, config.notify);
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

base::Result<Config> checked(Config config) {
  if (config.data.empty())
    return base::fail(refuse("data", "is required: the directory that keeps everything").error());
  if (config.demo && !is_loopback(config.address)) {
    return base::fail(
        refuse("demo", fmt::format("has published passwords and listens on loopback only, not on {}", config.address))
            .error());
  }
  if (!config.demo && config.gateway_url.empty()) {
    return base::fail(refuse("gatewayUrl", "is required without --demo: the payment gateway's address").error());
  }
  if (config.tls_certificate.empty() != config.tls_key.empty()) {
    return base::fail(refuse("tlsCert", "and tlsKey go together: the certificate and its key").error());
  }
  if (config.snapshots.empty()) config.snapshots = config.data + "/snapshots";
  while (config.public_url.ends_with('/')) config.public_url.pop_back();
  return config;
}

}  // namespace

const std::vector<ConfigMember>& config_members() {
  static const std::vector<ConfigMember> members = [] {
    std::vector<ConfigMember> all = {
        {"data", "OW_DATA", {"data", "DIR", "the directory that keeps everything"}},
        {"listen", "OW_LISTEN", {"listen", "ADDR:PORT", "where to listen (default 127.0.0.1:8080; port 0: any free)"}},
        {"demo", "OW_DEMO", {"demo", "", "demo data, demo users, sandbox payments; loopback only"}},
        {"paused", "OW_PAUSED", {"paused", "", "start with background work paused"}},
        {"rateLimit", "OW_RATE_LIMIT", {"rate-limit", "N|off", "requests per second and caller (default 2000)"}},
        {"gatewayUrl", "OW_GATEWAY_URL", {"gateway", "URL", "the payment gateway (demo: inside)"}},
        {"publicUrl", "OW_PUBLIC_URL", {"public-url", "URL", "how clients reach this server (default from --listen)"}},
        {"tlsCert", "OW_TLS_CERT", {"tls-cert", "FILE", "TLS: the certificate with its chain (PEM)"}},
        {"tlsKey", "OW_TLS_KEY", {"tls-key", "FILE", "TLS: the certificate's key (PEM)"}},
        {"caFile", "OW_CA_FILE", {"ca-file", "FILE", "authorities (PEM) that calls to the outside trust, too"}},
        {"accessLog", "OW_ACCESS_LOG", {"access-log", "", "log every request, not only slow and failed ones"}},
        {"webhookAllow",
         "OW_WEBHOOK_ALLOW",
         {"webhook-allow", "ADDR[/BITS],…", "addresses that webhooks may reach although not public"}},
        {"hstsMaxAge", "OW_HSTS_MAX_AGE", {}},
        {"signUp", "OW_SIGN_UP", {}},
        {"eventDays",
         "OW_EVENT_DAYS",
         {"event-days", "N", "drop events after N days, at least 30 (default: keep them)"}},
        {"idempotencyHours",
         "OW_IDEMPOTENCY_HOURS",
         {"idempotency-hours", "N", "replay answers for N hours, at least 24 (default 24)"}},
        {"executionDays",
         "OW_EXECUTION_DAYS",
         {"execution-days", "N", "keep ended executions for N days (default 30)"}},
        {"deadLetterDays",
         "OW_DEAD_LETTER_DAYS",
         {"dead-letter-days", "N", "keep dead letters for N days (default 14)"}},
        {"snapshots",
         "OW_SNAPSHOTS",
         {"snapshots", "DIR", "where snapshots are kept (default DATA/snapshots; better another disk)"}},
        {"snapshotsKept", "OW_SNAPSHOTS_KEPT", {"snapshots-kept", "N", "the newest N snapshots stay (default 7)"}},
        {"snapshotEveryHours",
         "OW_SNAPSHOT_EVERY_HOURS",
         {"snapshot-every-hours", "N", "makes one each N hours (default: none)"}},
        {"obligationAlarmMinutes",
         "OW_OBLIGATION_ALARM_MINUTES",
         {"obligation-alarm-minutes", "N", "an obligation open for N minutes raises the alarm (default 60)"}},
        {"corsOrigins", "OW_CORS_ORIGINS", {}},
        {"issuer", "OW_ISSUER", {}},
        {"jwksUrl", "OW_JWKS_URL", {}},
        {"clientId", "OW_CLIENT_ID", {}},
        {"groupsClaim", "OW_GROUPS_CLAIM", {}},
    };
    all.insert(all.end(), notify_members().begin(), notify_members().end());
    return all;
  }();
  return members;
}

base::Result<void> parse_listen(const std::string& text, Config& config) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return refuse("listen", "must be ADDR:PORT, for example 127.0.0.1:8080");
  const auto* begin = text.data() + colon + 1;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(begin, end, config.port);
  if (error != std::errc{} || rest != end || begin == end)
    return refuse("listen", "must end in a port from 0 to 65535");
  config.address = text.substr(0, colon);
  if (config.address.starts_with('[') && config.address.ends_with(']')) {
    config.address = config.address.substr(1, config.address.size() - 2);
  }
  return {};
}

base::Result<Config> read_config(const Invocation& invocation) {
  const auto values = collect(invocation);
  if (!values) return base::fail(values.error());
  Config config;
  config.rate_limit = base::bounds::kRatePerCallerPerSecond;
  for (const auto& [name, value] : *values) {
    if (auto taken = take(name, value, config); !taken) return base::fail(taken.error());
  }
  if (auto taken = take_issuer(*values, config); !taken) return base::fail(taken.error());
  return checked(std::move(config));
}

}  // namespace ow::app
