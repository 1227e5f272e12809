// See copier.h.
#include "sim/run/copier.h"

#include "base/json.h"

namespace ow::sim {
namespace {

using base::Json;

base::Task<base::Result<platform::Commit>> copy(const platform::Clock& clock, platform::Delivery delivery) {
  const auto body = base::parse_json(delivery.body).value_or(Json());
  const auto data = Json::object({{"message", delivery.id.text},
                                  {"event", body.string_at("id").value_or("")},
                                  {"replay", body.string_at("replay-name").value_or("")}});
  platform::Commit commit;
  commit.event({.subject = "copy-of:" + delivery.group,
                .type = kCopyType,
                .source = "sim/copier",
                .data = to_text(data),
                .time = clock.now()});
  co_return commit;
}

}  // namespace

base::Task<void> run_copier(platform::ConsumerPorts ports, platform::QueueAdmin& admin) {
  // Patient, since a full disk may refuse a message's commit for a while.
  if (!co_await admin.declare({.name = kCopyQueue, .kind = platform::QueueKind::ordered, .receive_limit = 10'000}))
    co_return;
  ports.executor.spawn(platform::run_consumer(
      ports, {.queue = kCopyQueue, .handle = [&clock = ports.clock](platform::Delivery delivery) {
                return copy(clock, std::move(delivery));
              }}));
}

}  // namespace ow::sim
