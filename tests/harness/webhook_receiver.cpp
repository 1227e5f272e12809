// See webhook_receiver.h.
#include "harness/webhook_receiver.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "http/standard_webhooks.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;

std::string_view header(const platform::HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return {};
}

platform::HttpAnswer answer_of(Manner manner) {
  switch (manner) {
    case Manner::error:
      return {.status = 500, .body = "broken"};
    case Manner::overload:
      return {.status = 503, .headers = {{"retry-after", "30"}}, .body = "later"};
    case Manner::gone:
      return {.status = 410};
    case Manner::redirect:
      return {.status = 302, .headers = {{"location", "http://169.254.169.254/"}}};
    case Manner::garbage:
      return {.status = sim::SimNetwork::kGarbage};
    case Manner::drop:
      return {.status = 0};
    default:
      return {.status = 200, .body = "ok"};
  }
}

}  // namespace

WebhookReceiver::WebhookReceiver(sim::SimWorld& world, const std::string& name, std::string address)
    : world_(world), machine_(world, name), process_(world, machine_), address_(std::move(address)) {
  world_.network.serve_at(address_, process_.executor,
                          [this](platform::HttpRequest request) { return answer(std::move(request)); });
}

WebhookReceiver::~WebhookReceiver() { world_.network.take_away_at(address_); }

bool WebhookReceiver::verified(const platform::HttpRequest& request) const {
  if (secrets_.empty()) return true;
  std::vector<http::standard_webhooks::SigningSecret> secrets;
  for (const auto& text : secrets_) secrets.push_back(http::standard_webhooks::SigningSecret::parse(text).value());
  const http::standard_webhooks::SignedHeaders headers{
      header(request, "webhook-id"), header(request, "webhook-timestamp"), header(request, "webhook-signature")};
  return http::standard_webhooks::verify(secrets, headers, request.body, world_.clock.now()).has_value();
}

base::Task<platform::HttpAnswer> WebhookReceiver::answer(platform::HttpRequest request) {
  const auto nth = received_.size();
  const auto manner = choose_(nth);
  const auto event = base::parse_json(request.body).value_or(base::Json::object());
  Received one;
  one.id = header(request, "webhook-id");
  one.subject = event.string_at("subject").value_or("");
  one.number = std::stoull("0" + std::string(event.string_at("sequence").value_or("")));
  one.type = event.string_at("type").value_or("");
  one.at = world_.clock.now();
  one.verified = verified(request);
  one.accepted = manner == Manner::accept;
  one.body = std::move(request.body);
  received_.push_back(std::move(one));
  if (manner == Manner::hang) co_await process_.executor.sleep_until(world_.clock.ticks() + 1h);
  if (manner == Manner::drip) co_await process_.executor.sleep_until(world_.clock.ticks() + 20s);
  co_return answer_of(manner);
}

std::map<std::string, std::vector<std::uint64_t>> WebhookReceiver::accepted() const {
  std::map<std::string, std::vector<std::uint64_t>> all;
  for (const auto& one : received_) {
    if (!one.accepted || one.number == 0) continue;
    auto& numbers = all[one.subject];
    if (std::ranges::find(numbers, one.number) == numbers.end()) numbers.push_back(one.number);
  }
  return all;
}

}  // namespace ow::tests
