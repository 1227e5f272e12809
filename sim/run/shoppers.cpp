// See shoppers.h.
#include "sim/run/shoppers.h"

#include <fmt/format.h>

#include "sim/run/mail_check.h"

namespace ow::sim {
namespace {

using namespace std::chrono_literals;

struct Wanted {
  const char* product;
  std::int64_t price_minor;
};

// Of the demo catalogue: plenty, scarce, and one of a kind.
constexpr Wanted kWanted[] = {{"mug", 990}, {"honey", 895}, {"tablecloth", 7900}, {"last-one", 12000}, {"vase", 3350}};

constexpr const char* kTokens[] = {
    "",         "tok_approve",  "tok_approve",      "tok_approve",      "tok_decline",     "tok_insufficient",
    "tok_slow", "tok_error500", "tok_lost_success", "tok_lost_failure", "tok_late_success"};

std::string decimal(std::int64_t minor) { return fmt::format("{}.{:02}", minor / 100, minor % 100); }

std::string line_text(const Wanted& wanted, std::int64_t quantity) {
  return fmt::format(R"({{"productId":"{}","name":"{}","quantity":{},"price":{}}})", wanted.product, wanted.product,
                     quantity, decimal(wanted.price_minor));
}

// One to three lines, sometimes two of one product.
std::string order_text(SimRandom& random, const std::string& key) {
  std::string items;
  std::int64_t total = 0;
  for (auto lines = random.between(1, 3); lines > 0; --lines) {
    const auto& wanted = kWanted[random.below(std::size(kWanted))];
    const auto quantity = random.between(1, 20);
    items += (items.empty() ? "" : ",") + line_text(wanted, quantity);
    total += wanted.price_minor * quantity;
  }
  const std::string token = kTokens[random.below(std::size(kTokens))];
  const auto payment = token.empty() ? "" : fmt::format(R"(,"paymentToken":"{}")", token);
  const auto email = address_of({.key = key, .body = "", .order_id = "", .answer = ""});
  return fmt::format(R"({{"items":[{}],"total":{},"customerEmail":"{}"{}}})", items, decimal(total), email, payment);
}

}  // namespace

Shoppers::Shoppers(SimWorld& world, const Plan& plan)
    : world_(world), plan_(plan), client_(world, "shoppers", "workload"), listeners_(world, plan) {}

base::Task<std::optional<base::Json>> Shoppers::get(std::string url, std::string token) {
  platform::HttpRequest request{.url = std::move(url)};
  if (!token.empty()) request.headers = {{"authorization", "Bearer " + token}};
  // A reader tries on: what the network does to it is no finding.
  for (int i = 0; i < 50; ++i) {
    const auto answer = co_await client_.ask(request);
    if (answer && answer->status == 200) {
      auto json = base::parse_json(answer->body);
      if (json) co_return std::move(*json);
    }
    co_await client_.pause();
  }
  co_return std::nullopt;
}

tests::Reader Shoppers::reader() {
  return {[this](std::string path) { return get(kPlatformUrl + path, operator_token_); },
          [this](std::string path) { return get(kGatewayUrl + path, {}); }};
}

base::Task<void> Shoppers::work() {
  shopper_token_ = co_await client_.sign_in("demo-shopper", "shopper-demo-password");
  operator_token_ = co_await client_.sign_in("demo-operator", "operator-demo-password");
  while (supply_.empty()) supply_ = (co_await tests::read_supply(reader())).value_or(tests::Supply{});
  co_await listeners_.subscribe([this](platform::HttpRequest request) { return client_.ask(std::move(request)); },
                                shopper_token_, operator_token_);
  running_ = plan_.shoppers;
  for (int i = 0; i < plan_.shoppers; ++i) client_.executor().spawn(shop(plan_.orders_each));
}

base::Task<void> Shoppers::shop(int orders) {
  for (int i = 0; i < orders; ++i) {
    const auto index = attempts_.size();
    const auto key = fmt::format("key-{}", index);
    attempts_.push_back({key, order_text(client_.random(), key), "", ""});
    co_await place(index);
    if (client_.random().chance(200)) co_await place(index);  // the same key again must be answered the same
    if (client_.random().chance(200)) co_await cancel(attempts_[index].order_id);
    if (client_.random().chance(500)) co_await client_.pause();
  }
  served_ = --running_ == 0;
}

void Shoppers::take_answer(tests::Attempt& attempt, const platform::HttpAnswer& answer) {
  if (!attempt.answer.empty() && attempt.answer != answer.body) {
    complaints_.push_back(
        {"replay", fmt::format("{} was answered {} and then {}", attempt.key, attempt.answer, answer.body)});
  }
  attempt.answer = answer.body;
  const auto json = base::parse_json(answer.body);
  attempt.order_id = json ? json->text_at("orderId") : "";
  world_.history.note("acknowledged " + attempt.order_id);
  if (plan_.trace) world_.history.tell(fmt::format("{} acknowledged as {}", attempt.key, attempt.order_id));
}

base::Task<void> Shoppers::place(std::size_t index) {
  platform::HttpRequest request{.method = "POST", .url = std::string(kPlatformUrl) + "/api/orders"};
  request.headers = {{"content-type", "application/json"},
                     {"authorization", "Bearer " + shopper_token_},
                     {"idempotency-key", attempts_[index].key}};
  request.body = attempts_[index].body;
  while (true) {
    const auto answer = co_await client_.ask(request);
    if (answer && answer->status == 201) {
      take_answer(attempts_[index], *answer);
      co_return;
    }
    const bool again = !answer || answer->status >= 500 || answer->status == 409 || answer->status == 429;
    if (!again) {
      complaints_.push_back(
          {"refused", fmt::format("{} was answered {}: {}", request.body, answer->status, answer->body)});
      attempts_[index].answer = answer->body;
      co_return;
    }
    co_await client_.pause();
  }
}

base::Task<void> Shoppers::cancel(std::string order_id) {
  if (client_.random().chance(700)) co_await client_.pause();
  platform::HttpRequest request{.method = "POST",
                                .url = fmt::format("{}/api/orders/{}/cancel", kPlatformUrl, order_id)};
  request.headers = {{"authorization", "Bearer " + shopper_token_}};
  const auto answer = co_await client_.ask(std::move(request));
  if (answer && answer->status == 202) ++cancels_;
}

base::Task<void> Shoppers::read() {
  while (!(co_await tests::all_terminal(reader())).value_or(false)) co_await client_.pause();
  // Timers and late charges of the gateway may still be on their way.
  co_await client_.executor().sleep_until(world_.clock.ticks() + 20min);
  // Receivers that failed hear again after a pause, in the end after hours.
  for (int i = 0; i < plan_.hours_heard; ++i) {
    operator_token_ =
        co_await client_.sign_in("demo-operator", "operator-demo-password");  // the one before lasted an hour
    std::optional<tests::Books> books;
    while (!books) books = co_await tests::read_books(reader());
    if (listeners_.complete(*books) && !tests::is_queued(*books)) {
      books_ = std::move(books);
      co_return;
    }
    co_await client_.executor().sleep_until(world_.clock.ticks() + 1h);
  }
  operator_token_ = co_await client_.sign_in("demo-operator", "operator-demo-password");
  while (!books_) books_ = co_await tests::read_books(reader());
}

}  // namespace ow::sim
