// A fair queue under a noisy owner, in simulated time: one owner with a backlog of OW_MESSAGES (100,000) beside
// ten quiet ones. Prints what the quiet ones wait, with and without it. Test thread only.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "engine_node.h"
#include "platform/consumer.h"

namespace ow::engine {
namespace {

using contracts::message;
using platform::Commit;
using platform::Delivery;
using namespace std::chrono_literals;

constexpr int kQuietOwners = 10;
constexpr int kQuietMessages = 8;
constexpr auto kQuietPeriod = 500ms;
constexpr auto kHandling = 20ms;
constexpr std::size_t kParallel = 64;

int backlog_wanted() {
  const char* wanted = std::getenv("OW_MESSAGES");
  return wanted != nullptr ? std::atoi(wanted) : 100'000;
}

struct Waits {
  base::Duration median{}, p99{}, longest{};
  std::size_t quiet = 0;
  std::size_t noisy = 0;
};

class FairWorld {
 public:
  explicit FairWorld(int backlog) {
    const auto declared = node_.executor().run(node_.queue_admin().declare({.name = "mail"}));
    EXPECT_TRUE(declared.has_value());
    send_backlog(backlog);
  }

  Waits run() {
    const platform::ConsumerPorts ports{node_.executor(), node_.queues(),        node_.store(),
                                        node_.clock(),    node_.process->random, node_.machine.telemetry};
    node_.executor().spawn(
        platform::run_consumer(ports, {.queue = "mail", .parallel_max = kParallel, .handle = [this](Delivery delivery) {
                                         return handle(std::move(delivery));
                                       }}));
    for (int owner = 0; owner < kQuietOwners; ++owner) node_.executor().spawn(send_quietly(owner));
    node_.executor().scheduler().run_for(kQuietMessages * kQuietPeriod + 1s);
    std::ranges::sort(waits_);
    if (waits_.empty()) return {};
    return {waits_[waits_.size() / 2], waits_[waits_.size() * 99 / 100], waits_.back(), waits_.size(), noisy_};
  }

 private:
  void send_backlog(int backlog) {
    for (int sent = 0; sent < backlog;) {
      Commit parts;
      parts.require({"never", "put"}, platform::Expect::absent());
      for (int i = 0; i < 90 && sent < backlog; ++i, ++sent)
        parts.send(message("mail", "noisy-" + std::to_string(sent), "noisy"));
      EXPECT_TRUE(node_.executor().run(node_.store().commit(std::move(parts)))->committed());
    }
  }

  base::Task<void> send_quietly(int owner) {
    const std::string name = "quiet" + std::to_string(owner);
    for (int i = 0; i < kQuietMessages; ++i) {
      co_await node_.executor().sleep_until(node_.clock().ticks() + kQuietPeriod + owner * 3ms);
      const auto sent =
          co_await node_.store().commit(Commit().send(message("mail", name + "-" + std::to_string(i), name)));
      EXPECT_TRUE(sent.has_value());
    }
  }

  base::Task<base::Result<Commit>> handle(Delivery delivery) {
    if (delivery.group == "noisy") {
      ++noisy_;
    } else {
      waits_.push_back(node_.clock().now() - delivery.sent);
    }
    co_await node_.executor().sleep_until(node_.clock().ticks() + kHandling);
    co_return Commit();
  }

  EngineNode node_;
  std::vector<base::Duration> waits_;
  std::size_t noisy_ = 0;
};

void print(const char* what, const Waits& waits) {
  const auto ms = [](base::Duration span) { return static_cast<double>(span.count()) / 1000; };
  std::printf(
      "%-28s %zu quiet messages waited: median %.2f ms, p99 %.2f ms, longest %.2f ms (%zu noisy ones handled)\n", what,
      waits.quiet, ms(waits.median), ms(waits.p99), ms(waits.longest), waits.noisy);
}

TEST(QueueFair, quiet_owners_wait_beside_a_noisy_one_nearly_as_in_an_empty_queue) {
  const auto alone = FairWorld(0).run();
  const auto beside = FairWorld(backlog_wanted()).run();
  print("alone:", alone);
  print("beside a noisy owner:", beside);
  ASSERT_EQ(alone.quiet, static_cast<std::size_t>(kQuietOwners * kQuietMessages));
  ASSERT_EQ(beside.quiet, alone.quiet);
  EXPECT_GT(beside.noisy, 5'000U);
  // At most until one of those in flight ends.
  EXPECT_LE(beside.longest, alone.longest + kHandling);
}

TEST(QueueFair, a_noisy_owner_gets_all_of_a_queue_that_nobody_else_needs) {
  EngineNode node;
  ASSERT_TRUE(node.executor().run(node.queue_admin().declare({.name = "mail"})).has_value());
  Commit parts;
  for (int i = 0; i < 64; ++i) parts.send(message("mail", "m" + std::to_string(i), "noisy"));
  parts.require({"never", "put"}, platform::Expect::absent());
  ASSERT_TRUE(node.executor().run(node.store().commit(std::move(parts)))->committed());
  std::size_t in_flight = 0;
  for (int i = 0; i < 8; ++i) in_flight += node.executor().run(node.queues().receive({"mail", 64, {}})).value().size();
  EXPECT_EQ(in_flight, 64U);
}

}  // namespace
}  // namespace ow::engine
