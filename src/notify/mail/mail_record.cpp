// See mail_record.h. Kind "mail", schema 1: `{"ev", "ty", "tp", "o", "rf", "to", "sub", "s": status, "n": round, "a":
// attempts, "c": code, "w": words, "t": created us, "u": updated us}`; empty texts are absent.
#include "notify/mail/mail_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/json.h"
#include "notify/mail/bounds.h"
#include "notify/mail/mail_text.h"

namespace ow::notify {
namespace {

using base::Json;

constexpr std::size_t kIdHexDigits = 32;
constexpr std::string_view kPrefix = "mail_";
constexpr std::array<std::string_view, 6> kStatusTexts = {"waiting",    "sent",    "refused",
                                                          "suppressed", "bounced", "dead"};
constexpr auto kAllIndex = "mails";
constexpr auto kOrderIndex = "order-mails";
constexpr auto kStatusIndex = "status-mails";

platform::Key mail_key(const std::string& id) { return {id, "mail"}; }

void set_text(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) json.set(name, text);
}

Json to_json(const MailRecord& mail) {
  auto json = Json::object({{"ev", mail.event},
                            {"ty", mail.event_type},
                            {"tp", mail.template_name},
                            {"s", static_cast<int>(mail.status)},
                            {"t", mail.created.us},
                            {"u", mail.updated.us}});
  set_text(json, "o", mail.order);
  set_text(json, "rf", mail.refund);
  set_text(json, "to", mail.topic);
  set_text(json, "sub", mail.subscription);
  set_text(json, "w", mail.words);
  if (mail.round != 0) json.set("n", mail.round);
  if (mail.attempts != 0) json.set("a", mail.attempts);
  if (mail.code != 0) json.set("c", mail.code);
  return json;
}

/// Newest first needs no more than an ascending text: lists are read backwards.
std::string time_key(const MailRecord& mail) { return base::to_rfc3339(mail.created) + "#" + mail.id; }

base::Result<MailRecord> mail_from(const platform::Record& record) {
  const auto json = base::parse_json(record.value);
  const auto status = json ? json->integer_at("s").value_or(-1) : -1;
  if (!json || record.kind != "mail" || record.schema != 1 || status < 0 ||
      status >= static_cast<std::int64_t>(kStatusTexts.size()))
    return base::fail(base::ErrorCode::internal, "mail_unreadable",
                      "The record " + record.key.partition + " cannot be read.");
  const auto text = [&](const char* name) { return std::string(json->string_at(name).value_or("")); };
  const auto number = [&](const char* name) { return static_cast<int>(json->integer_at(name).value_or(0)); };
  MailRecord mail;
  mail.id = record.key.partition;
  mail.event = text("ev");
  mail.event_type = text("ty");
  mail.template_name = text("tp");
  mail.order = text("o");
  mail.refund = text("rf");
  mail.topic = text("to");
  mail.subscription = text("sub");
  mail.status = static_cast<MailStatus>(status);
  mail.round = number("n");
  mail.attempts = number("a");
  mail.code = number("c");
  mail.words = text("w");
  mail.created = {json->integer_at("t").value_or(0)};
  mail.updated = {json->integer_at("u").value_or(0)};
  mail.version = record.version;
  return mail;
}

}  // namespace

std::string_view status_text(MailStatus status) { return kStatusTexts.at(static_cast<std::size_t>(status)); }

std::optional<MailStatus> parse_mail_status(std::string_view text) {
  const auto found = std::find(kStatusTexts.begin(), kStatusTexts.end(), text);
  if (found == kStatusTexts.end()) return std::nullopt;
  return static_cast<MailStatus>(found - kStatusTexts.begin());
}

std::string mail_id(std::string_view event, std::string_view recipient_ref) {
  const auto hash = base::sha256(fmt::format("{}\n{}", event, recipient_ref));
  return std::string(kPrefix) + base::to_hex(hash).substr(0, kIdHexDigits);
}

std::string message_id(const MailRecord& mail, std::string_view domain) {
  return fmt::format("{}.{}@{}", mail.id, mail.round, domain);
}

std::optional<MailRef> parse_message_id(std::string_view text) {
  if (text.starts_with('<') && text.ends_with('>')) text = text.substr(1, text.size() - 2);
  const auto length = kPrefix.size() + kIdHexDigits;
  const auto at = text.find('@');
  if (!text.starts_with(kPrefix) || at == std::string_view::npos || at < length + 2 || text[length] != '.')
    return std::nullopt;
  MailRef ref{std::string(text.substr(0, length)), 0};
  const auto* end = text.data() + at;
  const auto [rest, error] = std::from_chars(text.data() + length + 1, end, ref.round);
  const bool hex = ref.id.find_first_not_of("0123456789abcdef", kPrefix.size()) == std::string::npos;
  if (error != std::errc{} || rest != end || ref.round < 0 || !hex) return std::nullopt;
  return ref;
}

std::string scrubbed(std::string_view words) {
  std::string out;
  const auto line = one_line(words);
  for (std::size_t at = 0; at < line.size();) {
    const auto end = std::min(line.find(' ', at), line.size());
    const auto word = std::string_view(line).substr(at, end - at);
    if (!out.empty()) out += ' ';
    out += word.find('@') == std::string_view::npos ? word : std::string_view("(address)");
    at = end + 1;
  }
  if (out.size() > bounds::kServerWordsMax) out.resize(bounds::kServerWordsMax);
  while (!base::is_utf8(out) && !out.empty()) out.pop_back();
  return out;
}

platform::Commit put_mail(MailRecord mail, base::Instant now) {
  mail.updated = now;
  platform::Record record;
  record.key = mail_key(mail.id);
  record.kind = "mail";
  record.value = base::to_text(to_json(mail));
  record.indexes = {{kAllIndex, "all", time_key(mail)},
                    {kStatusIndex, std::string(status_text(mail.status)), time_key(mail)}};
  if (!mail.order.empty()) record.indexes.push_back({kOrderIndex, mail.order, time_key(mail)});
  record.expires = now + bounds::kMailKept;
  platform::Commit commit;
  commit.put(std::move(record), platform::Expect::at(mail.version));
  return commit;
}

platform::Commit erase_mail(const MailRecord& mail) {
  platform::Commit commit;
  commit.erase(mail_key(mail.id));
  return commit;
}

base::Task<base::Result<std::optional<MailRecord>>> find_mail(platform::Store& store, std::string id) {
  const auto record = co_await platform::get_one(store, mail_key(id));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::optional<MailRecord>();
  auto mail = mail_from(**record);
  if (!mail) co_return base::fail(mail.error());
  co_return std::optional(std::move(*mail));
}

base::Task<base::Result<MailPage>> list_mails(platform::Store& store, MailFilter filter) {
  platform::Query query{kAllIndex, "all"};
  if (filter.status) query = {kStatusIndex, std::string(status_text(*filter.status))};
  if (!filter.order.empty()) query = {kOrderIndex, filter.order};
  query.descending = true;
  query.limit = filter.limit;
  query.cursor = filter.cursor;
  const auto page = co_await store.query(std::move(query));
  if (!page) co_return base::fail(page.error());
  MailPage out;
  out.next_cursor = page->next_cursor;
  for (const auto& record : page->records) {
    auto mail = mail_from(record);
    if (!mail) co_return base::fail(mail.error());
    if (!filter.status || mail->status == *filter.status) out.mails.push_back(std::move(*mail));
  }
  co_return out;
}

}  // namespace ow::notify
