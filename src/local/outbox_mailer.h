// Mailer that keeps each mail as `<Message-ID>.eml` in a directory instead of sending it; for trying out and
// for machines without a mail server. Mails that gather while others are written are written and synced together. Loop
// thread; the files on a thread of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "local/lane_thread.h"
#include "platform/mailer.h"

namespace ow::local {

class OutboxMailer final : public platform::Mailer {
 public:
  /// The executor outlives this.
  OutboxMailer(platform::Executor& executor, std::string directory)
      : executor_(executor), directory_(std::move(directory)) {}

  /// Durable before it answers; a mail of the same Message-ID is replaced.
  base::Task<base::Result<platform::MailVerdict>> send(platform::OutgoingMail mail) override;
  std::size_t under_way_max() const override { return kUnderWayMax; }
  base::Task<base::Result<std::optional<std::string>>> kept(std::string message_id) override;
  base::Task<base::Result<void>> forget(std::string message_id) override;

 private:
  struct Entry;
  using Batch = std::vector<std::shared_ptr<Entry>>;
  // Half of them are written while the others are composed. A process that dies takes a receive of each with it.
  static constexpr std::size_t kUnderWayMax = 32;

  base::Task<void> write_gathered();
  std::string path_of(const std::string& message_id) const;

  platform::Executor& executor_;
  const std::string directory_;
  Batch gathered_;
  bool writing_ = false;
  LaneThread lane_;
};

/// Error malformed for a mail that no dialogue can carry.
base::Result<void> check_envelope(const platform::OutgoingMail& mail);

}  // namespace ow::local
