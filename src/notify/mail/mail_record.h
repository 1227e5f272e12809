// The record of one mail: one for each event and recipient, without personal data: the address is looked up where
// the person's data is kept, and server replies are kept without addresses. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"
#include "platform/store.h"

namespace ow::notify {

enum class MailStatus : std::uint8_t {
  waiting,     // to be tried (again)
  sent,        // the next hop took it
  refused,     // 5xx: ended
  suppressed,  // the address bounced before
  bounced,     // was taken, came back later
  dead,        // tried as often as the queue allows: a dead letter stands
};

struct MailRecord {
  std::string id;          // "mail_…", from event and recipient
  std::string event;       // id of the event
  std::string event_type;  // "order.completed"
  std::string template_name;
  std::string order;         // empty: a notice
  std::string refund;        // payment.refunded: which
  std::string topic;         // a notice: its topic
  std::string subscription;  // a notice: its recipient
  MailStatus status = MailStatus::waiting;
  int round = 0;           // counts the operators' resends
  int attempts = 0;        // of this round
  int code = 0;            // last reply
  std::string words = {};  // last reply or error
  base::Instant created;
  base::Instant updated;
  platform::Version version = 0;
};

std::string_view status_text(MailStatus status);
std::optional<MailStatus> parse_mail_status(std::string_view text);

/// The same for every delivery of the event: "mail_" and 32 hex digits.
std::string mail_id(std::string_view event, std::string_view recipient_ref);
/// `<id>.<round>@<domain>`: one for each event, recipient and resend.
std::string message_id(const MailRecord& mail, std::string_view domain);
/// The mail and round of a Message-ID of ours, with or without angle brackets; nothing for another's.
struct MailRef {
  std::string id;
  int round = 0;
};
std::optional<MailRef> parse_message_id(std::string_view text);

/// A server's words as they may be kept: one line, shortened, without anything that looks like an address.
std::string scrubbed(std::string_view words);

/// Conditioned on the record as it was read; kept bounds::kMailKept from `updated` on.
platform::Commit put_mail(MailRecord mail, base::Instant now);
/// Whatever its version: who holds it meanwhile finds it gone.
platform::Commit erase_mail(const MailRecord& mail);
base::Task<base::Result<std::optional<MailRecord>>> find_mail(platform::Store& store, std::string id);

struct MailPage {
  std::vector<MailRecord> mails;
  std::string next_cursor;
};
/// Newest first; of one order, or of one status, or all.
struct MailFilter {
  std::string order;
  std::optional<MailStatus> status;
  std::size_t limit = 50;
  std::string cursor;
};
base::Task<base::Result<MailPage>> list_mails(platform::Store& store, MailFilter filter);

// Addresses that hard-bounced. The record's key is a hash, and it keeps only a hint of the address.
struct Suppression {
  std::string id;    // hex of a SHA-256
  std::string hint;  // "a…@example.org"
  std::string reason;
  std::string mail;  // which bounced, if one did
  base::Instant since;
  platform::Version version = 0;
};
/// Case of ASCII letters does not tell addresses apart.
std::string suppression_id(std::string_view address);
std::string address_hint(std::string_view address);
platform::Commit put_suppression(const Suppression& suppression);
platform::Commit erase_suppression(const Suppression& suppression);
base::Task<base::Result<std::optional<Suppression>>> find_suppression(platform::Store& store, std::string id);
struct SuppressionPage {
  std::vector<Suppression> suppressions;
  std::string next_cursor;
};
base::Task<base::Result<SuppressionPage>> list_suppressions(platform::Store& store, std::size_t limit,
                                                            std::string cursor);

}  // namespace ow::notify
