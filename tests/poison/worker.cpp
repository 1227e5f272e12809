// See worker.h.
#include "poison/worker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>

#include "app/embedded_node.h"
#include "app/event_rules.h"
#include "base/json.h"
#include "platform/consumer.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using base::Json;
using base::Result;
using base::Task;
using platform::Commit;

constexpr const char* kQueue = "work";
constexpr std::int64_t kSentAtOnce = 90;
constexpr std::int64_t kOwners = 100;
constexpr std::size_t kParallel = 64;

using Work = std::function<Task<Result<void>>(app::EmbeddedNode& node)>;

int run_node(const std::string& directory, const Work& work) {
  auto node = app::EmbeddedNode::open(directory, app::no_event_rules());
  if (!node) {
    fmt::print(stderr, "{}\n", node.error().message);
    return 1;
  }
  const auto done = app::run_to_end(**node, work(**node));
  if (!done) fmt::print(stderr, "{}\n", done.error().message);
  return done ? 0 : 1;
}

std::string id_of(std::int64_t number) { return fmt::format("m{:07}", number); }

Task<Result<void>> send_some(platform::Store& store, std::int64_t first, std::int64_t behind) {
  Commit commit;
  commit.require({"never", "put"}, platform::Expect::absent());  // keeps ids from being marked
  for (auto number = first; number < behind; ++number) {
    commit.send({.queue = kQueue,
                 .id = base::MessageId(id_of(number)),
                 .group = fmt::format("owner-{}", number % kOwners),
                 .body = fmt::format(R"({{"n":{}}})", number)});
  }
  const auto outcome = co_await store.commit(std::move(commit));
  if (!outcome) co_return base::fail(outcome.error());
  co_return Result<void>();
}

Task<Result<void>> fill(app::EmbeddedNode& node, Mix mix) {
  auto declared = co_await node.engine().queue_admin().declare(
      {.name = kQueue, .kind = platform::QueueKind::fair, .receive_limit = kPoisonReceiveLimit});
  if (!declared) co_return declared;
  for (std::int64_t sent = 0; sent < mix.messages; sent += kSentAtOnce) {
    auto some = co_await send_some(node.engine().store(), sent, std::min(sent + kSentAtOnce, mix.messages));
    if (!some) co_return some;
  }
  co_return Result<void>();
}

/// Shared by the handlers of one process.
struct Shift {
  app::EmbeddedNode& node;
  Mix mix;
  int handed = -1;  // file descriptor: survives the process's death at once
  base::Duration started{};
  base::Duration last_done{};
};

Task<Result<Commit>> handle(std::shared_ptr<Shift> shift, platform::Delivery delivery) {
  const auto number = base::parse_json(delivery.body)->integer_at("n").value_or(-1);
  const auto temper = shift->mix.temper(number);
  if (temper != Temper::healthy) {
    const auto line = delivery.id.text + "\n";
    if (::write(shift->handed, line.data(), line.size()) < 0)
      co_return base::fail(base::ErrorCode::internal, "log", "");
  }
  if (temper == Temper::killing) ::kill(::getpid(), SIGKILL);
  if (temper == Temper::failing) co_return base::fail(base::ErrorCode::internal, "poison", "This message is poison.");
  const platform::Key key{"done", delivery.id.text};
  const auto before = co_await platform::get_one(shift->node.engine().store(), key);
  if (!before) co_return base::fail(before.error());
  Commit commit;
  commit.put({.key = {*before ? "again" : "done", delivery.id.text}, .kind = "done", .value = "{}"});
  shift->last_done = shift->node.clock().ticks();
  co_return commit;
}

Task<Result<bool>> drained(app::EmbeddedNode& node) {
  const auto queues = co_await node.engine().queue_admin().list();
  if (!queues) co_return base::fail(queues.error());
  for (const auto& queue : *queues) {
    if (queue.spec.name == kQueue) co_return queue.ready + queue.in_flight + queue.delayed == 0;
  }
  co_return true;
}

Task<Result<void>> work(app::EmbeddedNode& node, Mix mix, std::string directory) {
  auto shift = std::make_shared<Shift>(Shift{node, mix});
  shift->handed = ::open((directory + "/handed").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  shift->started = node.clock().ticks();
  const platform::ConsumerPorts ports{node.executor(), node.engine().queues(), node.engine().store(),
                                      node.clock(),    node.random(),          node.metrics()};
  node.executor().spawn(platform::run_consumer(
      ports, {.queue = kQueue, .parallel_max = kParallel, .handle = [shift](platform::Delivery delivery) {
                return handle(shift, std::move(delivery));
              }}));
  while (true) {
    co_await node.executor().sleep_until(node.clock().ticks() + 100ms);
    const auto empty = co_await drained(node);
    if (!empty) co_return base::fail(empty.error());
    if (*empty) break;
  }
  ::close(shift->handed);
  const std::chrono::duration<double> took = shift->last_done - shift->started;
  fmt::print("{{\"seconds\":{:.6f}}}\n", took.count());
  co_return Result<void>();
}

Task<Result<std::size_t>> count_records(platform::Store& store, std::string partition) {
  platform::Query query{{}, std::move(partition)};
  query.limit = 1000;
  std::size_t count = 0;
  do {
    const auto page = co_await store.query(query);
    if (!page) co_return base::fail(page.error());
    count += page->records.size();
    query.cursor = page->next_cursor;
  } while (!query.cursor.empty());
  co_return count;
}

Task<Result<Json>> read_dead(platform::QueueAdmin& admin) {
  platform::MessageFilter filter{.by_group = true, .limit = 1000};
  auto dead = Json::object();
  do {
    const auto page = co_await admin.inspect(std::string(kQueue) + ".dlq", filter);
    if (!page) co_return base::fail(page.error());
    for (const auto& one : page->messages) dead.set(one.message.id.text, one.death ? one.death->receive_count : 0);
    filter.cursor = page->next_cursor;
  } while (!filter.cursor.empty());
  co_return dead;
}

Task<Result<void>> count(app::EmbeddedNode& node) {
  auto& store = node.engine().store();
  const auto done = co_await count_records(store, "done");
  const auto again = co_await count_records(store, "again");
  const auto empty = co_await drained(node);
  auto dead = co_await read_dead(node.engine().queue_admin());
  if (!done || !again || !empty || !dead) co_return base::fail(base::ErrorCode::internal, "count", "cannot count");
  fmt::print("{}\n", base::to_text(Json::object({{"done", static_cast<std::uint64_t>(*done)},
                                                 {"again", static_cast<std::uint64_t>(*again)},
                                                 {"empty", *empty},
                                                 {"dead", std::move(*dead)}})));
  co_return Result<void>();
}

}  // namespace

Temper Mix::temper(std::int64_t number) const {
  if (poison_every == 0 || number % poison_every != poison_every - 1) return Temper::healthy;
  const auto which = number / poison_every;
  return killer_every != 0 && which % killer_every == killer_every - 1 ? Temper::killing : Temper::failing;
}

int fill_queue(const std::string& directory, const Mix& mix) {
  return run_node(directory, [mix](app::EmbeddedNode& node) { return fill(node, mix); });
}

int work_queue(const std::string& directory, const Mix& mix) {
  return run_node(directory, [mix, directory](app::EmbeddedNode& node) { return work(node, mix, directory); });
}

int count_queue(const std::string& directory) {
  return run_node(directory, [](app::EmbeddedNode& node) { return count(node); });
}

}  // namespace ow::tests
