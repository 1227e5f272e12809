// See outbox_mailer.h.
#include "local/outbox_mailer.h"

#include <memory>

#include "local/durable_file.h"

namespace ow::local {
namespace {

using base::Result;
using base::Task;
using platform::MailVerdict;

Result<MailVerdict> keep(const std::string& directory, const platform::OutgoingMail& mail) {
  if (auto made = make_directories(directory); !made) return base::fail(made.error());
  auto written = write_durable(directory + "/" + mail.message_id + ".eml", mail.bytes);
  if (!written) return base::fail(written.error());
  return MailVerdict{MailVerdict::Kind::accepted, 250, "kept in the local outbox"};
}

}  // namespace

Result<void> check_envelope(const platform::OutgoingMail& mail) {
  if (!platform::is_message_id(mail.message_id))
    return base::fail(base::ErrorCode::malformed, "bad_message_id", "The Message-ID cannot stand in a header.");
  if (!platform::is_mail_address(mail.recipient))
    return base::fail(base::ErrorCode::malformed, "bad_recipient", "The recipient is no mail address.");
  if (!platform::is_mail_address(mail.envelope_from))
    return base::fail(base::ErrorCode::malformed, "bad_sender", "The sender is no mail address.");
  return {};
}

Task<Result<MailVerdict>> OutboxMailer::send(platform::OutgoingMail mail) {
  if (auto valid = check_envelope(mail); !valid) co_return base::fail(valid.error());
  auto answer = std::make_shared<Result<MailVerdict>>();
  co_await offload(executor_, lane_, [answer, directory = directory_, mail = std::move(mail)] {
    *answer = keep(directory, mail);
  });
  co_return std::move(*answer);
}

Task<Result<std::optional<std::string>>> OutboxMailer::kept(std::string message_id) {
  if (!platform::is_message_id(message_id)) co_return std::optional<std::string>();
  auto answer = std::make_shared<Result<std::optional<std::string>>>();
  co_await offload(executor_, lane_, [answer, path = path_of(message_id)] { *answer = read_file(path); });
  co_return std::move(*answer);
}

Task<Result<void>> OutboxMailer::forget(std::string message_id) {
  if (!platform::is_message_id(message_id)) co_return Result<void>();
  auto answer = std::make_shared<Result<void>>();
  co_await offload(executor_, lane_, [answer, path = path_of(message_id)] { *answer = remove_durable(path); });
  co_return std::move(*answer);
}

std::string OutboxMailer::path_of(const std::string& message_id) const { return directory_ + "/" + message_id + ".eml"; }

}  // namespace ow::local
