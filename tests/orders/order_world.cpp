// See order_world.h.
#include "orders/order_world.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/money.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;

// Longer than any retry of the saga takes: gateway time-outs, their repetition and the void.
constexpr int kSettleSecondsMax = 1800;

bool is_final(const base::Json& order) {
  const auto status = text(order, "status");
  return status == "completed" || status == "failed" || status == "cancelled";
}

}  // namespace

std::int64_t minor(const base::Json& object, const std::string& member) {
  const auto* value = object.find(member);
  return value == nullptr ? 0 : base::parse_money(value->as_number().text, {}).value().minor;
}

std::string text(const base::Json& object, const std::string& member) { return object.text_at(member); }

base::Task<base::Result<http::Principal>> NamedCallers::authenticate(std::string token) {
  const auto dot = token.find('.');
  http::Principal principal{base::UserId(token.substr(0, dot)), {}};
  principal.roles.push_back(dot == std::string::npos ? "shopper" : token.substr(dot + 1));
  return base::ready<base::Result<http::Principal>>(std::move(principal));
}

OrderWorld::OrderWorld(std::uint64_t seed) : world(seed), bank(world), node(world, "platform") { start(); }

OrderWorld::~OrderWorld() { stop(); }

orders::OrderPorts OrderWorld::ports() {
  return {node.store(), node.engine->event_log(), *gateway_, world.clock, *ids_, node.machine.telemetry};
}

void OrderWorld::start() {
  gateway_ = std::make_unique<payments::HttpGateway>(node.process->http, kGatewayUrl);
  ids_ = std::make_unique<platform::IdSource>(world.clock, node.process->random);
  const platform::ConsumerPorts consumer{node.executor(), node.engine->queues(), node.store(),
                                         world.clock,     node.process->random,  node.machine.telemetry};
  workflows_ = std::make_unique<workflow::Workflows>(consumer, hooked_tasks());
  const auto defined = orders::define_workflows(*workflows_);
  OW_ASSERT(defined.has_value(), defined.error().message.c_str());
  for (auto& queue : workflow::workflow_queues()) {
    const auto declared = node.executor().run(node.engine->queue_admin().declare(std::move(queue)));
    OW_ASSERT(declared.has_value(), "the queue is declared");
  }
  auto routes = inventory::routes({node.store(), world.clock});
  for (auto& route : orders::routes(ports(), *workflows_)) routes.push_back(std::move(route));
  http::ApiOptions options;
  options.rate_limit = std::nullopt;
  api_ = std::make_unique<http::Api>(
      http::ApiPorts{node.store(), world.clock, node.process->random, node.machine.telemetry, callers_},
      std::move(routes), options);
  for (auto& spec : workflows_->consumers()) node.executor().spawn(platform::run_consumer(consumer, std::move(spec)));
}

void OrderWorld::stop() {
  node.process.reset();  // the frames first: they refer to all the rest
  api_.reset();
  workflows_.reset();
  ids_.reset();
  gateway_.reset();
  node.close();
}

void OrderWorld::crash() {
  stop();
  node.machine.disk.crash(node.machine.random);
  node.open();
  start();
}

workflow::TaskRegistry OrderWorld::hooked_tasks() {
  auto tasks = orders::tasks(ports());
  for (auto& [resource, spec] : tasks) {
    spec.handle = [this, name = resource, inner = spec.handle](workflow::TaskInput input) {
      return run_hooked(name, inner, std::move(input));
    };
  }
  return tasks;
}

base::Task<base::Result<workflow::TaskOutcome>> OrderWorld::run_hooked(std::string resource,
                                                                       workflow::TaskHandler inner,
                                                                       workflow::TaskInput input) {
  Hook* due = nullptr;
  for (auto& hook : hooks_) {
    if (hook.resource == resource && ++hook.seen == hook.call) due = &hook;
  }
  if (due == nullptr) co_return co_await inner(std::move(input));
  due->fired = true;
  if (due->before) {
    auto failure = co_await due->before();
    if (failure) {
      workflow::TaskOutcome outcome;
      outcome.failure = std::move(failure);
      co_return outcome;
    }
  }
  auto outcome = co_await inner(std::move(input));
  if (due->after) co_await due->after();
  co_return outcome;
}

bool OrderWorld::all_hooks_fired() const {
  for (const auto& hook : hooks_) {
    if (!hook.fired) return false;
  }
  return true;
}

base::Task<http::Response> OrderWorld::request(std::string method, std::string path, std::string token,
                                               std::string body) {
  http::Request request;
  request.method = std::move(method);
  request.target = std::move(path);
  request.body = std::move(body);
  request.peer = "192.0.2.1:1";
  if (!token.empty()) request.headers.emplace_back("authorization", "Bearer " + token);
  return api_->handle(std::move(request));
}

http::Response OrderWorld::call(const std::string& method, const std::string& path, const std::string& token,
                                const std::string& body, http::Headers headers) {
  http::Request request{.method = method, .target = path, .headers = std::move(headers), .body = body, .peer = ""};
  request.peer = "192.0.2.1:1";
  if (!token.empty()) request.headers.emplace_back("authorization", "Bearer " + token);
  return node.executor().run(api_->handle(std::move(request)));
}

base::Json OrderWorld::expect(int status, const http::Response& response) {
  EXPECT_EQ(response.status, status) << response.body;
  return base::parse_json(response.body).value_or(base::Json());
}

base::Json OrderWorld::get(const std::string& path, const std::string& token) {
  return expect(200, call("GET", path, token));
}

void OrderWorld::add_product(const std::string& id, std::int64_t stock, const std::string& price) {
  expect(201,
         call("POST", "/api/products", "oscar.operator",
              fmt::format(R"({{"productId":"{0}","name":"The {0}","price":{1},"stockDelta":{2}}})", id, price, stock)));
}

std::string OrderWorld::order_body(const std::vector<Line>& lines, const std::string& payment_token) {
  base::Json::Array items;
  base::Money total;
  for (const auto& line : lines) {
    items.push_back(base::Json::object({{"productId", line.product},
                                        {"name", "The " + line.product},
                                        {"quantity", line.quantity},
                                        {"price", base::JsonNumber{line.price}}}));
    total = total + base::parse_money(line.price, {}).value() * line.quantity;
  }
  auto body = base::Json::object({{"items", std::move(items)}, {"total", base::JsonNumber{base::to_decimal(total)}}});
  if (!payment_token.empty()) body.set("paymentToken", payment_token);
  return base::to_text(body);
}

std::string OrderWorld::place(const std::vector<Line>& lines, const std::string& payment_token,
                              const std::string& customer) {
  return text(expect(201, call("POST", "/api/orders", customer, order_body(lines, payment_token))), "orderId");
}

base::Json OrderWorld::settle(const std::string& order) {
  for (int i = 0; i < 4 * kSettleSecondsMax; ++i) {
    auto seen = get("/api/orders/" + order);
    if (is_final(seen)) return seen;
    run_for(250ms);
  }
  ADD_FAILURE() << order << " is not settled after " << kSettleSecondsMax << " simulated seconds";
  return get("/api/orders/" + order);
}

void OrderWorld::settle_all() {
  for (int i = 0; i < kSettleSecondsMax; ++i) {
    const auto pending = get("/api/orders?status=pending&limit=1");
    const auto processing = get("/api/orders?status=processing&limit=1");
    if (pending.find("items")->as_array().empty() && processing.find("items")->as_array().empty()) return;
    run_for(1s);
  }
  ADD_FAILURE() << "orders are not settled after " << kSettleSecondsMax << " simulated seconds";
}

std::vector<std::string> OrderWorld::events_of(const std::string& order) {
  std::vector<std::string> types;
  const auto seen = get("/api/orders/" + order);
  for (const auto& event : seen.find("events")->as_array()) types.push_back(text(event, "type"));
  return types;
}

std::int64_t OrderWorld::sum(const std::string& kind, const std::string& order) {
  std::int64_t total = 0;
  for (const auto& entry : bank.ledger(kind)) {
    if (text(entry, "orderId") == order) total += minor(entry, "amount");
  }
  return total;
}

std::size_t OrderWorld::charges(const std::string& order) {
  std::size_t count = 0;
  for (const auto& entry : bank.ledger("charge")) count += text(entry, "orderId") == order ? 1 : 0;
  return count;
}

base::Json::Array OrderWorld::obligations(const std::string& status) {
  return get("/api/obligations?status=" + status).find("items")->as_array();
}

void OrderWorld::audit_order(const base::Json& order, std::vector<std::string>& found) {
  const auto id = text(order, "orderId");
  const auto status = text(order, "status");
  if (!is_final(order)) found.push_back(id + " is " + status);
  if (charges(id) > 1) found.push_back(id + " was charged twice");
  const auto given_back = order.find("refunds") == nullptr ? 0 : minor(order, "refundedTotal");
  const auto due = status == "completed" ? minor(order, "total") - given_back : 0;
  if (charged(id) - refunded(id) != due) {
    found.push_back(
        fmt::format("{} is {}: charged {}, refunded {}, due {}", id, status, charged(id), refunded(id), due));
  }
  int expected = 1;
  const auto seen = get("/api/orders/" + id);
  for (const auto& event : seen.find("events")->as_array()) {
    if (text(event, "sequence") != std::to_string(expected++)) found.push_back(id + " has a gap in its events");
  }
  const auto last = "order." + status;
  const auto types = events_of(id);
  if (std::count(types.begin(), types.end(), last) != 1) found.push_back(id + " has not one event " + last);
}

void OrderWorld::audit_stock(const std::map<std::string, std::int64_t>& supplied, std::vector<std::string>& found) {
  for (const auto& [product, units] : supplied) {
    const auto level = stock(product);
    const auto held = level.integer_at("held").value_or(-1);
    const auto all = level.integer_at("available").value_or(0) + held + level.integer_at("sold").value_or(0);
    if (held != 0) found.push_back(fmt::format("{} holds {}", product, held));
    if (all != units) found.push_back(fmt::format("{} has {} of {} units", product, all, units));
  }
}

std::vector<std::string> OrderWorld::audit(const std::map<std::string, std::int64_t>& supplied) {
  std::vector<std::string> found;
  std::string cursor;
  do {
    const auto page = get("/api/orders?limit=50" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const auto& order : page.find("items")->as_array()) audit_order(order, found);
    cursor = text(page, "nextCursor");
  } while (!cursor.empty());
  audit_stock(supplied, found);
  return found;
}

}  // namespace ow::tests
