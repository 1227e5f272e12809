// See shop.h.
#include "kill/shop.h"

#include <fmt/format.h>

#include <array>

#include "local/machine.h"

namespace ow::tests {

std::string address_of(const std::string& key) { return key + "@shopper.example"; }
namespace {

using namespace std::chrono_literals;

struct Wanted {
  const char* product;
  const char* name;
  std::int64_t price_minor;
};

// Products of the demo catalogue; the last is one of a kind, so that some orders run out of stock.
constexpr std::array<Wanted, 4> kWanted = {
    {{"mug", "Mug", 990}, {"honey", "Honey", 895}, {"vase", "Vase", 3350}, {"last-one", "Print", 12000}}};

// Mostly approved; the rest make each branch of the saga happen under kills.
constexpr std::array<const char*, 12> kTokens = {
    "tok_approve", "tok_approve", "tok_approve",      "tok_approve",      "tok_approve",      "tok_approve",
    "tok_approve", "tok_decline", "tok_insufficient", "tok_lost_success", "tok_lost_failure", "tok_late_success"};

std::string decimal(std::int64_t minor) { return fmt::format("{}.{:02}", minor / 100, minor % 100); }

std::string order_body(const Wanted& wanted, std::int64_t quantity, const char* payment_token,
                       const std::string& address) {
  return fmt::format(
      R"({{"items":[{{"productId":"{}","name":"{}","quantity":{},"price":{}}}],"total":{},"paymentToken":"{}","customerEmail":"{}"}})",
      wanted.product, wanted.name, quantity, decimal(wanted.price_minor), decimal(wanted.price_minor * quantity),
      payment_token, address);
}

base::Task<void> count_down(base::Task<void> task, int& running) {
  co_await task;
  --running;
}

}  // namespace

Shop::Shop(local::AsioExecutor& executor, local::BeastHttpClient& client, std::uint64_t seed)
    : executor_(executor), client_(client), random_(seed * 2 + 1) {}

std::uint64_t Shop::draw(std::uint64_t bound) {
  random_ += 0x9E3779B97F4A7C15ULL;
  std::uint64_t mixed = random_;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
  return (mixed ^ (mixed >> 31)) % bound;
}

base::Task<std::string> Shop::token_of(std::string user, std::string password) {
  platform::HttpRequest request{.method = "POST", .url = url_ + "/api/auth/sign-in"};
  request.headers = {{"content-type", "application/json"}};
  request.body = base::to_text(base::Json::object({{"username", user}, {"password", password}}));
  const auto answer = co_await client_.send(std::move(request));
  if (!answer || answer->status != 200) co_return std::string();
  const auto json = base::parse_json(answer->body);
  co_return std::string(json ? json->string_at("accessToken").value_or("") : "");
}

base::Task<bool> Shop::sign_in() {
  shopper_token_ = co_await token_of("demo-shopper", "shopper-demo-password");
  operator_token_ = co_await token_of("demo-operator", "operator-demo-password");
  co_return !shopper_token_.empty() && !operator_token_.empty();
}

std::size_t Shop::next_attempt() {
  if (!unanswered_.empty()) {
    const auto index = unanswered_.front();
    unanswered_.pop_front();
    return index;
  }
  const auto& wanted = kWanted[draw(kWanted.size())];
  const auto key = fmt::format("attempt-{}-{}", attempts_.size(), draw(1'000'000));
  const auto body =
      order_body(wanted, static_cast<std::int64_t>(1 + draw(3)), kTokens[draw(kTokens.size())], address_of(key));
  attempts_.push_back({key, body, "", ""});
  return attempts_.size() - 1;
}

base::Task<bool> Shop::place(Attempt& attempt) {
  platform::HttpRequest request{.method = "POST", .url = url_ + "/api/orders"};
  request.headers = {{"content-type", "application/json"},
                     {"authorization", "Bearer " + shopper_token_},
                     {"idempotency-key", attempt.key}};
  request.body = attempt.body;
  request.timeout = 5s;
  const auto answer = co_await client_.send(std::move(request));
  if (!answer || answer->status >= 500 || answer->status == 409 || answer->status == 429) co_return false;
  if (answer->status != 201) {
    complaints_.push_back(fmt::format("{} was answered {}: {}", attempt.key, answer->status, answer->body));
    co_return true;
  }
  if (!attempt.answer.empty() && attempt.answer != answer->body) {
    complaints_.push_back(fmt::format("{} was answered {} and then {}", attempt.key, attempt.answer, answer->body));
  }
  attempt.answer = answer->body;
  const auto json = base::parse_json(answer->body);
  attempt.order_id = json ? json->text_at("orderId") : "";
  if (attempt.order_id.empty()) complaints_.push_back("a 201 names no order: " + answer->body);
  co_return true;
}

base::Task<void> Shop::run_shopper() {
  while (open_) {
    const auto index = next_attempt();
    if (co_await place(attempts_[index])) {
      // Now and then the same key again: the stored answer must come back byte for byte.
      if (draw(16) == 0 && open_) co_await place(attempts_[index]);
    } else {
      unanswered_.push_back(index);
    }
    // Shoppers think, else the books at the end would take longer than the kills.
    const local::SystemClock clock;
    co_await executor_.sleep_until(clock.ticks() + std::chrono::milliseconds(draw(20)));
  }
}

base::Task<void> Shop::open(int shoppers) {
  open_ = true;
  running_ = shoppers;
  for (int i = 0; i < shoppers; ++i) executor_.spawn(count_down(run_shopper(), running_));
  const local::SystemClock clock;
  while (running_ > 0) co_await executor_.sleep_until(clock.ticks() + 5ms);
}

base::Task<void> Shop::settle() {
  while (!unanswered_.empty()) {
    const auto index = next_attempt();
    if (!co_await place(attempts_[index])) unanswered_.push_back(index);
  }
}

base::Task<bool> Shop::redrive(std::string queue) {
  platform::HttpRequest request{.method = "POST", .url = url_ + "/api/queues/" + queue + "/redrive"};
  request.headers = {{"authorization", "Bearer " + operator_token_}, {"content-type", "application/json"}};
  request.body = R"({"all":true,"reason":"the kill test"})";
  const auto answer = co_await client_.send(std::move(request));
  co_return answer && answer->status == 202;
}

Reader Shop::reader(std::string gateway_url) {
  return {[this](std::string path) { return read_url(url_ + path, operator_token_); },
          [this, gateway_url](std::string path) { return read_url(gateway_url + path); }};
}

base::Task<std::optional<base::Json>> Shop::read_url(std::string url, std::string token) {
  platform::HttpRequest request{.url = std::move(url)};
  request.answer_bytes_max = 64 << 20;
  if (!token.empty()) request.headers = {{"authorization", "Bearer " + token}};
  const auto answer = co_await client_.send(std::move(request));
  if (!answer || answer->status != 200) co_return std::nullopt;
  auto json = base::parse_json(answer->body);
  if (!json) co_return std::nullopt;
  co_return std::move(*json);
}

}  // namespace ow::tests
