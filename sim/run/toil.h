// The workload of an operator: a queue in which some messages fail until they are mended, and one that nobody
// empties. Over HTTP, whatever crashes in between, the operator pauses and resumes the first, sends its dead
// letters back, and purges the second. Checked: each message has its effect once, none is lost, a paused queue
// hands out nothing, and each action is one event. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/audit.h"
#include "platform/consumer.h"
#include "platform/event_log.h"
#include "platform/queue_admin.h"
#include "sim/run/plan.h"
#include "sim/world/world.h"

namespace ow::sim {

struct ToilBooks {
  std::map<std::string, int> events;  // of the queues, by type
  std::size_t done = 0;               // effects
  std::size_t again = 0;              // effects that a message had twice
};

/// What outlives the platform's lives.
struct Toil {
  bool mended = false;
  std::optional<base::Duration> paused_since;
  std::vector<tests::Finding> findings;
  /// Set by the operator in the end; the life then writes the books.
  bool wants_books = false;
  std::optional<ToilBooks> books;
};

/// One life's share: declares the queues, goes on sending where an earlier life stopped, and consumes.
base::Task<void> run_toil(platform::ConsumerPorts ports, platform::QueueAdmin& admin, platform::EventLog& log,
                          Toil& toil);

/// On a machine of its own, which is never killed.
class ToilOperator {
 public:
  ToilOperator(SimWorld& world, Toil& toil);

  void start() { process_.executor.spawn(work()); }
  bool finished() const { return finished_; }

 private:
  base::Task<void> work();
  base::Task<void> pause_and_resume();
  base::Task<void> redrive();
  base::Task<void> purge();
  base::Task<void> reckon();
  void check(const ToilBooks& books);
  base::Task<void> sign_in();
  /// Repeats the request, under one idempotency key, until it is answered with `status`.
  base::Task<base::Json> call(std::string method, std::string path, std::string body, int status);
  base::Task<base::Json> get(std::string path);
  base::Task<std::int64_t> number_of(std::string queue, std::string member);
  /// Whether the number gets between the two within minutes; what is shown may be of a while ago.
  base::Task<bool> gets_to(std::string queue, std::string member, std::int64_t low, std::int64_t high);
  /// Until the operation has ended; its count of messages.
  base::Task<std::int64_t> run_operation(std::string path, std::string body);
  base::Task<void> rest(base::Duration span);
  void expect(bool holds, std::string checker, std::string what);

  SimWorld& world_;
  Toil& toil_;
  SimMachine machine_;
  SimProcess process_;
  std::string token_;
  int keys_ = 0;
  bool finished_ = false;
};

}  // namespace ow::sim
