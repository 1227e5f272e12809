// See outbox_mailer.h.
#include "local/outbox_mailer.h"

#include <memory>

#include "local/durable_file.h"

namespace ow::local {
namespace {

using base::Result;
using base::Task;
using platform::MailVerdict;

/// What the lane does: the files of one batch, in order.
struct Writing {
  std::vector<NamedBytes> files;
  std::vector<Result<void>> written = {};

  void run(const std::string& directory) {
    const auto made = make_directories(directory);
    written = made ? write_all_durable(directory, files) : std::vector(files.size(), made);
  }
};

}  // namespace

/// A mail and what its sender hears.
struct OutboxMailer::Entry {
  NamedBytes file;
  Result<void> written = {};
  base::Completion<bool> done = {};
};

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
  const auto entry = std::make_shared<Entry>(NamedBytes{mail.message_id + ".eml", std::move(mail.bytes)});
  gathered_.push_back(entry);
  if (!std::exchange(writing_, true)) executor_.spawn(write_gathered());
  co_await entry->done;
  if (!entry->written) co_return base::fail(entry->written.error());
  co_return MailVerdict{MailVerdict::Kind::accepted, 250, "kept in the local outbox"};
}

Task<void> OutboxMailer::write_gathered() {
  while (!gathered_.empty()) {
    const auto batch = std::exchange(gathered_, {});
    const auto job = std::make_shared<Writing>();
    for (const auto& entry : batch) job->files.push_back(std::move(entry->file));
    co_await offload(executor_, lane_, [job, directory = directory_] { job->run(directory); });
    for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->written = std::move(job->written[i]);
    for (const auto& entry : batch) entry->done.complete(true);
  }
  writing_ = false;
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

std::string OutboxMailer::path_of(const std::string& message_id) const {
  return directory_ + "/" + message_id + ".eml";
}

}  // namespace ow::local
