// What the contract suites of Store, Queues, QueueAdmin and EventLog run on: one implementation of all four
// in the simulated world, which can be restarted. Each binary that includes the suites instantiates them with
// its makers.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "platform/event_log.h"
#include "platform/event_rules.h"
#include "platform/queue_admin.h"
#include "platform/queues.h"
#include "platform/store.h"
#include "sim/world/sim_clock.h"
#include "sim/world/sim_executor.h"

namespace ow::contracts {

using namespace std::chrono_literals;

/// Events of type "routed" go to the queue "routed" by the rule "every-routed", and nothing else anywhere.
class OneRule final : public platform::EventRules {
 public:
  std::vector<platform::RuleTarget> match(const platform::EventDraft& event) const override {
    if (event.type != "routed") return {};
    return {{"every-routed", "routed"}};
  }
};

class EnginePorts {
 public:
  virtual ~EnginePorts() = default;

  virtual platform::Store& store() = 0;
  virtual platform::Queues& queues() = 0;
  virtual platform::QueueAdmin& queue_admin() = 0;
  virtual platform::EventLog& event_log() = 0;
  virtual sim::SimExecutor& executor() = 0;
  virtual sim::SimClock& clock() = 0;

  /// Ends the process without warning and starts another on what it left.
  virtual void restart() = 0;

  /// False: index queries lag, messages come late, twice and in any order, commits may end contended or
  /// unknown; expectations that only a strong implementation meets are not checked.
  virtual bool strong() const = 0;
};

using MakePorts = std::function<std::unique_ptr<EnginePorts>()>;

class EngineContract : public testing::TestWithParam<std::pair<std::string, MakePorts>> {
 protected:
  void SetUp() override { ports_ = GetParam().second(); }

  template <typename T>
  T run(base::Task<T> task) {
    return ports_->executor().run(std::move(task));
  }

  /// For as long as a weak implementation may take to show or deliver something.
  void settle() {
    if (!ports_->strong()) pass(30s);
  }
  void pass(base::Duration span) { ports_->executor().scheduler().run_for(span); }

  platform::CommitOutcome commit(const platform::Commit& commit) {
    const auto outcome = run(ports_->store().commit(commit));
    EXPECT_TRUE(outcome.has_value()) << outcome.error().message;
    return outcome.value_or(platform::CommitOutcome{platform::CommitOutcome::Kind::unknown, {}});
  }
  bool committed(const platform::Commit& parts) { return commit(parts).committed(); }

  base::ErrorCode refusal(const platform::Commit& commit) {
    const auto outcome = run(ports_->store().commit(commit));
    EXPECT_FALSE(outcome.has_value());
    return outcome ? base::ErrorCode::internal : outcome.error().code;
  }

  platform::RecordPtr get(const platform::Key& key) { return run(platform::get_one(ports_->store(), key)).value(); }

  void declare(const std::string& name, platform::QueueKind kind, int receive_limit = 5) {
    platform::QueueSpec spec;
    spec.name = name;
    spec.kind = kind;
    spec.receive_limit = receive_limit;
    const auto declared = run(ports_->queue_admin().declare(spec));
    ASSERT_TRUE(declared.has_value()) << declared.error().message;
  }

  std::unique_ptr<EnginePorts> ports_;
};

inline platform::Record record(const std::string& partition, const std::string& sort, const std::string& value) {
  platform::Record made;
  made.key = {partition, sort};
  made.kind = "thing";
  made.value = value;
  return made;
}

inline platform::EventDraft event(const std::string& subject, const std::string& type, base::Instant time = {}) {
  platform::EventDraft draft;
  draft.subject = subject;
  draft.type = type;
  draft.source = "test/contract";
  draft.data = R"({"a":1})";
  draft.time = time;
  draft.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  return draft;
}

inline platform::OutMessage message(const std::string& queue, const std::string& id, const std::string& group = "g") {
  platform::OutMessage made;
  made.queue = queue;
  made.id = base::MessageId(id);
  made.group = group;
  made.body = "{\"id\":\"" + id + "\"}";
  return made;
}

inline platform::Ack ack(const platform::Delivery& delivery) { return {delivery.queue, delivery.id, delivery.receipt}; }

inline std::string name_of(const testing::TestParamInfo<std::pair<std::string, MakePorts>>& made) {
  return made.param.first;
}

}  // namespace ow::contracts
