// Mailer over SMTP (libcurl): STARTTLS or TLS from the start, login, time-outs at every step. Each thread of a
// small pool keeps one connection; send() picks the thread with the least to do. Loop thread.
#pragma once

#include <memory>
#include <string>

#include "platform/executor.h"
#include "platform/mailer.h"

namespace ow::local {

struct SmtpOptions {
  /// "smtp://host:587" (STARTTLS is required), "smtps://host:465", "smtp+plain://host:25" (never encrypted; for
  /// a relay on this machine).
  std::string url;
  std::string user = {};  // empty: no login
  std::string password = {};
  std::string ca_file = {};      // empty: the system's authorities
  std::string client_name = {};  // in EHLO; empty: the host's name
  std::size_t connections_max = 4;
  base::Duration connect_timeout = std::chrono::seconds(10);
  base::Duration reply_timeout = std::chrono::seconds(20);  // of one reply
  base::Duration timeout = std::chrono::seconds(45);        // of the whole dialogue
};

class SmtpMailer final : public platform::Mailer {
 public:
  /// Error malformed when the URL or client name is none. The executor outlives this.
  static base::Result<std::unique_ptr<SmtpMailer>> make(platform::Executor& executor, SmtpOptions options);
  ~SmtpMailer() override;

  base::Task<base::Result<platform::MailVerdict>> send(platform::OutgoingMail mail) override;
  std::size_t under_way_max() const override;
  base::Task<base::Result<std::optional<std::string>>> kept(std::string message_id) override;
  base::Task<base::Result<void>> forget(std::string message_id) override;

 private:
  struct Impl;
  explicit SmtpMailer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ow::local
