// See restore_client.h.
#include "sim/run/restore_client.h"

#include <fmt/format.h>

#include "sim/run/client.h"

namespace ow::sim {
namespace {

using namespace std::chrono_literals;

/// Longer than a gateway that is asked too early is given before the last look at it.
constexpr auto kUntilAllIsCompared = 30min;
constexpr const char* kPayments[] = {"tok_approve", "tok_approve", "tok_approve", "tok_lost_success", "tok_decline"};

platform::HttpRequest posted(const std::string& path, const std::string& token, std::string body) {
  platform::HttpRequest request{.method = "POST", .url = std::string(kPlatformUrl) + path};
  request.headers = {{"content-type", "application/json"}};
  if (!token.empty()) request.headers.emplace_back("authorization", "Bearer " + token);
  request.body = std::move(body);
  return request;
}

std::string mugs(std::int64_t quantity, const char* payment) {
  const auto total = 990 * quantity;
  return fmt::format(
      R"({{"items":[{{"productId":"mug","name":"Mug","quantity":{},"price":9.90}}],"total":{}.{:02},"paymentToken":"{}"}})",
      quantity, total / 100, total % 100, payment);
}

}  // namespace

RestoreClient::RestoreClient(SimWorld& world) : world_(world), client_(world, "restore-client", "restore-client") {}

base::Task<std::optional<base::Json>> RestoreClient::get(std::string url, std::string token) {
  platform::HttpRequest request{.url = std::move(url)};
  if (!token.empty()) request.headers = {{"authorization", "Bearer " + token}};
  const auto answer = co_await client_.ask(std::move(request));
  if (!answer || answer->status != 200) co_return std::nullopt;
  auto json = base::parse_json(answer->body);
  if (!json) co_return std::nullopt;
  co_return std::move(*json);
}

tests::Reader RestoreClient::reader() {
  return {[this](std::string path) { return get(kPlatformUrl + path, operator_token_); },
          [this](std::string path) { return get(kGatewayUrl + path, {}); }};
}

base::Task<void> RestoreClient::place_all(int orders, bool& done) {
  shopper_token_ = co_await client_.sign_in("demo-shopper", "shopper-demo-password");
  for (int i = 0; i < orders; ++i) {
    const auto index = attempts_.size();
    const char* payment = kPayments[client_.random().below(std::size(kPayments))];
    attempts_.push_back({fmt::format("restore-{}", index), mugs(client_.random().between(1, 3), payment), "", ""});
    co_await place(index);
    if (client_.random().chance(500)) co_await client_.pause();
  }
  done = true;
}

base::Task<void> RestoreClient::place(std::size_t index) {
  auto request = posted("/api/orders", shopper_token_, attempts_[index].body);
  request.headers.emplace_back("idempotency-key", attempts_[index].key);
  while (true) {
    const auto answer = co_await client_.ask(request);
    const auto json = answer && answer->status == 201 ? base::parse_json(answer->body) : base::Json();
    if (json && json->string_at("orderId")) {
      attempts_[index].answer = answer->body;
      attempts_[index].order_id = json->text_at("orderId");
      co_return;
    }
    co_await client_.pause();
  }
}

// Refused until the gateway was compared once.
base::Task<void> RestoreClient::resume(bool& done) {
  operator_token_ = co_await client_.sign_in("demo-operator", "operator-demo-password");
  while (!done) {
    const auto answer =
        co_await client_.ask(posted("/api/background/resume", operator_token_, R"({"reason":"restored"})"));
    done = answer && answer->status == 200;
    if (!done) co_await client_.pause();
  }
}

// Fewer than a page: the workload is small.
base::Task<void> RestoreClient::list_receipts(std::map<std::string, std::string>& orders, bool& done) {
  operator_token_ = co_await client_.sign_in("demo-operator", "operator-demo-password");
  while (!done) {
    const auto page = co_await get(std::string(kPlatformUrl) + "/api/receipts", operator_token_);
    if (!page) {
      co_await client_.pause();
      continue;
    }
    for (const auto& item : page->find("items")->as_array()) orders[item.text_at("number")] = item.text_at("orderId");
    done = true;
  }
}

base::Task<void> RestoreClient::read(std::optional<tests::Books>& books) {
  co_await client_.executor().sleep_until(world_.clock.ticks() + kUntilAllIsCompared);
  operator_token_ = co_await client_.sign_in("demo-operator", "operator-demo-password");
  while (!(co_await tests::all_terminal(reader())).value_or(false)) co_await client_.pause();
  co_await client_.executor().sleep_until(world_.clock.ticks() + kUntilAllIsCompared);
  operator_token_ = co_await client_.sign_in("demo-operator", "operator-demo-password");
  std::optional<tests::Books> read;
  while (!read) {
    read = co_await tests::read_books(reader());
    if (!read) co_await client_.pause();
  }
  books = std::move(read);
}

}  // namespace ow::sim
