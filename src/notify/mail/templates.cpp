// See templates.h. Records: kind "mail-template-head", schema 1: `{"active", "before", "latest"}`; kind
// "mail-template", schema 1: `{"subject", "text", "html", "by", "at": us}`. Kept until the installation ends.
#include "notify/mail/templates.h"

#include <fmt/format.h>

#include <algorithm>

#include "notify/mail/bounds.h"
#include "notify/mail/mail_text.h"

namespace ow::notify {

// Compiled in from src/notify/mail/templates.
std::string_view order_completed_txt();
std::string_view order_completed_html();
std::string_view order_failed_txt();
std::string_view order_failed_html();
std::string_view order_cancelled_txt();
std::string_view order_cancelled_html();
std::string_view order_refunded_txt();
std::string_view order_refunded_html();
std::string_view notice_txt();
std::string_view notice_html();

namespace {

using base::Json;

constexpr std::string_view kSubject = "Subject: ";

TemplateSource source_of(std::string_view text, std::string_view html) {
  const auto end = text.find('\n');
  return {std::string(text.substr(kSubject.size(), end - kSubject.size())), std::string(text.substr(end + 2)),
          std::string(html)};
}

platform::Key head_key(const std::string& name) { return {"mail-template#" + name, "head"}; }
platform::Key version_key(const std::string& name, std::uint32_t number) {
  return {"mail-template#" + name, fmt::format("version#{:010}", number)};
}

tl::unexpected<base::Error> unreadable(const std::string& name) {
  return base::fail(base::ErrorCode::internal, "template_unreadable", "The template " + name + " cannot be read.");
}

std::uint32_t number_at(const Json& json, const char* name) {
  return static_cast<std::uint32_t>(json.integer_at(name).value_or(0));
}

void compile_part(const char* name, const std::string& text, TemplateText& out, std::vector<std::string>& violations) {
  if (text.size() > bounds::kTemplateBytesMax) {
    violations.push_back(fmt::format("{} must have at most {} bytes", name, bounds::kTemplateBytesMax));
    return;
  }
  auto parsed = TemplateText::parse(text);
  if (parsed)
    out = std::move(*parsed);
  else
    violations.push_back(fmt::format("{}: {}", name, parsed.error().message));
}

}  // namespace

base::Result<MailTemplate> MailTemplate::compile(const TemplateSource& source) {
  MailTemplate made;
  std::vector<std::string> violations;
  compile_part("subject", source.subject, made.subject_, violations);
  compile_part("text", source.text, made.text_, violations);
  compile_part("html", source.html, made.html_, violations);
  if (one_line(source.subject) != source.subject) violations.emplace_back("subject must be one line");
  if (source.subject.empty()) violations.emplace_back("subject must not be empty");
  if (source.text.empty()) violations.emplace_back("text must not be empty");
  if (violations.empty()) return made;
  return base::fail({base::ErrorCode::unprocessable, "bad_template", "The template is not valid.", violations});
}

MailTemplate::Rendered MailTemplate::render(const Json& context) const {
  return {one_line(subject_.render(context, Markup::plain)), text_.render(context, Markup::plain),
          html_.render(context, Markup::html)};
}

std::set<std::string> MailTemplate::names() const {
  std::set<std::string> all = subject_.names();
  all.insert(text_.names().begin(), text_.names().end());
  all.insert(html_.names().begin(), html_.names().end());
  return all;
}

bool is_template_name(std::string_view name) {
  return std::find(kTemplateNames.begin(), kTemplateNames.end(), name) != kTemplateNames.end();
}

TemplateSource built_in(std::string_view name) {
  if (name == "order.completed") return source_of(order_completed_txt(), order_completed_html());
  if (name == "order.failed") return source_of(order_failed_txt(), order_failed_html());
  if (name == "order.cancelled") return source_of(order_cancelled_txt(), order_cancelled_html());
  if (name == "order.refunded") return source_of(order_refunded_txt(), order_refunded_html());
  OW_ASSERT(name == "notice", "only known templates are asked for");
  return source_of(notice_txt(), notice_html());
}

base::Task<base::Result<TemplateHead>> find_head(platform::Store& store, std::string name) {
  const auto record = co_await platform::get_one(store, head_key(name));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return TemplateHead{};
  const auto json = base::parse_json((*record)->value);
  if (!json || (*record)->schema != 1) co_return unreadable(name);
  co_return TemplateHead{number_at(*json, "active"), number_at(*json, "before"), number_at(*json, "latest"),
                         (*record)->version};
}

platform::Commit put_head(const std::string& name, const TemplateHead& head) {
  platform::Record record;
  record.key = head_key(name);
  record.kind = "mail-template-head";
  record.value = base::to_text(Json::object({{"active", static_cast<std::int64_t>(head.active)},
                                             {"before", static_cast<std::int64_t>(head.before)},
                                             {"latest", static_cast<std::int64_t>(head.latest)}}));
  platform::Commit commit;
  commit.put(std::move(record), platform::Expect::at(head.version));
  return commit;
}

base::Task<base::Result<std::optional<TemplateVersion>>> find_version(platform::Store& store, std::string name,
                                                                      std::uint32_t number) {
  if (number == 1) co_return TemplateVersion{1, built_in(name), "", {}};
  const auto record = co_await platform::get_one(store, version_key(name, number));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::optional<TemplateVersion>();
  const auto json = base::parse_json((*record)->value);
  if (!json || (*record)->schema != 1) co_return unreadable(name);
  const auto text = [&](const char* member) { return std::string(json->string_at(member).value_or("")); };
  co_return TemplateVersion{
      number, {text("subject"), text("text"), text("html")}, text("by"), {json->integer_at("at").value_or(0)}};
}

platform::Commit put_version(const std::string& name, const TemplateVersion& version) {
  platform::Record record;
  record.key = version_key(name, version.number);
  record.kind = "mail-template";
  record.value = base::to_text(Json::object({{"subject", version.source.subject},
                                             {"text", version.source.text},
                                             {"html", version.source.html},
                                             {"by", version.by},
                                             {"at", version.at.us}}));
  platform::Commit commit;
  commit.put(std::move(record), platform::Expect::absent());
  return commit;
}

base::Task<base::Result<std::shared_ptr<const MailTemplate>>> TemplateShelf::active(std::string name) {
  const auto head = co_await find_head(store_, name);
  if (!head) co_return base::fail(head.error());
  if (const auto ready = ready_.find(name); ready != ready_.end() && ready->second.number == head->active)
    co_return ready->second.made;
  const auto version = co_await find_version(store_, name, head->active);
  if (!version) co_return base::fail(version.error());
  if (!*version) co_return unreadable(name);
  auto made = MailTemplate::compile((*version)->source);
  if (!made) co_return base::fail(made.error());
  auto shared = std::make_shared<const MailTemplate>(std::move(*made));
  ready_[name] = {head->active, shared};
  co_return shared;
}

}  // namespace ow::notify
