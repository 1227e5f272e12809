// See smtp_mailer.h.
#include "local/smtp_mailer.h"

#include <curl/curl.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "local/lane_thread.h"
#include "local/outbox_mailer.h"
#include "local/smtp_dialogue.h"

namespace ow::local {
namespace {

using base::Result;
using base::Task;
using platform::MailVerdict;

/// A thread with its connection. The thread goes first: it is declared last.
struct Worker {
  explicit Worker(const SmtpOptions& options) : dialogue(options) {}
  SmtpDialogue dialogue;
  std::size_t waiting = 0;  // of the loop thread
  LaneThread lane;
};

bool is_host_name(const std::string& name) {
  return std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '-'; });
}

Result<void> check(const SmtpOptions& options) {
  const auto at = options.url.find("://");
  const auto scheme = options.url.substr(0, std::min(at, options.url.size()));
  const bool known = scheme == "smtp" || scheme == "smtps" || scheme == "smtp+plain";
  const auto host = at == std::string::npos ? std::string() : options.url.substr(at + 3);
  if (!known || host.empty() || host.find_first_of("/@?# \t\r\n") != std::string::npos)
    return base::fail(base::ErrorCode::malformed, "bad_smtp_url",
                      "The mail server must be smtp://HOST:PORT, smtps://HOST:PORT or smtp+plain://HOST:PORT.");
  if (!is_host_name(options.client_name))
    return base::fail(base::ErrorCode::malformed, "bad_smtp_name", "The name for EHLO must be a host name.");
  return {};
}

}  // namespace

struct SmtpMailer::Impl {
  platform::Executor& executor;
  std::vector<std::unique_ptr<Worker>> workers;
};

Result<std::unique_ptr<SmtpMailer>> SmtpMailer::make(platform::Executor& executor, SmtpOptions options) {
  if (auto valid = check(options); !valid) return base::fail(valid.error());
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  auto impl = std::make_unique<Impl>(Impl{executor, {}});
  for (std::size_t i = 0; i < std::max<std::size_t>(1, options.connections_max); ++i)
    impl->workers.push_back(std::make_unique<Worker>(options));
  return std::unique_ptr<SmtpMailer>(new SmtpMailer(std::move(impl)));
}

SmtpMailer::SmtpMailer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SmtpMailer::~SmtpMailer() = default;

Task<Result<MailVerdict>> SmtpMailer::send(platform::OutgoingMail mail) {
  if (auto valid = check_envelope(mail); !valid) co_return base::fail(valid.error());
  auto& workers = impl_->workers;
  Worker& worker = **std::min_element(workers.begin(), workers.end(),
                                      [](const auto& a, const auto& b) { return a->waiting < b->waiting; });
  auto answer = std::make_shared<Result<MailVerdict>>();
  ++worker.waiting;
  co_await offload(impl_->executor, worker.lane,
                   [answer, &worker, mail = std::move(mail)] { *answer = worker.dialogue.send(mail); });
  --worker.waiting;
  co_return std::move(*answer);
}

std::size_t SmtpMailer::under_way_max() const { return impl_->workers.size(); }

Task<Result<std::optional<std::string>>> SmtpMailer::kept(std::string) { co_return std::optional<std::string>(); }

Task<Result<void>> SmtpMailer::forget(std::string) { co_return Result<void>(); }

}  // namespace ow::local
