// See mail_text.h.
#include "notify/mail/mail_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/encoding.h"

namespace ow::notify {
namespace {

constexpr std::size_t kLineMax = 76;         // RFC 2045 section 6.7, RFC 2047 section 2
constexpr std::size_t kPlainHeaderMax = 70;  // longer free text is folded, which only encoded words survive intact
constexpr std::string_view kAtomExtras = "!#$%&'*+-/=?^_`{|}~";
constexpr std::string_view kHex = "0123456789ABCDEF";

bool is_printable_ascii(char c) { return c >= 0x20 && c < 0x7f; }
bool is_ascii_alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_atom_char(char c) { return is_ascii_alnum(c) || kAtomExtras.find(c) != std::string_view::npos; }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

template <typename Test>
bool all_of(std::string_view text, Test test) {
  return std::all_of(text.begin(), text.end(), test);
}

/// As many bytes from `at` as fit and end with a character.
std::size_t whole_characters(std::string_view text, std::size_t at, std::size_t bytes_max) {
  auto end = std::min(at + bytes_max, text.size());
  while (end < text.size() && end > at && is_continuation(text[end])) --end;
  return end - at;
}

std::string encoded_words(std::string_view text, std::size_t used) {
  constexpr std::size_t kFrame = std::string_view("=?UTF-8?B?").size() + 2;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t room = kLineMax - kFrame - (at == 0 ? std::min(used, kLineMax / 2) : 1);
    const auto bytes = std::max<std::size_t>(1, whole_characters(text, at, room / 4 * 3));
    out += (at == 0 ? "" : "\r\n ") + fmt::format("=?UTF-8?B?{}?=", base::to_base64(text.substr(at, bytes)));
    at += bytes;
  }
  return out;
}

std::string quoted_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string percent(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = is_ascii_alnum(c) || c == '.' || c == '-' || c == '_';
    const auto byte = static_cast<unsigned char>(c);
    out += plain ? std::string(1, c) : std::string{'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
}

/// How many characters from `at` on stand for themselves in quoted-printable text.
std::size_t plain_run(std::string_view line, std::size_t at) {
  auto end = at;
  while (end < line.size() && (is_printable_ascii(line[end]) || line[end] == '\t') && line[end] != '=') ++end;
  const bool blank_at_end = end == line.size() && end > at && (line.back() == ' ' || line.back() == '\t');
  // A line of one dot is the end of a dialogue's data: encoded, no hop can mistake it.
  return at == 0 && line.starts_with('.') ? 0 : end - at - (blank_at_end ? 1 : 0);
}

/// One line of text, without its end, as lines of at most 76 characters.
void append_quoted_line(std::string& out, std::string_view line) {
  constexpr std::size_t kHexSize = 3;
  std::size_t column = 0;
  const auto room_for = [&](std::size_t wanted) {
    if (column + wanted <= kLineMax - 1) return;
    out += "=\r\n";
    column = 0;
  };
  for (std::size_t at = 0; at < line.size();) {
    if (auto run = plain_run(line, at); run > 0) {
      room_for(1);
      run = std::min(run, kLineMax - 1 - column);
      out += line.substr(at, run);
      column += run;
      at += run;
    } else {
      room_for(kHexSize);
      const auto byte = static_cast<unsigned char>(line[at++]);
      out.append({'=', kHex[byte >> 4], kHex[byte & 15]});
      column += kHexSize;
    }
  }
}

std::string part(std::string_view boundary, std::string_view type, std::string_view body) {
  return fmt::format(
      "--{}\r\nContent-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}\r\n",
      boundary, type, quoted_printable(body));
}

std::string body_of(const MailParts& parts) {
  if (parts.html.empty()) {
    return "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
           quoted_printable(parts.text) + "\r\n";
  }
  const auto boundary = "=_" + base::to_hex(base::sha256(parts.message_id)).substr(0, 32);
  return fmt::format("Content-Type: multipart/alternative; boundary=\"{}\"\r\n\r\n", boundary) +
         part(boundary, "plain", parts.text) + part(boundary, "html", parts.html) + fmt::format("--{}--\r\n", boundary);
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto three = text.substr(i, 3);
    const bool separator = three == "\xe2\x80\xa8" || three == "\xe2\x80\xa9";  // U+2028, U+2029
    const bool next_line = text.substr(i, 2) == "\xc2\x85";                     // U+0085
    out += byte < 0x20 || byte == 0x7f || separator || next_line ? ' ' : text[i];
    i += separator ? 2 : next_line ? 1 : 0;
  }
  return out;
}

std::string header_text(std::string_view text, std::size_t used) {
  const auto line = one_line(text);
  const bool looks_encoded = line.find("=?") != std::string::npos;
  const bool trimmed = line.empty() || (line.front() != ' ' && line.back() != ' ');
  if (all_of(line, is_printable_ascii) && !looks_encoded && trimmed && used + line.size() <= kPlainHeaderMax)
    return line;
  return encoded_words(line, used);
}

std::string mailbox(std::string_view name, std::string_view address) {
  const auto line = one_line(name);
  if (line.empty()) return std::string(address);
  const auto brackets = fmt::format(" <{}>", address);
  const bool short_ascii = all_of(line, is_printable_ascii) && line.size() <= kPlainHeaderMax / 2;
  if (!short_ascii || line.find("=?") != std::string::npos) return encoded_words(line, 10) + "\r\n" + brackets;
  const bool atoms = all_of(line, [](char c) { return is_atom_char(c) || c == ' '; });
  return (atoms ? line : quoted_string(line)) + brackets;
}

std::string mail_date(base::Instant at) {
  using namespace std::chrono;
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_seconds time{seconds(at.unix_s())};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000", kDays[weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::string mime_parameter(std::string_view name, std::string_view value) {
  const auto line = one_line(value);
  if (!all_of(line, is_printable_ascii)) return fmt::format("; {}*=UTF-8''{}", name, percent(line));
  const bool token =
      !line.empty() && all_of(line, [](char c) { return is_ascii_alnum(c) || c == '.' || c == '-' || c == '_'; });
  return fmt::format("; {}={}", name, token ? line : quoted_string(line));
}

std::string content_disposition(std::string_view disposition, std::string_view file_name) {
  auto name = one_line(file_name);
  std::replace_if(name.begin(), name.end(), [](char c) { return c == '/' || c == '\\' || c == '"' || c == '%'; }, '_');
  std::string ascii;
  for (const char c : name) {
    if (is_printable_ascii(c)) ascii += c;
    if (!is_printable_ascii(c) && !is_continuation(c)) ascii += '_';
  }
  auto header = fmt::format("{}; filename=\"{}\"", disposition, ascii);
  if (ascii != name) header += "; filename*=UTF-8''" + percent(name);
  return header;
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    append_quoted_line(out, line);
    if (end < text.size()) out += "\r\n";
    at = end + 1;
  }
  return out;
}

std::string html_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else if ((byte >= 0x20 && byte != 0x7f) || c == '\t' || c == '\n')
      out += c;
  }
  return out;
}

std::string compose_mail(const MailParts& parts) {
  std::string mail;
  mail += "Date: " + mail_date(parts.date) + "\r\n";
  mail += "From: " + mailbox(parts.from_name, parts.from_address) + "\r\n";
  mail += "To: " + mailbox(parts.to_name, parts.to_address) + "\r\n";
  mail += "Subject: " + header_text(parts.subject, std::string_view("Subject: ").size()) + "\r\n";
  mail += "Message-ID: <" + parts.message_id + ">\r\n";
  mail += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  return mail + body_of(parts);
}

}  // namespace ow::notify
