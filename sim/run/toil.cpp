// See toil.h.
#include "sim/run/toil.h"

#include <fmt/format.h>

#include <chrono>
#include <map>

#include "sim/run/client.h"

namespace ow::sim {
namespace {

using namespace std::chrono_literals;
using base::Json;

constexpr std::int64_t kMessages = 45;
constexpr std::int64_t kBadEvery = 3;
constexpr std::int64_t kBad = kMessages / kBadEvery;
constexpr std::int64_t kWaste = 130;  // more than a step drops
constexpr int kReceiveLimit = 3;
constexpr const char* kQueue = "sim-toil";
constexpr const char* kQueueDead = "sim-toil.dlq";
constexpr const char* kWasteQueue = "sim-waste";
const platform::Key kSent{"sim-toil", "sent"};
const platform::Key kSentWaste{"sim-toil", "waste"};
/// What was received before a pause, or is held up by a weak queue, may still come.
constexpr base::Duration kPauseGrace = 2min;

struct Line {
  const char* queue;
  const platform::Key& sent;
  std::int64_t count;
};

base::Task<base::Result<platform::Commit>> send_next(platform::Store& store, Line line, std::int64_t& number) {
  const auto sent = co_await platform::get_one(store, line.sent);
  if (!sent) co_return base::fail(sent.error());
  number = *sent ? base::parse_json((*sent)->value)->integer_at("n").value_or(0) : 0;
  if (number == line.count) co_return platform::Commit();
  ++number;
  const auto body = fmt::format(R"({{"n":{}}})", number);
  platform::Commit commit;
  commit.put({.key = line.sent, .kind = "toil", .value = body}, platform::Expect::at(*sent ? (*sent)->version : 0));
  commit.send({.queue = line.queue,
               .id = base::MessageId(fmt::format("{}-{}", line.queue, number)),
               .group = fmt::format("owner-{}", number % 4),
               .body = body});
  co_return commit;
}

base::Task<void> send_all(platform::ConsumerPorts ports, Line line) {
  std::int64_t number = 0;
  while (number < line.count && !ports.executor.stopping()) {
    std::int64_t next = number;
    const auto sent = co_await platform::commit_until_settled(
        ports.store, [&store = ports.store, line, &next] { return send_next(store, line, next); });
    // Only what is settled is sent: a store that was too busy is asked again.
    if (sent) number = next;
    co_await ports.executor.sleep_until(ports.clock.ticks() + 5ms);
  }
}

base::Task<base::Result<platform::Commit>> toil_on(platform::ConsumerPorts ports, Toil& toil,
                                                   platform::Delivery delivery) {
  if (toil.paused_since && ports.clock.ticks() > *toil.paused_since + kPauseGrace)
    toil.findings.push_back({"paused", fmt::format("{} was handed out", delivery.id.text)});
  const auto number = base::parse_json(delivery.body)->integer_at("n").value_or(0);
  if (number % kBadEvery == 0 && !toil.mended)
    co_return base::fail(base::ErrorCode::internal, "bad", "This message is broken.");
  platform::Record done{.key = {"sim-toil-done", fmt::format("{:04}", number)}, .kind = "toil", .value = delivery.body};
  const auto before = co_await platform::get_one(ports.store, done.key);
  if (!before) co_return base::fail(before.error());
  platform::Commit commit;
  // A weak queue hands out twice at once; then the ack of one of the two decides.
  if (!*before) commit.put(std::move(done), platform::Expect::absent());
  if (*before) commit.put({.key = {"sim-toil-again", delivery.id.text}, .kind = "toil", .value = "1"});
  co_return commit;
}

base::Task<base::Result<std::size_t>> count_records(platform::Store& store, std::string partition) {
  platform::Query query{{}, std::move(partition)};
  query.limit = 1000;
  const auto page = co_await store.query(std::move(query));
  if (!page) co_return base::fail(page.error());
  co_return page->records.size();
}

base::Task<bool> write_books(platform::Store& store, platform::EventLog& log, Toil& toil) {
  ToilBooks books;
  for (const char* subject : {kQueue, kQueueDead, kWasteQueue}) {
    const auto events = co_await log.by_subject(subject, 0, 100);
    if (!events) co_return false;
    for (const auto& event : *events) ++books.events[event.type];
  }
  const auto done = co_await count_records(store, "sim-toil-done");
  const auto again = co_await count_records(store, "sim-toil-again");
  if (!done || !again) co_return false;
  books.done = *done;
  books.again = *again;
  toil.books = books;
  co_return true;
}

}  // namespace

base::Task<void> run_toil(platform::ConsumerPorts ports, platform::QueueAdmin& admin, platform::EventLog& log,
                          Toil& toil) {
  for (const char* name : {kQueue, kWasteQueue}) {
    while (!co_await admin.declare({.name = name, .receive_limit = kReceiveLimit}))
      co_await ports.executor.sleep_until(ports.clock.ticks() + 200ms);
  }
  ports.executor.spawn(
      platform::run_consumer(ports, {.queue = kQueue, .handle = [ports, &toil](platform::Delivery delivery) {
                                       return toil_on(ports, toil, std::move(delivery));
                                     }}));
  ports.executor.spawn(send_all(ports, {kWasteQueue, kSentWaste, kWaste}));
  co_await send_all(ports, {kQueue, kSent, kMessages});
  // The books are read when all is long over, also for a log that lags.
  while (!toil.wants_books && !ports.executor.stopping()) co_await ports.executor.sleep_until(ports.clock.ticks() + 1s);
  co_await ports.executor.sleep_until(ports.clock.ticks() + 2min);
  while (!ports.executor.stopping() && !co_await write_books(ports.store, log, toil))
    co_await ports.executor.sleep_until(ports.clock.ticks() + 1s);
}

ToilOperator::ToilOperator(SimWorld& world, Toil& toil)
    : world_(world), toil_(toil), machine_(world, "operator"), process_(world, machine_) {}

base::Task<void> ToilOperator::rest(base::Duration span) {
  co_await process_.executor.sleep_until(world_.clock.ticks() + span);
}

void ToilOperator::expect(bool holds, std::string checker, std::string what) {
  if (!holds) toil_.findings.push_back({std::move(checker), std::move(what)});
}

base::Task<void> ToilOperator::sign_in() {
  platform::HttpRequest request{.method = "POST", .url = std::string(kPlatformUrl) + "/api/auth/sign-in"};
  request.headers = {{"content-type", "application/json"}};
  request.body = R"({"username":"demo-operator","password":"operator-demo-password"})";
  while (token_.empty()) {
    const auto answer = co_await process_.http.send(request);
    const auto json = answer && answer->status == 200 ? base::parse_json(answer->body) : base::Json();
    if (json) token_ = std::string(json->string_at("accessToken").value_or(""));
    co_await rest(300ms);
  }
}

base::Task<Json> ToilOperator::call(std::string method, std::string path, std::string body, int status) {
  platform::HttpRequest request{.method = std::move(method), .url = kPlatformUrl + path};
  request.answer_bytes_max = 16 << 20;
  request.headers = {{"content-type", "application/json"}, {"idempotency-key", fmt::format("toil-{}", ++keys_)}};
  request.body = std::move(body);
  while (true) {
    auto sent = request;
    sent.headers.emplace_back("authorization", "Bearer " + token_);
    const auto answer = co_await process_.http.send(std::move(sent));
    if (answer && answer->status == 401) {
      token_.clear();
      co_await sign_in();
    }
    if (answer && answer->status == status) {
      auto json = base::parse_json(answer->body);
      if (json) co_return std::move(*json);
    }
    // 404: the life that would declare the queue has not come so far.
    const bool refused = answer && (answer->status == 400 || answer->status == 403 || answer->status == 422);
    if (refused) expect(false, "operator", fmt::format("{} was answered {}", request.url, answer->body));
    if (refused) co_return Json::object();
    co_await rest(400ms);
  }
}

base::Task<Json> ToilOperator::get(std::string path) { return call("GET", std::move(path), {}, 200); }

base::Task<std::int64_t> ToilOperator::number_of(std::string queue, std::string member) {
  const auto status = co_await get("/api/queues/" + queue);
  co_return status.integer_at(member).value_or(-1);
}

base::Task<bool> ToilOperator::gets_to(std::string queue, std::string member, std::int64_t low, std::int64_t high) {
  for (int i = 0; i < 600; ++i) {
    const auto number = co_await number_of(queue, member);
    if (number >= low && number <= high) co_return true;
    co_await rest(1s);
  }
  co_return false;
}

base::Task<std::int64_t> ToilOperator::run_operation(std::string path, std::string body) {
  const auto started = co_await call("POST", std::move(path), std::move(body), 202);
  const std::string id(started.string_at("operationId").value_or(""));
  while (!id.empty()) {
    const auto seen = co_await get("/api/queue-operations/" + id);
    const auto status = seen.string_at("status").value_or("");
    expect(status != "failed", "operator", fmt::format("{} failed", id));
    if (status != "running") co_return seen.integer_at("messages").value_or(-1);
    co_await rest(300ms);
  }
  co_return -1;
}

base::Task<void> ToilOperator::work() {
  co_await sign_in();
  co_await pause_and_resume();
  co_await redrive();
  co_await purge();
  co_await reckon();
  finished_ = true;
}

base::Task<void> ToilOperator::pause_and_resume() {
  co_await call("POST", fmt::format("/api/queues/{}/pause", kQueue), R"({"reason":"look into it"})", 200);
  toil_.paused_since = world_.clock.ticks();
  co_await rest(kPauseGrace + 1min);
  toil_.paused_since.reset();
  co_await call("POST", fmt::format("/api/queues/{}/resume", kQueue), R"({"reason":"looked"})", 200);
}

base::Task<void> ToilOperator::redrive() {
  expect(co_await gets_to(kQueue, "dead", kBad, kMessages), "dead_lettered",
         "the bad messages did not all become dead letters");
  toil_.mended = true;
  const auto path = fmt::format("/api/queues/{}/redrive", kQueue);
  // One of them under another body: 1000 is no bad number's.
  const auto one = co_await run_operation(
      path, fmt::format(R"({{"ids":["{}-{}"],"body":"{{\"n\":1000}}","reason":"mended by hand"}})", kQueue, kBadEvery));
  const auto rest = co_await run_operation(path, R"({"all":true,"ratePerSecond":4,"reason":"mended"})");
  // A good message that lives ended three times with is among the dead, too.
  const bool all = one == 1 && rest >= kBad - 1 && rest < kMessages;
  expect(all, "redriven", fmt::format("{} and {} of at least {} were redriven", one, rest, kBad));
}

base::Task<void> ToilOperator::purge() {
  expect(co_await gets_to(kWasteQueue, "depth", kWaste, kWaste), "purged", "not all waste was sent");
  const auto dropped =
      co_await run_operation(fmt::format("/api/queues/{}/purge", kWasteQueue),
                             fmt::format(R"({{"confirm":"{}","reason":"nobody wants it"}})", kWasteQueue));
  expect(dropped == kWaste, "purged", fmt::format("{} of {} were purged", dropped, kWaste));
  expect(co_await gets_to(kWasteQueue, "depth", 0, 0), "purged", "something is left of what was purged");
}

base::Task<void> ToilOperator::reckon() {
  expect(co_await gets_to(kQueue, "depth", 0, 0), "none_lost", "something was never consumed");
  expect(co_await gets_to(kQueue, "dead", 0, 0), "none_lost", "something is left among the dead letters");
  toil_.wants_books = true;
  while (!toil_.books) co_await rest(1s);
  check(*toil_.books);
}

void ToilOperator::check(const ToilBooks& books) {
  expect(books.done == kMessages, "none_lost", fmt::format("{} of {} messages had an effect", books.done, kMessages));
  expect(books.again == 0, "consumed_once", fmt::format("{} messages had their effect twice", books.again));
  const std::map<std::string, int> expected = {
      {"operator.queue-paused", 1},   {"operator.queue-resumed", 1}, {"operator.queue-redrive-started", 2},
      {"operator.queue-redriven", 2}, {"operator.queue-purged", 1},  {"operator.queue-purge-started", 1}};
  for (const auto& [type, count] : expected) {
    const auto seen = books.events.find(type);
    const int found = seen == books.events.end() ? 0 : seen->second;
    expect(found == count, "operator_events", fmt::format("{} happened {} times, not {}", type, found, count));
  }
}

}  // namespace ow::sim
