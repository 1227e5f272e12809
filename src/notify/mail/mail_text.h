// The text of a mail as the standards want it: whatever a name, subject or body holds, no header breaks and no line
// is longer than allowed. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/instant.h"

namespace ow::notify {

/// Free text of a header (RFC 5322 section 2.2.1): as it is when it is short printable ASCII, else encoded words
/// (RFC 2047 section 2) of UTF-8 that never split a character, folded. Control characters become blanks.
/// `used` is how much of the first line is taken.
std::string header_text(std::string_view text, std::size_t used = 0);

/// `name <address>` (RFC 5322 section 3.4): the name as atoms, a quoted string or encoded words; no name, no
/// brackets' display. The address must be one (platform::is_mail_address).
std::string mailbox(std::string_view name, std::string_view address);

/// `Sat, 21 Nov 2026 06:15:28 +0000` (RFC 5322 section 3.3).
std::string mail_date(base::Instant at);

/// `; name=value` as a token, a quoted string or, for anything else, RFC 2231 section 4 (`name*=UTF-8''…`).
std::string mime_parameter(std::string_view name, std::string_view value);

/// `disposition; filename="…"; filename*=UTF-8''…` for HTTP (RFC 6266 section 5 with RFC 8187): an ASCII stand-in
/// for old clients, the name itself for all others. No path separator survives.
std::string content_disposition(std::string_view disposition, std::string_view file_name);

/// Quoted-printable (RFC 2045 section 6.7) of text whose lines end in LF or CRLF; lines end in CRLF.
std::string quoted_printable(std::string_view text);

/// For HTML text and attribute values: & < > " ' as entities, other control characters than tab and line
/// break dropped.
std::string html_escaped(std::string_view text);

/// One line: control characters, line and paragraph separators become blanks.
std::string one_line(std::string_view text);

struct MailParts {
  std::string message_id;  // without angle brackets
  std::string from_name;
  std::string from_address;
  std::string to_name;
  std::string to_address;
  std::string subject;
  std::string text;
  std::string html;  // empty: text only
  base::Instant date;
};

/// The message (RFC 5322): multipart/alternative of text and HTML, both UTF-8 and quoted-printable, marked as made by
/// a machine (RFC 3834). The same parts give the same bytes.
std::string compose_mail(const MailParts& parts);

}  // namespace ow::notify
