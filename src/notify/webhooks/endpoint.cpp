// See endpoint.h.
#include "notify/webhooks/endpoint.h"

#include <algorithm>
#include <array>

#include "notify/webhooks/bounds.h"

namespace ow::notify::webhooks {
namespace {

using base::Json;
using http::standard_webhooks::SigningSecret;

constexpr auto kKind = "webhook-endpoint";
constexpr std::array<std::pair<Status, std::string_view>, 3> kStatusTexts = {
    {{Status::active, "active"}, {Status::paused, "paused"}, {Status::disabled, "disabled"}}};

Status parse_status(std::string_view text) {
  for (const auto& [status, name] : kStatusTexts) {
    if (name == text) return status;
  }
  return Status::disabled;
}

base::Instant instant_at(const Json& json, std::string_view name) {
  return base::parse_rfc3339(json.string_at(name).value_or("")).value_or(base::Instant{});
}

Json secrets_json(const Endpoint& endpoint) {
  Json::Array all;
  for (const auto& secret : endpoint.secrets) {
    auto one = Json::object({{"text", secret.text}});
    if (secret.until) one.set("until", base::to_rfc3339(*secret.until));
    all.push_back(std::move(one));
  }
  return all;
}

std::vector<Secret> secrets_from(const Json& json) {
  std::vector<Secret> secrets;
  const auto* all = json.find("secrets");
  for (const auto& one : all != nullptr ? all->as_array() : Json::Array{}) {
    Secret secret{one.text_at("text"), std::nullopt};
    if (one.find("until") != nullptr) secret.until = instant_at(one, "until");
    secrets.push_back(std::move(secret));
  }
  return secrets;
}

Json types_json(const Endpoint& endpoint) {
  Json::Array types;
  for (const auto& type : endpoint.types) types.emplace_back(type);
  return types;
}

/// The form that EventBridge patterns are written for.
Json bridge_form(const Json& event) {
  auto form = Json::object();
  const auto take = [&](std::string_view from, std::string_view to) {
    if (const auto* member = event.find(from)) form.set(to, *member);
  };
  take("id", "id");
  take("source", "source");
  take("type", "detail-type");
  take("time", "time");
  if (const auto* subject = event.find("subject")) form.set("resources", Json::array({*subject}));
  take("data", "detail");
  return form;
}

}  // namespace

std::string_view status_text(Status status) { return kStatusTexts.at(static_cast<std::size_t>(status)).second; }

platform::Key endpoint_key(const std::string& id) { return {std::string(kEndpoints), id}; }

Json endpoint_json(const Endpoint& endpoint) {
  auto json = Json::object({{"id", endpoint.id},
                            {"url", endpoint.url},
                            {"description", endpoint.description},
                            {"types", types_json(endpoint)},
                            {"owner", endpoint.owner.text},
                            {"scope", endpoint.customer.empty() ? "all" : "own"},
                            {"status", status_text(endpoint.status)},
                            {"createdAt", base::to_rfc3339(endpoint.created)},
                            {"updatedAt", base::to_rfc3339(endpoint.updated)}});
  if (!endpoint.pattern.empty()) json.set("pattern", base::parse_json(endpoint.pattern).value_or(Json()));
  if (endpoint.rate_limit) json.set("rateLimit", *endpoint.rate_limit);
  if (!endpoint.reason.empty()) json.set("reason", endpoint.reason);
  return json;
}

platform::Record endpoint_record(const Endpoint& endpoint) {
  auto json = endpoint_json(endpoint);
  json.set("secrets", secrets_json(endpoint));
  json.set("customer", endpoint.customer.text);
  json.set("since", endpoint.since);
  return {endpoint_key(endpoint.id), kKind, 1, base::to_text(json)};
}

base::Result<Endpoint> endpoint_from(const platform::Record& record) {
  const auto json = base::parse_json(record.value);
  if (!json || record.kind != kKind || record.schema != 1) {
    return base::fail(base::ErrorCode::internal, "bad_record", "Not an endpoint: " + record.key.sort + ".");
  }
  Endpoint endpoint;
  endpoint.id = record.key.sort;
  endpoint.url = json->text_at("url");
  endpoint.description = json->text_at("description");
  if (const auto* types = json->find("types")) {
    for (const auto& type : types->as_array()) endpoint.types.push_back(type.as_string());
  }
  if (const auto* pattern = json->find("pattern")) endpoint.pattern = base::to_text(*pattern);
  endpoint.owner = base::UserId(json->text_at("owner"));
  endpoint.customer = base::UserId(json->text_at("customer"));
  endpoint.secrets = secrets_from(*json);
  if (const auto limit = json->integer_at("rateLimit")) endpoint.rate_limit = static_cast<int>(*limit);
  endpoint.status = parse_status(json->text_at("status"));
  endpoint.reason = json->text_at("reason");
  endpoint.created = instant_at(*json, "createdAt");
  endpoint.updated = instant_at(*json, "updatedAt");
  endpoint.since = json->text_at("since");
  endpoint.version = record.version;
  if (!endpoint.pattern.empty()) {
    auto compiled = rules::Pattern::compile_text(endpoint.pattern);
    if (!compiled) return base::fail(std::move(compiled.error()));
    endpoint.compiled = std::move(*compiled);
  }
  return endpoint;
}

base::Task<base::Result<std::optional<Endpoint>>> find_endpoint(platform::Store& store, std::string id) {
  const auto record = co_await platform::get_one(store, endpoint_key(id));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::optional<Endpoint>();
  auto endpoint = endpoint_from(**record);
  if (!endpoint) co_return base::fail(std::move(endpoint.error()));
  co_return std::optional<Endpoint>(std::move(*endpoint));
}

std::vector<SigningSecret> signing_secrets(const Endpoint& endpoint, base::Instant now) {
  std::vector<SigningSecret> secrets;
  for (const auto& secret : endpoint.secrets) {
    if (secret.until && *secret.until <= now) continue;
    if (auto parsed = SigningSecret::parse(secret.text)) secrets.push_back(std::move(*parsed));
  }
  return secrets;
}

void rotate(Endpoint& endpoint, std::string secret, base::Instant now, base::Instant until) {
  auto& secrets = endpoint.secrets;
  if (!secrets.empty() && !secrets.front().until) secrets.front().until = until;
  std::erase_if(secrets, [&](const Secret& one) { return one.until && *one.until <= now; });
  secrets.insert(secrets.begin(), {std::move(secret), std::nullopt});
  if (secrets.size() > kSecretsMax) secrets.resize(kSecretsMax);
}

bool wants(const Endpoint& endpoint, const Published& event) {
  if (!endpoint.customer.empty() && event.customer != endpoint.customer) return false;
  const auto type = event.cloud_event.string_at("type").value_or("");
  if (!endpoint.types.empty() && std::ranges::find(endpoint.types, type) == endpoint.types.end()) return false;
  return !endpoint.compiled || endpoint.compiled->match(bridge_form(event.cloud_event));
}

Wanted wanted_types(const Endpoint& endpoint) {
  const auto from_anybody = [](const Wanted::Types& types) { return Wanted{.types = types, .outside_types = types}; };
  if (!endpoint.types.empty()) return from_anybody({endpoint.types.begin(), endpoint.types.end()});
  const auto pattern = base::parse_json(endpoint.pattern).value_or(Json::object());
  const auto* types = pattern.find("detail-type");
  const bool exact = types != nullptr && std::ranges::all_of(types->as_array(), &Json::is_string);
  if (!exact) return {.everything = true};
  Wanted::Types exactly;
  for (const auto& type : types->as_array()) exactly.insert(type.as_string());
  return from_anybody(exactly);
}

}  // namespace ow::notify::webhooks
