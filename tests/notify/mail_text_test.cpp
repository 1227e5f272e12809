// Mails as text: whatever a name or a body holds, the headers stay what they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/encoding.h"
#include "notify/mail/mail_record.h"
#include "notify/mail/mail_text.h"
#include "platform/mailer.h"

namespace ow::notify {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t at = 0;
  for (auto end = text.find("\r\n"); end != std::string::npos; at = end + 2, end = text.find("\r\n", at))
    lines.push_back(text.substr(at, end - at));
  lines.push_back(text.substr(at));
  return lines;
}

/// RFC 2047 read back: encoded words with the folds between them removed.
std::string decoded(const std::string& header) {
  std::string out;
  for (const auto& line : lines_of(header)) {
    const auto word = line.starts_with(' ') ? line.substr(1) : line;
    if (!word.starts_with("=?UTF-8?B?")) return header;
    out += base::from_base64(word.substr(10, word.size() - 12)).value_or("(bad base64)");
  }
  return out;
}

/// Any text of whole characters, of ASCII, control characters and beyond.
std::string any_text() {
  static const std::vector<std::string> kPieces = {"a",
                                                   "Z",
                                                   "0",
                                                   " ",
                                                   "\"",
                                                   "\\",
                                                   "<",
                                                   ">",
                                                   "@",
                                                   ",",
                                                   ";",
                                                   "=",
                                                   "?",
                                                   "=?",
                                                   "?=",
                                                   "\r",
                                                   "\n",
                                                   "\r\n",
                                                   "\t",
                                                   "\x7f",
                                                   ".",
                                                   "\xc3\xa4",
                                                   "\xd0\x96",
                                                   "\xe8\x8c\xb6",
                                                   "\xf0\x9f\x9b\x92",
                                                   "\xe2\x80\xa8",
                                                   "\xc2\x85",
                                                   "\r\nBcc: eve@x.example",
                                                   "--"};
  std::string text;
  for (const auto i : *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, kPieces.size())))
    text += kPieces[i];
  return text;
}

TEST(MailTextTest, any_subject_is_one_header_and_reads_back) {
  rc::check([] {
    const auto text = any_text();
    const auto header = header_text(text, 9);
    for (const auto& line : lines_of(header)) {
      RC_ASSERT(line.size() <= 76U);
      RC_ASSERT(line.find_first_of("\r\n") == std::string::npos);
    }
    const auto lines = lines_of(header);
    for (std::size_t i = 1; i < lines.size(); ++i) RC_ASSERT(lines[i].starts_with(' '));
    RC_ASSERT(decoded(header) == one_line(text));
  });
}

TEST(MailTextTest, any_name_stays_in_front_of_its_address) {
  rc::check([] {
    const auto header = mailbox(any_text(), "ann@example.org");
    const auto lines = lines_of(header);
    for (std::size_t i = 1; i < lines.size(); ++i) RC_ASSERT(lines[i].starts_with(' '));
    RC_ASSERT(header.ends_with("ann@example.org") || header.ends_with("<ann@example.org>"));
    RC_ASSERT(header.find("\nBcc") == std::string::npos);
  });
}

TEST(MailTextTest, a_mail_has_the_headers_it_should_and_no_others) {
  rc::check([] {
    MailParts parts{"mail_1.0@shop.example", any_text(), "shop@shop.example", any_text(),
                    "ann@example.org",       any_text(), any_text(),          html_escaped(any_text()),
                    {1'795'000'000'000'000}};
    const auto mail = compose_mail(parts);
    const auto head = mail.substr(0, mail.find("\r\n\r\n") + 2);
    std::vector<std::string> names;
    for (const auto& line : lines_of(head)) {
      if (!line.empty() && line[0] != ' ') names.push_back(line.substr(0, line.find(':')));
    }
    std::vector<std::string> wanted = {"Date",       "From",           "To",           "Subject",
                                       "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"};
    if (parts.html.empty()) wanted.emplace_back("Content-Transfer-Encoding");
    RC_ASSERT(names == wanted);
    for (const auto& line : lines_of(mail)) RC_ASSERT(line.size() <= 998U);
    RC_ASSERT(mail.find("\n.\r\n") == std::string::npos);
    RC_ASSERT(compose_mail(parts) == mail);
  });
}

TEST(MailTextTest, names_are_written_as_rfc_5322_wants_them) {
  EXPECT_EQ(mailbox("Ann Lee", "a@b.example"), "Ann Lee <a@b.example>");
  EXPECT_EQ(mailbox("Lee, Ann \"the\" \\", "a@b.example"), "\"Lee, Ann \\\"the\\\" \\\\\" <a@b.example>");
  EXPECT_EQ(mailbox("", "a@b.example"), "a@b.example");
  EXPECT_EQ(mailbox("J\xc3\xb6rg", "a@b.example"), "=?UTF-8?B?SsO2cmc=?=\r\n <a@b.example>");
  EXPECT_EQ(header_text("=?UTF-8?Q?not_ours?="), "=?UTF-8?B?PT9VVEYtOD9RP25vdF9vdXJzPz0=?=");
}

TEST(MailTextTest, dates_are_written_as_rfc_5322_wants_them) {
  EXPECT_EQ(mail_date({0}), "Thu, 1 Jan 1970 00:00:00 +0000");
  EXPECT_EQ(mail_date(base::parse_rfc3339("2026-11-21T06:15:28.999Z").value()), "Sat, 21 Nov 2026 06:15:28 +0000");
}

TEST(MailTextTest, parameters_and_file_names_keep_any_character) {
  EXPECT_EQ(mime_parameter("name", "a.pdf"), "; name=a.pdf");
  EXPECT_EQ(mime_parameter("name", "a \"b\""), "; name=\"a \\\"b\\\"\"");
  EXPECT_EQ(mime_parameter("name", "\xe2\x82\xac"), "; name*=UTF-8''%E2%82%AC");
  EXPECT_EQ(content_disposition("attachment", "receipt-1.pdf"), "attachment; filename=\"receipt-1.pdf\"");
  EXPECT_EQ(content_disposition("inline", "\xe2\x82\xac/\"..\r\n.pdf"),
            "inline; filename=\"___..  .pdf\"; filename*=UTF-8''%E2%82%AC__..%20%20.pdf");
}

TEST(MailTextTest, quoted_printable_keeps_lines_short_and_dots_and_blanks_safe) {
  EXPECT_EQ(quoted_printable(".\nFrom me \na=b\n\xc3\xa9"), "=2E\r\nFrom me=20\r\na=3Db\r\n=C3=A9");
  for (const auto& line : lines_of(quoted_printable(std::string(500, 'x')))) EXPECT_LE(line.size(), 76U);
}

TEST(MailTextTest, message_ids_name_their_mail_and_round) {
  MailRecord mail;
  mail.id = mail_id("evt_1", "customer");
  mail.round = 3;
  const auto id = message_id(mail, "shop.example");
  EXPECT_TRUE(platform::is_message_id(id)) << id;
  const auto ref = parse_message_id("<" + id + ">");
  ASSERT_TRUE(ref);
  EXPECT_EQ(ref->id, mail.id);
  EXPECT_EQ(ref->round, 3);
  EXPECT_EQ(mail_id("evt_1", "customer"), mail.id);
  EXPECT_NE(mail_id("evt_2", "customer"), mail.id);
  for (const std::string other :
       {"", "x@y", "mail_1.0@y", "mail_0123456789abcdef0123456789abcdef@y", "mail_0123456789abcdef0123456789abcdef.x@y",
        "mail_0123456789abcdef0123456789abcdef.-1@y"})
    EXPECT_FALSE(parse_message_id(other)) << other;
}

TEST(MailTextTest, what_is_kept_of_a_servers_words_names_nobody) {
  EXPECT_EQ(scrubbed("5.1.1 <ann@example.org>: unknown\r\nuser"), "5.1.1 (address) unknown  user");
  EXPECT_LE(scrubbed(std::string(1000, 'x')).size(), 300U);
  EXPECT_EQ(address_hint("ann@example.org"), "a\xe2\x80\xa6@example.org");
  EXPECT_EQ(suppression_id("Ann@Example.org"), suppression_id("ann@example.org"));
}

}  // namespace
}  // namespace ow::notify
