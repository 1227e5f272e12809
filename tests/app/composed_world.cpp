// See composed_world.h.
#include "app/composed_world.h"

#include <gtest/gtest.h>

#include "app/binary.h"
#include "app/demo.h"

namespace ow::tests {

using namespace std::chrono_literals;
using base::Json;

namespace {
constexpr auto kTokenUsed = 30min;  // of the hour that one lives
}

ComposedWorld::ComposedWorld(std::uint64_t seed)
    : world(seed), bank(world), machine(world, "platform"), metrics_(world.clock, [](std::string_view) {}) {
  process_ = std::make_unique<sim::SimProcess>(world, machine);
  auto& executor = process_->executor;
  key_value_ = sim::MemoryKeyValue::open(machine.disk).value();
  engine_ =
      engine::EmbeddedEngine::open({*key_value_, executor, world.clock, process_->random, rules_, metrics_}).value();
  executor.spawn(engine_->run_timers());
  gateway_ = std::make_unique<payments::HttpGateway>(process_->http, kGatewayUrl);
  app::ComposeOptions options;
  options.demo = true;
  options.retention = &engine_->retention();
  options.exposition = [this] { return metrics_.exposition(); };
  platform_ = app::compose(
      {executor, world.clock, process_->random, engine_->store(), engine_->queues(), engine_->queue_admin(),
       engine_->event_log(), *gateway_, process_->http, process_->http, process_->resolver, machine.secrets, metrics_,
       rules_.fan_out(), process_->mailer, machine.blobs, process_->typesetter},
      options);
  EXPECT_TRUE(executor.run(platform_->start()).has_value());
}

ComposedWorld::~ComposedWorld() { process_.reset(); }

std::string ComposedWorld::token_of(const std::string& user) {
  auto& [token, since] = tokens_[user];
  if (!token.empty() && world.clock.now() - since < kTokenUsed) return token;
  since = world.clock.now();
  const auto body = Json::object({{"username", user}, {"password", app::demo_password(user).value()}});
  const auto answer = call("POST", "/api/auth/sign-in", "", base::to_text(body));
  EXPECT_EQ(answer.status, 200) << answer.body;
  return token = text_of(base::parse_json(answer.body).value_or(Json()), "accessToken");
}

http::Response ComposedWorld::call(const std::string& method, const std::string& path, const std::string& user,
                                   const std::string& body, http::Headers headers) {
  if (!user.empty()) headers.emplace_back("authorization", "Bearer " + token_of(user));
  if (!body.empty()) headers.emplace_back("content-type", "application/json");
  http::Request request{
      .method = method, .target = path, .headers = std::move(headers), .body = body, .peer = "127.0.0.1"};
  return process_->executor.run(platform_->handle(std::move(request)));
}

Json ComposedWorld::get(const std::string& path, const std::string& user) {
  const auto answer = call("GET", path, user);
  EXPECT_EQ(answer.status, 200) << path << ": " << answer.body;
  return base::parse_json(answer.body).value_or(Json());
}

std::string ComposedWorld::place(const std::string& payment_token, http::Headers headers) {
  const auto answer = call("POST", "/api/orders", "demo-shopper", mug_order(1, payment_token), std::move(headers));
  EXPECT_EQ(answer.status, 201) << answer.body;
  return text_of(base::parse_json(answer.body).value_or(Json()), "orderId");
}

std::uint64_t ComposedWorld::waiting_in(const std::string& queue) {
  const auto queues = run(engine_->queue_admin().list()).value();
  for (const auto& status : queues) {
    if (status.spec.name == queue) return status.ready + status.delayed;
  }
  return 0;
}

Json ComposedWorld::settle(const std::string& order_id) {
  Json order;
  for (int i = 0; i < 1000; ++i) {
    order = get("/api/orders/" + order_id);
    const auto status = text_of(order, "status");
    if (status != "pending" && status != "processing") return order;
    world.scheduler.run_for(200ms);
  }
  ADD_FAILURE() << "does not end: " << base::to_text(order);
  return order;
}

std::vector<Json> ComposedWorld::messages(const std::string& queue) {
  const auto page = process_->executor.run(engine_->queue_admin().inspect(queue, {.limit = 1000}));
  EXPECT_TRUE(page.has_value());
  std::vector<Json> found;
  for (const auto& each : page->messages) {
    found.push_back(Json::object({{"id", each.message.id.text},
                                  {"group", each.message.group},
                                  {"body", base::parse_json(each.message.body).value_or(Json())}}));
  }
  return found;
}

void ComposedWorld::redrive(const std::string& queue) {
  EXPECT_EQ(
      call("POST", "/api/queues/" + queue + "/redrive", "demo-operator", R"({"all":true,"reason":"mended"})").status,
      202);
}

}  // namespace ow::tests
