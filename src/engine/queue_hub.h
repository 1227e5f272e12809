// All queues in memory: the Queues port, what durable batches did to them, and everything that happens to
// them with time (visibility time-outs, blocked groups, waits, due timers). Loop thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/committer.h"
#include "engine/dead_letter_queue.h"
#include "engine/quarantine.h"
#include "engine/queue_jobs.h"
#include "engine/queue_state.h"
#include "engine/reader.h"
#include "engine/recovery.h"
#include "platform/clock.h"
#include "platform/executor.h"
#include "platform/queue_admin.h"
#include "platform/queues.h"
#include "platform/telemetry.h"

namespace ow::engine {

class QueueHub final : public platform::Queues, public std::enable_shared_from_this<QueueHub> {
 public:
  struct Ports {
    platform::Executor& executor;
    const platform::Clock& clock;
    platform::Telemetry& telemetry;
    Committer& committer;
    Reader& reader;
    std::uint64_t epoch = 1;
    /// Of the first receive of this process; later processes begin higher.
    std::uint64_t first_serial = 0;
  };
  QueueHub(Ports ports, std::vector<RecoveredQueue> queues);

  base::Task<base::Result<std::vector<platform::Delivery>>> receive(platform::ReceiveRequest request) override;
  base::Task<base::Result<void>> extend(platform::Delivery delivery, base::Duration visibility) override;
  base::Task<base::Result<void>> release(platform::Delivery delivery, base::Duration delay) override;

  /// What a batch did, before its waiters wake.
  void apply(const Published& published);

  /// See EmbeddedEngine::run_timers().
  base::Task<void> run_timers();

  /// For the admin.
  QueueState* find(const std::string& name);
  std::vector<QueueState*> all();
  void adopt(StoredQueue queue);
  void pause(QueueState& queue, bool paused);
  base::Task<base::Result<platform::QueueStatus>> status(QueueState& queue);
  /// Gets as many groups into memory as there is room for, so that states can be told.
  base::Task<base::Result<void>> explore(QueueState& queue);

 private:
  struct Waiter {
    base::Completion<bool> done;
    base::Duration deadline{};
    bool gone = false;
  };
  struct Held {
    QueueState state;
    std::vector<ReceivedMessage> recovered;
    bool loading = false;
    /// Dead-letter queue: the first of its messages expires then; of those counted or sent since.
    std::optional<base::Instant> next_expiry = std::nullopt;
    base::Duration next_sweep{};
    bool counting = false;
    std::vector<std::shared_ptr<base::Completion<bool>>> count_waiters = {};
    std::deque<std::shared_ptr<Waiter>> waiters = {};
    struct Gauges {
      platform::GaugeMetric &ready, &in_flight, &delayed, &oldest_age;
      platform::GaugeMetric* dead;  // not of a dead-letter queue
    } gauges;
  };
  using Deliveries = std::vector<platform::Delivery>;
  using Messages = std::vector<MessagePtr>;

  Held* held(const std::string& name);
  Held* held(QueueNumber number);
  void hold(RecoveredQueue queue);
  void apply(const QueueEffect& effect, std::uint64_t epoch);

  base::Task<base::Result<void>> prepare(Held& held);
  base::Task<base::Result<void>> load(Held& held);
  base::Task<base::Result<void>> load_next_group(Held& held);
  base::Task<base::Result<void>> load_next_page(Held& held);
  bool can_go_on(Held& held);
  bool may_take(Held& held);

  struct Taken;
  base::Task<base::Result<Deliveries>> hand_out_some(Held& held, std::size_t batch_max);
  Taken take(Held& held, std::size_t batch_max);
  base::Task<base::Result<Deliveries>> deliver(Held& held, std::shared_ptr<HandOut> receive);
  base::Task<base::Result<platform::Delivery>> delivery_of(Held& held, MessagePtr message);
  base::Task<base::Result<void>> dead_letter(Held& held, Messages messages);
  base::Task<base::Result<void>> drop_expired(Held& held, Messages messages);
  bool exhausted(const Held& held, std::uint32_t received) const;
  static MessagePtr folded(const InFlight& flight, const std::string& error);
  bool is_suspect(const Held& held, const Message& message) const;
  std::size_t in_flight() const;
  void flight_ended(Held& held, Sequence sequence);
  const InFlight* current(Held& held, const platform::Delivery& delivery);

  base::Task<void> wait(Held& held, base::Duration deadline);
  void wake(Held& held);
  void alarm_at(base::Duration due);
  static base::Task<void> sleep_then_tick(std::weak_ptr<QueueHub> hub, platform::Executor& executor,
                                          base::Duration due);
  void tick();
  void tick(Held& held, base::Duration now);
  void time_out(Held& held, base::Duration now);
  void set_next_alarm();
  base::Duration ticks_at(base::Instant wall) const;
  static base::Task<void> in_background(std::shared_ptr<QueueHub> self, base::Task<base::Result<void>> work);
  base::Task<base::Result<void>> fire_due();
  base::Task<base::Result<void>> count(Held& held);
  base::Task<base::Result<void>> count_once(Held& held);
  base::Task<base::Result<void>> count_anew(Held& held);
  base::Task<base::Result<void>> sweep(Held& held);
  bool has_expired(const Held& held) const;
  static platform::QueueStatus numbers(const QueueState& state, base::Instant now);
  void show_metrics(Held& held);
  Held* dead_letters_of(const Held& held);
  base::Task<base::Result<void>> count_due();
  base::Duration next_look() const;
  void show_metrics();

  Ports ports_;
  std::vector<std::unique_ptr<Held>> held_;  // by number, with gaps
  std::map<std::string, QueueNumber> numbers_;
  std::uint64_t serial_;
  std::optional<base::Duration> next_alarm_;
  std::optional<base::Duration> next_due_;  // of timers and delayed messages that this process scheduled
  Quarantine quarantine_;
  platform::CounterMetric& pruned_;
  Census due_;  // entries of the due range, by the second in which they are due
  base::Duration metrics_due_{};
  bool timers_run_ = false;
  bool firing_ = false;
};

}  // namespace ow::engine
