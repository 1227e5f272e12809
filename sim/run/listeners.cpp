// See listeners.h.
#include "sim/run/listeners.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "sim/run/client.h"

namespace ow::sim {
namespace {

using namespace std::chrono_literals;
using base::Json;
using tests::Manner;

constexpr auto kInside = "10.0.0.7";
constexpr auto kMoving = "moving.example";

}  // namespace

Listeners::Listeners(SimWorld& world, const Plan&)
    : world_(world), random_(world.random.fork("listeners")), inside_(world, "inside", kInside) {
  const auto add = [&](const char* host, const char* address, bool by_operator, const char* scope, bool stranger) {
    listeners_.push_back(std::make_unique<Listener>(host, by_operator, scope, stranger, world, address));
    world_.network.name(host, {{address}});
    listeners_.back()->receiver.behave([this](std::size_t) { return drawn(); });
  };
  listeners_.reserve(4);
  add("own.example", "93.184.216.1", false, "own", false);
  add("all.example", "93.184.216.2", true, "all", false);
  add("stranger.example", "93.184.216.3", true, "own", true);
  add(kMoving, "93.184.216.4", false, "own", false);
  // A handler that runs anew looks up again. Seven answers, four of them right in a row: however many look-ups an
  // attempt takes, one of the next attempts sees only right ones.
  const std::vector<std::string> right = {"93.184.216.4"};
  world_.network.name(kMoving, {right, right, right, right, {kInside}, {"93.184.216.4", kInside}, {}});
}

Manner Listeners::drawn() {
  constexpr Manner kManners[] = {Manner::error, Manner::overload, Manner::redirect, Manner::garbage,
                                 Manner::hang,  Manner::drip,     Manner::drop};
  if (calm_ || random_.chance(700)) return Manner::accept;
  return kManners[random_.below(std::size(kManners))];
}

base::Task<void> Listeners::subscribe(Ask ask, std::string shopper_token, std::string operator_token) {
  for (auto& listener : listeners_) {
    co_await subscribe_one(ask, *listener, listener->by_operator ? operator_token : shopper_token);
  }
}

base::Task<void> Listeners::subscribe_one(Ask ask, Listener& listener, std::string token) {
  platform::HttpRequest request{.method = "POST", .url = std::string(kPlatformUrl) + "/api/webhooks"};
  request.headers = {
      {"content-type", "application/json"}, {"authorization", "Bearer " + token}, {"idempotency-key", ""}};
  request.body =
      base::to_text(Json::object({{"url", fmt::format("https://{}/hook", listener.host)}, {"scope", listener.scope}}));
  int refusals = 0;
  while (true) {
    request.headers.back().second = fmt::format("listener-{}-{}", listener.host, refusals);
    const auto answer = co_await ask(request);
    const auto json = answer && answer->status == 201 ? base::parse_json(answer->body) : base::Json();
    if (json && json->string_at("secret")) {
      listener.receiver.expect_secret(std::string(*json->string_at("secret")));
      co_return;
    }
    // A name that leads inside is refused; the next look-up gets another answer. A refusal is kept under its key.
    if (answer && answer->status == 422) ++refusals;
  }
}

void Listeners::calm_down() {
  calm_ = true;
  world_.network.name(kMoving, {{"93.184.216.4"}});
}

bool Listeners::heard(const Listener& listener, const tests::Books& books) {
  if (listener.is_stranger) return true;
  const auto accepted = listener.receiver.accepted();
  for (const auto& [id, order] : books.orders) {
    const auto found = accepted.find(id);
    if (found == accepted.end() || found->second.size() < order.events.size()) return false;
  }
  return true;
}

bool Listeners::complete(const tests::Books& books) const {
  for (const auto& listener : listeners_) {
    if (!heard(*listener, books)) return false;
  }
  return true;
}

void Listeners::check_one(const Listener& listener, const tests::Books& books, std::vector<tests::Finding>& findings) {
  const auto find = [&](const std::string& what) {
    findings.push_back({"webhooks", fmt::format("{}: {}", listener.host, what)});
  };
  if (!heard(listener, books)) find("did not hear of every event");
  for (const auto& [subject, numbers] : listener.receiver.accepted()) {
    if (!std::ranges::is_sorted(numbers)) find("heard of " + subject + " out of order");
    if (listener.is_stranger && subject.starts_with("ord_")) find("a stranger heard of " + subject);
  }
  std::map<std::pair<std::string, std::uint64_t>, std::pair<std::string, std::string>> known;
  for (const auto& one : listener.receiver.received()) {
    if (!one.verified) find("a signature is wrong");
    const std::pair content{one.id, one.body};
    const auto [place, fresh] = known.try_emplace({one.subject, one.number}, content);
    if (!fresh && place->second != content) find("event " + one.id + " came under two ids or with two bodies");
  }
}

void Listeners::check(const tests::Books& books, std::vector<tests::Finding>& findings) const {
  for (const auto& listener : listeners_) check_one(*listener, books, findings);
  if (!inside_.received().empty()) findings.push_back({"webhooks", "a request went inside"});
}

std::size_t Listeners::received() const {
  std::size_t all = 0;
  for (const auto& listener : listeners_) all += listener->receiver.received().size();
  return all;
}

}  // namespace ow::sim
