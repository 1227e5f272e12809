// See embedded_engine.h: recovery, then committer, reader and ports over one key-value store.
#include "engine/embedded_engine.h"

#include <utility>

#include "engine/embedded_event_log.h"
#include "engine/embedded_queue_admin.h"
#include "engine/embedded_retention.h"
#include "engine/embedded_store.h"
#include "engine/queue_hub.h"
#include "engine/recovery.h"
#include "engine/stored.h"

namespace ow::engine {

struct EmbeddedEngine::Impl {
  Impl(const EnginePorts& ports, EngineOptions options, Recovered recovered, std::vector<RestoredLife> lives,
       Sequence events_kept_from)
      : key_value(ports.key_value),
        epoch(recovered.state.epoch),
        first_serial(recovered.state.next_sequence),
        committer(std::make_shared<Committer>(
            Committer::Ports{ports.key_value, ports.executor, ports.clock, ports.rules, ports.telemetry},
            options.cache_bytes, std::move(recovered.state), std::move(options.fail_stop))),
        reader(ports.key_value, ports.executor, committer->cache(), committer->views()),
        hub(std::make_shared<QueueHub>(
            QueueHub::Ports{ports.executor, ports.clock, ports.telemetry, *committer, reader, epoch, first_serial},
            std::move(recovered.queues))),
        store(*committer, reader, ports.clock),
        pruner(reader, *committer, events_kept_from),
        event_log(reader, epoch, std::move(lives), pruner),
        retention(reader, pruner, ports.clock, epoch),
        queue_admin(*hub, *committer, reader, ports.clock, epoch) {
    committer->on_published([this](const Published& published) { hub->apply(published); });
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { committer->detach(); }

  platform::KeyValue& key_value;
  const std::uint64_t epoch;
  const std::uint64_t first_serial;
  std::shared_ptr<Committer> committer;
  Reader reader;
  std::shared_ptr<QueueHub> hub;
  EmbeddedStore store;
  EventPruner pruner;
  EmbeddedEventLog event_log;
  EmbeddedRetention retention;
  EmbeddedQueueAdmin queue_admin;
};

base::Result<std::unique_ptr<EmbeddedEngine>> EmbeddedEngine::open(EnginePorts ports, EngineOptions options) {
  auto recovered = recover(ports.key_value);
  if (!recovered) return base::fail(std::move(recovered.error()));
  if (auto ruled = recover_rules(ports.key_value, ports.rules); !ruled) return base::fail(std::move(ruled.error()));
  auto lives = restored_lives(ports.key_value);
  if (!lives) return base::fail(std::move(lives.error()));
  const auto kept_from = read_kept_from(ports.key_value);
  if (!kept_from) return base::fail(kept_from.error());
  recovered->state.dead_letters_kept = options.dead_letters_kept;
  auto impl = std::make_unique<Impl>(ports, std::move(options), std::move(*recovered), std::move(*lives), *kept_from);
  return std::unique_ptr<EmbeddedEngine>(new EmbeddedEngine(std::move(impl)));
}

EmbeddedEngine::EmbeddedEngine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EmbeddedEngine::~EmbeddedEngine() = default;

platform::Store& EmbeddedEngine::store() { return impl_->store; }
platform::Queues& EmbeddedEngine::queues() { return *impl_->hub; }
platform::QueueAdmin& EmbeddedEngine::queue_admin() { return impl_->queue_admin; }
platform::EventLog& EmbeddedEngine::event_log() { return impl_->event_log; }
platform::Retention& EmbeddedEngine::retention() { return impl_->retention; }

base::Task<void> EmbeddedEngine::run_timers() { return impl_->hub->run_timers(); }
base::Task<base::Result<void>> EmbeddedEngine::checkpoint(std::string directory) {
  // Between two batches everything in the store is durable and nothing is under way.
  const auto copy = [&key_value = impl_->key_value, directory = std::move(directory)](Batch&) {
    return key_value.checkpoint(directory);
  };
  return impl_->committer->run(copy, false);
}
base::Task<void> EmbeddedEngine::close() { return impl_->committer->close(); }

bool expired(std::string_view key, std::string_view value, base::Instant now) {
  const auto expires = expiry_of(key, value);
  return expires && *expires <= now;
}

std::string expired_kind(std::string_view key, std::string_view value) {
  if (key.starts_with(layout::kMessage)) return "message";
  if (!key.starts_with(layout::kRecord)) return {};
  const auto record = decode_record(key, value);
  return record ? record->kind : std::string();
}

}  // namespace ow::engine
