// Mailer that keeps each mail as `<Message-ID>.eml` in a directory instead of sending it; for trying out and
// for machines without a mail server. Loop thread; the files on a thread of its own.
#pragma once

#include <string>

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
  base::Task<base::Result<std::optional<std::string>>> kept(std::string message_id) override;
  base::Task<base::Result<void>> forget(std::string message_id) override;

 private:
  std::string path_of(const std::string& message_id) const;

  platform::Executor& executor_;
  const std::string directory_;
  LaneThread lane_;
};

/// Error malformed for a mail that no dialogue can carry.
base::Result<void> check_envelope(const platform::OutgoingMail& mail);

}  // namespace ow::local
