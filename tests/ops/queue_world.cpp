// See queue_world.h.
#include "ops/queue_world.h"

#include <gtest/gtest.h>

namespace ow::tests {

using namespace std::chrono_literals;
using platform::QueueKind;

std::string member(const base::Json& object, const std::string& name) {
  return std::string(object.string_at(name).value_or(""));
}

base::Task<base::Result<http::Principal>> CallersByName::authenticate(std::string token) {
  const auto dot = token.find('.');
  http::Principal principal{base::UserId(token.substr(0, dot)), {}};
  principal.roles.push_back(dot == std::string::npos ? "shopper" : token.substr(dot + 1));
  return base::ready<base::Result<http::Principal>>(std::move(principal));
}

QueueWorld::QueueWorld(std::uint64_t seed) : world(seed), node(world, "platform") { start(); }

QueueWorld::~QueueWorld() { stop(); }

platform::ConsumerPorts QueueWorld::consumer_ports() {
  return {node.executor(), node.engine->queues(), node.store(),
          world.clock,     node.process->random,  node.machine.telemetry};
}

void QueueWorld::start() {
  auto& admin = node.engine->queue_admin();
  for (const auto& [name, kind] : {std::pair("mail", QueueKind::fair), std::pair("orders", QueueKind::ordered)}) {
    const auto declared = node.executor().run(admin.declare({.name = name, .kind = kind, .receive_limit = 3}));
    OW_ASSERT(declared.has_value(), "the queue is declared");
  }
  OW_ASSERT(node.executor().run(admin.declare(ops::operations_queue())).has_value(), "the queue is declared");
  ids_ = std::make_unique<platform::IdSource>(world.clock, node.process->random);
  http::ApiOptions options;
  options.rate_limit = std::nullopt;
  api_ = std::make_unique<http::Api>(
      http::ApiPorts{node.store(), world.clock, node.process->random, node.machine.telemetry, callers_},
      ops::queue_routes({node.store(), admin, world.clock, *ids_}), options);
  node.executor().spawn(
      platform::run_consumer(consumer_ports(), ops::operations_consumer({node.store(), admin, world.clock})));
  for (const auto& queue : consumers_) consume(queue);
}

void QueueWorld::stop() {
  node.process.reset();  // the frames first: they refer to all the rest
  api_.reset();
  ids_.reset();
  node.close();
}

void QueueWorld::crash() {
  stop();
  node.machine.disk.crash(node.machine.random);
  node.open();
  start();
}

http::Response QueueWorld::call(const std::string& method, const std::string& path, const std::string& body,
                                const std::string& token, http::Headers headers) {
  http::Request request{.method = method, .target = path, .headers = std::move(headers), .body = body, .peer = ""};
  request.peer = "192.0.2.1:1";
  if (!token.empty()) request.headers.emplace_back("authorization", "Bearer " + token);
  return node.executor().run(api_->handle(std::move(request)));
}

base::Json QueueWorld::expect(int status, const http::Response& response) {
  EXPECT_EQ(response.status, status) << response.body;
  auto json = base::parse_json(response.body);
  return json ? std::move(*json) : base::Json();
}

void QueueWorld::send(const std::string& queue, const std::string& id, const std::string& group,
                      const std::string& body) {
  platform::Commit commit;
  commit.send({.queue = queue, .id = base::MessageId(id), .group = group, .body = body});
  ASSERT_TRUE(node.executor().run(node.store().commit(std::move(commit)))->committed());
}

namespace {

base::Task<base::Result<platform::Commit>> take(QueueWorld& world, platform::Delivery delivery) {
  if (world.fails(delivery)) co_return base::fail(base::ErrorCode::internal, "test_failure", "The test says so.");
  world.consumed.push_back(delivery.id.text);
  world.bodies.push_back(delivery.body);
  co_return platform::Commit();
}

}  // namespace

void QueueWorld::consume(const std::string& queue) {
  consumers_.insert(queue);
  node.executor().spawn(platform::run_consumer(
      consumer_ports(),
      {.queue = queue, .handle = [this](platform::Delivery delivery) { return take(*this, std::move(delivery)); }}));
}

void QueueWorld::make_dead(int count) {
  auto healthy = std::exchange(fails, [](const platform::Delivery&) { return true; });
  for (int i = 0; i < count; ++i) send("mail", "m" + std::to_string(i), "g" + std::to_string(i % 3));
  consume("mail");
  run_for(1min);
  fails = healthy;
}

base::Json QueueWorld::settle(const base::Json& started) {
  const auto path = "/api/queue-operations/" + member(started, "operationId");
  for (int i = 0; i < 600; ++i) {
    auto operation = get(path);
    if (member(operation, "status") != "running") return operation;
    run_for(1s);
  }
  ADD_FAILURE() << "the operation does not end";
  return {};
}

std::vector<std::string> QueueWorld::events_of(const std::string& subject) {
  std::vector<std::string> types;
  const auto events = node.executor().run(node.engine->event_log().by_subject(subject, 0, 100)).value();
  for (const auto& event : events) types.push_back(event.type);
  return types;
}

std::vector<std::string> QueueWorld::messages_of(const std::string& queue, const std::string& query) {
  std::vector<std::string> ids;
  const auto page = get("/api/queues/" + queue + "/messages" + query);
  for (const auto& message : page.find("items")->as_array()) ids.push_back(member(message, "messageId"));
  return ids;
}

}  // namespace ow::tests
