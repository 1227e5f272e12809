// Any interleaving of keyed requests: each key has one effect and one answer, byte for byte.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "http/edge_world.h"

namespace ow::http {
namespace {

constexpr int kKeys = 3;
constexpr int kBodies = 2;
constexpr std::int64_t kBalanceMax = 5;  // low, so that refusals are common

const platform::Key kBalance{"accounts", "one"};

std::int64_t amount_in(const platform::Record& record) { return std::stoll(record.value); }

/// Adds the body's amount to the balance, unless that would pass the limit: then 422.
base::Task<base::Result<Reply>> deposit(platform::Store& store, const RequestContext& context) {
  const auto found = co_await platform::get_one(store, kBalance);
  const auto& record = *found;
  const std::int64_t balance = (record ? amount_in(*record) : 0) + *context.body.integer_at("amount");
  if (balance > kBalanceMax) co_return base::fail(base::ErrorCode::unprocessable, "limit", "That is too much.");
  Reply reply{Response::json(201, base::Json::object({{"balance", balance}, {"by", context.request_id}}))};
  const auto expect = platform::Expect::at(record ? record->version : 0);
  reply.commit.put({.key = kBalance, .kind = "account", .value = std::to_string(balance)}, expect);
  co_return reply;
}

struct Sent {
  int key;   // 0: none
  int body;  // amount is body + 1
  bool twin_under_way;
  std::unique_ptr<Running<Response>> running;
};

class Bank {
 public:
  Bank() {
    Route route;
    route.method = "POST";
    route.pattern = "/deposits";
    route.body_schema = *base::parse_json(R"({"type":"object","properties":{"amount":{"type":"integer"}}})");
    route.handle = [this](const RequestContext& context) { return deposit(world.store, context); };
    world.routes.push_back(std::move(route));
    world.store.holding = true;
  }

  void send(int key, int body) {
    Ask ask = Ask("POST", "/deposits").as("alice").json("{\"amount\":" + std::to_string(body + 1) + "}");
    if (key > 0) ask.key("key" + std::to_string(key));
    const bool twin = key > 0 && std::any_of(sent.begin(), sent.end(),
                                             [&](const Sent& one) { return one.key == key && !one.running->answer; });
    sent.push_back({key, body, twin, world.start(ask)});
  }

  /// Settles one waiting commit; false when there is none.
  bool settle_any(std::size_t pick) {
    if (world.store.waiting() == 0) return false;
    world.store.settle(pick % world.store.waiting());
    return true;
  }

  std::int64_t balance() {
    Running<base::Result<platform::RecordPtr>> read(platform::get_one(world.store, kBalance));
    const auto& record = **read.answer;
    return record ? amount_in(*record) : 0;
  }

  EdgeWorld world;
  std::vector<Sent> sent;
};

bool is_reuse_or_twin(const Response& response) {
  const auto body = body_of(response);
  const auto error = body.string_at("error").value_or("");
  return error == "idempotency_key_reused" || error == "idempotency_key_in_flight";
}

/// The answers of one key that are neither of a twin nor of another body: all must be the same.
void check_key(const Bank& bank, int key) {
  const Sent* first = nullptr;
  for (const Sent& one : bank.sent) {
    if (one.key != key) continue;
    const Response& response = *one.running->answer;
    RC_ASSERT(response.status != 409 || one.twin_under_way);
    RC_ASSERT(!one.twin_under_way || response.status == 409);
    if (is_reuse_or_twin(response)) continue;
    if (first == nullptr) first = &one;
    RC_ASSERT(one.body == first->body);
    RC_ASSERT(response.status == first->running->answer->status);
    RC_ASSERT(response.body == first->running->answer->body);
  }
}

std::int64_t deposited(const Bank& bank) {
  std::int64_t sum = 0;
  std::vector<bool> counted(kKeys + 1, false);
  for (const Sent& one : bank.sent) {
    if (one.running->answer->status != 201 || (one.key > 0 && counted[static_cast<std::size_t>(one.key)])) continue;
    counted[static_cast<std::size_t>(one.key)] = true;
    sum += one.body + 1;
  }
  return sum;
}

RC_GTEST_PROP(IdempotencyProperty, AnyInterleavingHasOneEffectAndOneAnswerPerKey, ()) {
  Bank bank;
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1000));
  for (const int step : steps) {
    if (step % 2 == 0) {
      bank.settle_any(static_cast<std::size_t>(step / 2));
    } else {
      bank.send(step / 2 % (kKeys + 1), step / 100 % kBodies);
    }
  }
  while (bank.settle_any(0)) {
  }
  for (const Sent& one : bank.sent) RC_ASSERT(one.running->answer.has_value());
  for (int key = 1; key <= kKeys; ++key) check_key(bank, key);
  RC_ASSERT(bank.balance() == deposited(bank));
  RC_ASSERT(bank.balance() <= kBalanceMax);
}

}  // namespace
}  // namespace ow::http
