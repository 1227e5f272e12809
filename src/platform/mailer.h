// Port: one mail to one recipient over the next hop. The same mail may be sent again after a crash, always
// under its Message-ID, by which a recipient's system can tell. Loop thread; an implementation that blocks
// does so on threads of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"

namespace ow::platform {

struct OutgoingMail {
  std::string message_id;     // as in the header, without angle brackets: "mail_01JD….0@shop.example"
  std::string envelope_from;  // where bounces go (RFC 5321 section 4.4.3)
  std::string recipient;      // one addr-spec
  std::string bytes;          // the whole message (RFC 5322), lines end in CRLF
};

/// What the next hop said. `code` and `text` are its last reply (RFC 5321 section 4.2).
struct MailVerdict {
  enum class Kind : std::uint8_t {
    accepted,   // 2xx after the data: the next hop is responsible now
    refused,    // 5xx: will never be taken as it is
    postponed,  // 4xx: may be taken later
  };
  Kind kind = Kind::accepted;
  int code = 250;
  std::string text = {};
};

class Mailer {
 public:
  virtual ~Mailer() = default;

  /// Hands the mail over once, without retries. Errors: unavailable (certainly not handed over: no
  /// connection, no TLS, login refused), timed_out (all was sent, the answer is missing: it may have been
  /// taken), malformed (an address or id that no dialogue can carry).
  virtual base::Task<base::Result<MailVerdict>> send(OutgoingMail mail) = 0;

  /// As many mails as it can have under way at once; more wait. At least 1.
  virtual std::size_t under_way_max() const = 0;

  /// The bytes of a mail that this mailer itself keeps; nothing when it keeps none, or not this one.
  virtual base::Task<base::Result<std::optional<std::string>>> kept(std::string message_id) = 0;

  /// From then on kept() has nothing of this mail. No error when it keeps none.
  virtual base::Task<base::Result<void>> forget(std::string message_id) = 0;
};

/// Whether a dialogue can carry the address: something on both sides of the last '@', at most 254 bytes (RFC 5321
/// section 4.5.3.1.3), valid UTF-8, none of space, control characters, '<', '>'.
bool is_mail_address(const std::string& address);
/// Whether `id` may stand in a Message-ID header and be a file's name: `left@right` of letters, digits, '.',
/// '-', '_', at most 200 bytes, no part empty or beginning with a dot.
bool is_message_id(const std::string& id);

}  // namespace ow::platform
