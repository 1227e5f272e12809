// Templates: versions, preview, activation. See mail_desk.h.
#include <fmt/format.h>

#include "base/bounds.h"
#include "http/listing.h"
#include "http/schema_text.h"
#include "notify/mail/bounds.h"
#include "notify/mail/mail_context.h"
#include "notify/mail/mail_desk.h"
#include "notify/operators_route.h"
#include "ops/operator_action.h"

namespace ow::notify {
namespace {

using base::ErrorCode;
using base::Json;
using base::Result;
using base::Task;
using http::Access;
using http::closed_object;
using http::list_of;
using http::nullable;
using http::Reply;
using http::RequestContext;
using http::Response;
using http::text_up_to;
using http::typed;

Result<std::string> name_of(const RequestContext& context) {
  auto name = context.params.at("name");
  if (is_template_name(name)) return name;
  return base::fail(ErrorCode::not_found, "template_not_found", "There is no template " + name + ".");
}

TemplateSource source_in(const Json& body) {
  return {body.text_at("subject"), body.text_at("text"), body.text_at("html")};
}

/// Names that the sample does not have: a misspelt one would stay empty in every mail.
Result<MailTemplate> checked(const TemplateSource& source, const Json& sample) {
  auto made = MailTemplate::compile(source);
  if (!made) return made;
  std::vector<std::string> unknown;
  for (const auto& name : made->names()) {
    const auto& items = sample.find("items");
    const auto first = name.substr(0, name.find('.'));
    const bool of_item = items != nullptr && items->as_array().front().find(first) != nullptr;
    const bool of_part = sample.find("retailer")->find(first) != nullptr;
    if (sample.find(first) == nullptr && !of_item && !of_part)
      unknown.push_back("there is no {{" + name + "}} for this template");
  }
  if (unknown.empty()) return made;
  return base::fail({ErrorCode::unprocessable, "bad_template", "The template is not valid.", unknown});
}

Json head_json(std::string_view name, const TemplateHead& head) {
  return Json::object({{"name", name},
                       {"activeVersion", static_cast<std::int64_t>(head.active)},
                       {"previousVersion", static_cast<std::int64_t>(head.before)},
                       {"latestVersion", static_cast<std::int64_t>(head.latest)}});
}

Json version_json(std::string_view name, const TemplateVersion& version, const TemplateHead& head) {
  return Json::object({{"name", name},
                       {"version", static_cast<std::int64_t>(version.number)},
                       {"active", version.number == head.active},
                       {"subject", version.source.subject},
                       {"text", version.source.text},
                       {"html", version.source.html},
                       {"by", version.by.empty() ? Json() : Json(version.by)},
                       {"createdAt", version.by.empty() ? Json() : Json(base::to_rfc3339(version.at))}});
}

Task<Result<Reply>> list_templates(MailDesk desk, const RequestContext&) {
  Json::Array items;
  for (const auto name : kTemplateNames) {
    const auto head = co_await find_head(desk.store, std::string(name));
    if (!head) co_return base::fail(head.error());
    items.push_back(head_json(name, *head));
  }
  co_return Reply{Response::json(200, http::page_json(std::move(items), ""))};
}

/// The version that a number names, or the active one for 0.
Task<Result<TemplateVersion>> version_of(MailDesk desk, std::string name, TemplateHead head, std::int64_t number) {
  if (number == 0) number = head.active;
  const bool known = number >= 1 && number <= head.latest;
  auto version = known ? co_await find_version(desk.store, name, static_cast<std::uint32_t>(number))
                       : Result<std::optional<TemplateVersion>>();
  if (!version) co_return base::fail(version.error());
  if (*version) co_return std::move(**version);
  co_return base::fail(ErrorCode::not_found, "version_not_found",
                       fmt::format("The template {} has the versions 1 to {}.", name, head.latest));
}

Task<Result<Reply>> show_version(MailDesk desk, const RequestContext& context) {
  const auto name = name_of(context);
  if (!name) co_return base::fail(name.error());
  const auto head = co_await find_head(desk.store, *name);
  if (!head) co_return base::fail(head.error());
  const auto wanted = http::query_text(context, "version");
  const auto version =
      co_await version_of(desk, *name, *head, wanted.empty() ? 0 : std::strtoll(wanted.c_str(), nullptr, 10));
  if (!version) co_return base::fail(version.error());
  co_return Reply{Response::json(200, version_json(*name, *version, *head))};
}

Task<Result<Reply>> create_version(MailDesk desk, const RequestContext& context) {
  const auto name = name_of(context);
  if (!name) co_return base::fail(name.error());
  const auto source = source_in(context.body);
  if (auto valid = checked(source, sample_context(*name, desk.retailer)); !valid) co_return base::fail(valid.error());
  auto head = co_await find_head(desk.store, *name);
  if (!head) co_return base::fail(head.error());
  const auto now = desk.clock.now();
  const TemplateVersion version{++head->latest, source, context.principal->user.text, now};
  Reply reply{Response::json(201, version_json(*name, version, *head))};
  reply.commit = put_head(*name, *head);
  reply.commit.merge(put_version(*name, version));
  reply.commit.event(ops::operator_event(ops::operator_of(context), now,
                                         {"operator.mail-template-created", "mail-template#" + *name, "",
                                          Json::object({{"version", static_cast<std::int64_t>(version.number)}})}));
  co_return reply;
}

/// Activates a version; 0: the one that was active before.
Task<Result<Reply>> activate_version(MailDesk desk, const RequestContext& context, std::int64_t number) {
  const auto name = name_of(context);
  if (!name) co_return base::fail(name.error());
  const auto reason = ops::optional_reason(context.body);
  if (!reason) co_return base::fail(reason.error());
  auto head = co_await find_head(desk.store, *name);
  if (!head) co_return base::fail(head.error());
  if (number == 0) number = head->before;
  const auto version = co_await version_of(desk, *name, *head, number);
  if (!version) co_return base::fail(version.error());
  if (head->active == version->number) co_return Reply{Response::json(200, head_json(*name, *head))};
  head->before = std::exchange(head->active, version->number);
  Reply reply{Response::json(200, head_json(*name, *head))};
  reply.commit = put_head(*name, *head);
  reply.commit.event(ops::operator_event(ops::operator_of(context), desk.clock.now(),
                                         {"operator.mail-template-activated", "mail-template#" + *name, *reason,
                                          Json::object({{"version", static_cast<std::int64_t>(version->number)}})}));
  co_return reply;
}

Task<Result<Reply>> activate(MailDesk desk, const RequestContext& context) {
  return activate_version(desk, context, context.body.integer_at("version").value_or(-1));
}

Task<Result<Reply>> roll_back(MailDesk desk, const RequestContext& context) {
  return activate_version(desk, context, 0);
}

Task<Result<Json>> preview_context(MailDesk desk, std::string name, std::string order_id) {
  if (order_id.empty()) co_return sample_context(name, desk.retailer);
  const auto order = co_await desk.orders.find(base::OrderId(order_id));
  if (!order) co_return base::fail(order.error());
  if (!*order) co_return base::fail(ErrorCode::not_found, "order_not_found", "There is no order " + order_id + ".");
  const RefundFacts refund{"", (*order)->total, {}};
  co_return order_context(**order, (*order)->refunds.empty() ? &refund : &(*order)->refunds.back(), desk.retailer);
}

Task<Result<Reply>> preview(MailDesk desk, const RequestContext& context) {
  const auto name = name_of(context);
  if (!name) co_return base::fail(name.error());
  const auto sample = co_await preview_context(desk, *name, context.body.text_at("orderId"));
  if (!sample) co_return base::fail(sample.error());
  auto source = source_in(context.body);
  if (source.subject.empty() && source.text.empty() && source.html.empty()) {
    const auto head = co_await find_head(desk.store, *name);
    if (!head) co_return base::fail(head.error());
    const auto version = co_await version_of(desk, *name, *head, context.body.integer_at("version").value_or(0));
    if (!version) co_return base::fail(version.error());
    source = version->source;
  }
  const auto made = checked(source, sample_context(*name, desk.retailer));
  if (!made) co_return base::fail(made.error());
  const auto words = made->render(*sample);
  co_return Reply{
      Response::json(200, Json::object({{"subject", words.subject}, {"text", words.text}, {"html", words.html}}))};
}

Json head_schema() {
  return Json::object({{"type", "object"},
                       {"properties", Json::object({{"name", typed("string")},
                                                    {"activeVersion", typed("integer")},
                                                    {"previousVersion", typed("integer")},
                                                    {"latestVersion", typed("integer")}})}});
}

Json version_schema() {
  return Json::object({{"type", "object"},
                       {"properties", Json::object({{"name", typed("string")},
                                                    {"version", typed("integer")},
                                                    {"active", typed("boolean")},
                                                    {"subject", typed("string")},
                                                    {"text", typed("string")},
                                                    {"html", typed("string")},
                                                    {"by", nullable("string")},
                                                    {"createdAt", nullable("string")}})}});
}

Json source_properties() {
  return Json::object({{"subject", text_up_to(bounds::kTemplateBytesMax)},
                       {"text", text_up_to(bounds::kTemplateBytesMax)},
                       {"html", text_up_to(bounds::kTemplateBytesMax)}});
}

Json preview_schema() {
  auto properties = source_properties();
  properties.set("version", typed("integer"));
  properties.set("orderId", typed("string"));
  return closed_object(std::move(properties));
}

}  // namespace

http::Routes template_routes(const MailDesk& desk) {
  const auto one = [&](const char* method, const char* tail, const char* summary, http::DeskFunction<MailDesk> handle,
                       Json body, std::pair<int, Json> answer, std::vector<http::Parameter> query = {}) {
    return operators_route(desk, method, std::string("/api/mail/templates") + tail, summary, handle, std::move(body),
                           std::move(answer), std::move(query));
  };
  const auto reason = ops::reason_schema();
  http::Routes all;
  all.push_back(one("GET", "", "The templates and which version of each is active", list_templates, {},
                    {200, list_of(head_schema())}));
  all.push_back(one("GET", "/{name}", "One version of a template, by default the active one", show_version, {},
                    {200, version_schema()}, {{"version", "Which version", typed("integer")}}));
  all.push_back(one("POST", "/{name}/versions", "Adds a version, which is not active yet", create_version,
                    closed_object(source_properties(), {"subject", "text", "html"}), {201, version_schema()}));
  all.push_back(one("POST", "/{name}/preview", "Renders a version or a draft with a sample or an order", preview,
                    preview_schema(), {200, closed_object(source_properties())}));
  all.push_back(one("POST", "/{name}/activate", "Makes a version the active one", activate,
                    closed_object(Json::object({{"version", typed("integer")}, {"reason", reason}}), {"version"}),
                    {200, head_schema()}));
  all.push_back(one("POST", "/{name}/roll-back", "Makes the version active that was so before", roll_back,
                    closed_object(Json::object({{"reason", reason}})), {200, head_schema()}));
  return all;
}

}  // namespace ow::notify
