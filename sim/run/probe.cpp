// See probe.h.
#include "sim/run/probe.h"

#include <fmt/format.h>

namespace ow::sim {
namespace {

constexpr std::int64_t kMessages = 40;
const platform::Key kSent{"sim-probe", "sent"};
const platform::Key kSeen{"sim-probe", "seen"};

std::int64_t number_in(const platform::RecordPtr& record) {
  return record ? base::parse_json(record->value)->integer_at("n").value_or(0) : 0;
}

platform::Commit set(const platform::Key& key, std::int64_t number, const platform::RecordPtr& before) {
  platform::Commit commit;
  commit.put({.key = key, .kind = "probe", .value = fmt::format(R"({{"n":{}}})", number)},
             platform::Expect::at(before ? before->version : 0));
  return commit;
}

base::Task<base::Result<platform::Commit>> send_next(platform::Store& store, std::int64_t& number) {
  const auto sent = co_await platform::get_one(store, kSent);
  if (!sent) co_return base::fail(sent.error());
  number = number_in(*sent) + 1;
  auto commit = set(kSent, number, *sent);
  commit.send({.queue = kProbeQueue,
               .id = base::MessageId(fmt::format("probe-{}", number)),
               .group = "g",
               .body = fmt::format(R"({{"n":{}}})", number)});
  co_return commit;
}

base::Task<base::Result<platform::Commit>> receive(platform::Store& store, std::vector<tests::Finding>& findings,
                                                   platform::Delivery delivery) {
  const auto seen = co_await platform::get_one(store, kSeen);
  if (!seen) co_return base::fail(seen.error());
  const auto number = base::parse_json(delivery.body)->integer_at("n").value_or(0);
  const auto before = number_in(*seen);
  if (number == before) findings.push_back({"consumed_once", fmt::format("message {} came again", number)});
  if (number != before && number != before + 1) {
    findings.push_back({"group_order", fmt::format("message {} came after {}", number, before)});
  }
  co_return set(kSeen, number, *seen);
}

}  // namespace

base::Task<void> run_probe(platform::ConsumerPorts ports, platform::QueueAdmin& admin,
                           std::vector<tests::Finding>& findings) {
  // Patient, since a full disk may refuse a message's commit for a while.
  if (!co_await admin.declare({.name = kProbeQueue, .kind = platform::QueueKind::ordered, .receive_limit = 10'000}))
    co_return;
  ports.executor.spawn(platform::run_consumer(
      ports, {.queue = kProbeQueue, .handle = [&store = ports.store, &findings](platform::Delivery delivery) {
                return receive(store, findings, std::move(delivery));
              }}));
  std::int64_t number = 0;
  while (number < kMessages && !ports.executor.stopping()) {
    co_await platform::commit_until_settled(ports.store,
                                            [&store = ports.store, &number] { return send_next(store, number); });
    co_await ports.executor.sleep_until(ports.clock.ticks() + std::chrono::milliseconds(7));
  }
}

}  // namespace ow::sim
