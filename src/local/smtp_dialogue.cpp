// See smtp_dialogue.h.
#include "local/smtp_dialogue.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/assert.h"

namespace ow::local {
namespace {

using base::ErrorCode;
using base::Result;
using platform::MailVerdict;

constexpr std::size_t kReplyBytesMax = 500;  // of what is kept; RFC 5321 section 4.5.3.1.5 allows 512 a line
constexpr long kIdleConnectionSecondsMax = 30;

/// What one mail's dialogue has done so far; libcurl's callbacks write it.
struct Progress {
  std::string_view rest;
  bool all_sent = false;
  std::string reply;  // the last line of the last reply
};

std::size_t give_data(char* out, std::size_t size, std::size_t count, void* user) {
  auto& progress = *static_cast<Progress*>(user);
  const auto n = std::min(size * count, progress.rest.size());
  std::memcpy(out, progress.rest.data(), n);
  progress.rest.remove_prefix(n);
  if (n == 0) progress.all_sent = true;
  return n;
}

std::size_t take_reply(char* line, std::size_t size, std::size_t count, void* user) {
  std::string text(line, std::min(size * count, kReplyBytesMax));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  // The farewell after a refusal says nothing about the mail.
  if (!text.starts_with("221")) static_cast<Progress*>(user)->reply = std::move(text);
  return size * count;
}

std::size_t ignore(char*, std::size_t size, std::size_t count, void*) { return size * count; }

long milliseconds(base::Duration span) { return static_cast<long>(span.count() / 1000); }

/// The reply without its code: "550 5.1.1 no such user" -> "5.1.1 no such user".
std::string text_of(const std::string& reply) { return reply.size() > 4 ? reply.substr(4) : reply; }

/// Only what concerns the mail itself is its verdict: a refused login or a missing certificate is ours to mend
/// and must not cost a mail.
bool is_ours_to_mend(CURLcode code) {
  return code == CURLE_LOGIN_DENIED || code == CURLE_USE_SSL_FAILED || code == CURLE_PEER_FAILED_VERIFICATION ||
         code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SSL_CACERT_BADFILE;
}

tl::unexpected<base::Error> no_verdict(CURLcode code, const char* detail, const Progress& progress) {
  const std::string what = *detail != '\0' ? detail : curl_easy_strerror(code);
  if (code == CURLE_LOGIN_DENIED)
    return base::fail(ErrorCode::unavailable, "mail_login_refused",
                      "The mail server refused the login: " + progress.reply);
  if (is_ours_to_mend(code))
    return base::fail(ErrorCode::unavailable, "mail_tls_failed", "No TLS with the mail server: " + what);
  if (progress.all_sent)
    return base::fail(ErrorCode::timed_out, "mail_outcome_unknown", "The mail server did not answer the data: " + what);
  return base::fail(ErrorCode::unavailable, "mail_server_unreachable",
                    "The mail server did not take the mail: " + what);
}

/// libcurl keeps a connection whose answer is overdue and would take that answer for the next mail's; one that
/// is shut down it finds dead.
void break_connection(CURL* curl) {
  curl_socket_t socket = CURL_SOCKET_BAD;
  if (curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK || socket == CURL_SOCKET_BAD) return;
  ::shutdown(socket, SHUT_RDWR);
}

void use_text(CURL* curl, CURLoption option, const std::string& text) {
  if (!text.empty()) curl_easy_setopt(curl, option, text.c_str());
}

}  // namespace

struct SmtpDialogue::Impl {
  explicit Impl(const SmtpOptions& with) : options(with), curl(curl_easy_init()) {
    OW_ASSERT(curl != nullptr, "libcurl gives a handle");
    const bool plain = options.url.starts_with("smtp+plain://");
    const auto base_url = plain ? "smtp" + options.url.substr(std::strlen("smtp+plain")) : options.url;
    url = options.client_name.empty() ? base_url : base_url + "/" + options.client_name;
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_USE_SSL, plain ? long{CURLUSESSL_NONE} : long{CURLUSESSL_ALL});
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, kIdleConnectionSecondsMax);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(options.connect_timeout));
    curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, std::max(1L, milliseconds(options.reply_timeout) / 1000));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds(options.timeout));
    use_text(curl, CURLOPT_CAINFO, options.ca_file);
    use_text(curl, CURLOPT_USERNAME, options.user);
    use_text(curl, CURLOPT_PASSWORD, options.password);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_data);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_reply);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { curl_easy_cleanup(curl); }

  SmtpOptions options;
  std::string url;
  CURL* curl;
  char detail[CURL_ERROR_SIZE] = {};
};

SmtpDialogue::SmtpDialogue(const SmtpOptions& options) : impl_(std::make_unique<Impl>(options)) {}
SmtpDialogue::~SmtpDialogue() = default;

Result<MailVerdict> SmtpDialogue::send(const platform::OutgoingMail& mail) {
  Progress progress;
  progress.rest = mail.bytes;
  CURL* curl = impl_->curl;
  curl_slist* recipients = curl_slist_append(nullptr, mail.recipient.c_str());
  impl_->detail[0] = '\0';
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, mail.envelope_from.c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
  curl_easy_setopt(curl, CURLOPT_READDATA, &progress);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &progress);
  const auto code = curl_easy_perform(curl);
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, nullptr);
  curl_slist_free_all(recipients);
  long reply = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
  const auto text = text_of(progress.reply);
  if (code == CURLE_OK) return MailVerdict{MailVerdict::Kind::accepted, static_cast<int>(reply), text};
  const bool judged = reply >= 400 && reply < 600 && !is_ours_to_mend(code) && code != CURLE_OPERATION_TIMEDOUT;
  if (!judged) break_connection(curl);
  if (!judged) return no_verdict(code, impl_->detail, progress);
  const auto kind = reply < 500 ? MailVerdict::Kind::postponed : MailVerdict::Kind::refused;
  return MailVerdict{kind, static_cast<int>(reply), text};
}

}  // namespace ow::local
