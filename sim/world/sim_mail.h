// A mail server of the simulated world, which outlives the platform's crashes, and the Mailer that talks to it
// from one process. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "platform/executor.h"
#include "platform/mailer.h"
#include "sim/world/history.h"
#include "sim/world/sim_clock.h"
#include "sim/world/sim_random.h"

namespace ow::sim {

/// What becomes of one mail.
enum class MailFault : std::uint8_t {
  none,
  refused,      // 5xx
  postponed,    // 4xx
  unreachable,  // no connection
  hanging,      // no answer before the time-out, not taken
  reply_lost,   // taken; the client hears nothing until its time-out
};

/// Chances in a thousand to meet each fault; the rest is taken within `delay_max`.
struct MailWeather {
  std::uint32_t refused = 0;
  std::uint32_t postponed = 0;
  std::uint32_t unreachable = 0;
  std::uint32_t hanging = 0;
  std::uint32_t reply_lost = 0;
  base::Duration delay_max = std::chrono::milliseconds(40);
};

class SimMailServer {
 public:
  struct Taken {
    platform::OutgoingMail mail;
    int life = 0;               // of the sender: counts its processes
    bool reply_arrived = true;  // or the sender cannot know
  };

  SimMailServer(const SimClock& clock, SimRandom random, History& history)
      : clock_(clock), random_(random), history_(history) {}

  void set_weather(MailWeather weather) { weather_ = weather; }
  /// Decides instead of the weather, when it is set.
  void set_fate(std::function<MailFault(const platform::OutgoingMail&)> fate) { fate_ = std::move(fate); }
  const std::vector<Taken>& taken() const { return taken_; }
  /// Addresses of mails that were answered 5xx.
  const std::vector<std::string>& refused() const { return refused_; }
  /// Called for each mail taken, before the sender hears of it.
  std::function<void()> on_taken = [] {};

 private:
  friend class SimMailer;
  MailFault fate(const platform::OutgoingMail& mail);

  const SimClock& clock_;
  SimRandom random_;
  History& history_;
  MailWeather weather_;
  std::function<MailFault(const platform::OutgoingMail&)> fate_;
  std::vector<Taken> taken_;
  std::vector<std::string> refused_;
  std::set<std::string> forgotten_;  // Message-IDs
  int lives_ = 0;
};

class SimMailer final : public platform::Mailer {
 public:
  /// Both outlive this.
  SimMailer(SimMailServer& server, platform::Executor& executor)
      : server_(server), executor_(executor), life_(++server.lives_) {}

  base::Task<base::Result<platform::MailVerdict>> send(platform::OutgoingMail mail) override;
  std::size_t under_way_max() const override { return kUnderWayMax; }
  /// What the server took: a stand-in for the local outbox.
  base::Task<base::Result<std::optional<std::string>>> kept(std::string message_id) override;
  base::Task<base::Result<void>> forget(std::string message_id) override;

 private:
  static constexpr std::size_t kUnderWayMax = 8;

  base::Task<void> pass(base::Duration span);

  SimMailServer& server_;
  platform::Executor& executor_;
  const int life_;
};

}  // namespace ow::sim
