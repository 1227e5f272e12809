// `mail …`: mails and resends, suppressed addresses, templates, over the API.
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"

namespace ow::app {
namespace {

using base::Json;

/// Calls and prints the answer: as JSON, or member by member for people.
Exit call_and_print(const Invocation& invocation, ApiCall call) {
  const auto answer = ApiClient(invocation).call(std::move(call));
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json() || !answer->is_object()) {
    fmt::print("{}\n", answer->is_null() ? "{}" : base::to_text(*answer));
    return Exit::done;
  }
  for (const auto& [name, value] : answer->as_object()) {
    const bool text = value.is_string() && value.as_string().find('\n') != std::string::npos;
    fmt::print("{}:{}{}\n", name, text ? "\n" : " ", text_at(*answer, name));
  }
  return Exit::done;
}

Exit list(const Invocation& invocation) {
  return show_list(invocation, {"/api/mails?limit=50" + query_of(invocation, {"status", "order", "cursor"}),
                                {"MAIL", "TYPE", "ORDER", "STATUS", "TRIES", "CREATED", "ANSWER"},
                                [](const Json& mail) {
                                  return std::vector<std::string>{text_at(mail, "mailId"),   text_at(mail, "type"),
                                                                  text_at(mail, "orderId"),  text_at(mail, "status"),
                                                                  text_at(mail, "attempts"), text_at(mail, "createdAt"),
                                                                  text_at(mail, "answer")};
                                }});
}

Exit show(const Invocation& invocation) {
  return call_and_print(invocation, {.path = "/api/mails/" + percent_encode(invocation.argument(0))});
}

Exit resend(const Invocation& invocation) {
  return call_and_print(invocation, {.method = "POST",
                                     .path = "/api/mails/" + percent_encode(invocation.argument(0)) + "/resend",
                                     .body = Json::object({{"reason", *invocation.option("reason")}})});
}

Exit list_suppressions(const Invocation& invocation) {
  return show_list(invocation, {"/api/mail/suppressions?limit=50" + query_of(invocation, {"address", "cursor"}),
                                {"SUPPRESSION", "ADDRESS", "SINCE", "REASON"},
                                [](const Json& one) {
                                  return std::vector<std::string>{text_at(one, "suppressionId"),
                                                                  text_at(one, "address"), text_at(one, "since"),
                                                                  text_at(one, "reason")};
                                }});
}

Exit suppress(const Invocation& invocation) {
  return call_and_print(
      invocation,
      {.method = "POST",
       .path = "/api/mail/suppressions",
       .body = Json::object({{"address", invocation.argument(0)}, {"reason", *invocation.option("reason")}})});
}

Exit remove_suppression(const Invocation& invocation) {
  return call_and_print(
      invocation, {.method = "DELETE", .path = "/api/mail/suppressions/" + percent_encode(invocation.argument(0))});
}

Exit list_templates(const Invocation& invocation) {
  return show_list(invocation, {"/api/mail/templates", {"TEMPLATE", "ACTIVE", "BEFORE", "LATEST"}, [](const Json& one) {
                                  return std::vector<std::string>{text_at(one, "name"), text_at(one, "activeVersion"),
                                                                  text_at(one, "previousVersion"),
                                                                  text_at(one, "latestVersion")};
                                }});
}

std::string template_path(const Invocation& invocation, const std::string& tail) {
  return "/api/mail/templates/" + percent_encode(invocation.argument(0)) + tail;
}

Exit show_template(const Invocation& invocation) {
  const auto version = invocation.option("version");
  return call_and_print(invocation,
                        {.path = template_path(invocation, version ? "?version=" + percent_encode(*version) : "")});
}

/// subject, text and html from --subject and the files of --text and --html; those that were given.
base::Result<Json> draft_of(const Invocation& invocation) {
  auto draft = Json::object();
  if (const auto subject = invocation.option("subject")) draft.set("subject", *subject);
  for (const auto* name : {"text", "html"}) {
    const auto file = invocation.option(name);
    if (!file) continue;
    auto text = read_input(*file);
    if (!text) return base::fail(text.error());
    draft.set(name, std::move(*text));
  }
  return draft;
}

/// The number of an option, or usage.
base::Result<void> set_version(const Invocation& invocation, Json& body) {
  const auto text = invocation.option("version");
  if (!text) return {};
  const auto number = base::JsonNumber{*text};
  const bool digits = !text->empty() && text->find_first_not_of("0123456789") == std::string::npos;
  if (!digits) return base::fail(base::ErrorCode::malformed, "bad_option", "--version must be a number");
  body.set("version", number);
  return {};
}

Exit create_template(const Invocation& invocation) {
  auto draft = draft_of(invocation);
  if (!draft) {
    complain(draft.error(), invocation.json());
    return Exit::usage;
  }
  return call_and_print(invocation,
                        {.method = "POST", .path = template_path(invocation, "/versions"), .body = std::move(*draft)});
}

Exit preview_template(const Invocation& invocation) {
  auto body = draft_of(invocation);
  auto read = body ? set_version(invocation, *body) : base::Result<void>(base::fail(body.error()));
  if (!read) {
    complain(read.error(), invocation.json());
    return Exit::usage;
  }
  if (const auto order = invocation.option("order")) body->set("orderId", *order);
  return call_and_print(invocation,
                        {.method = "POST", .path = template_path(invocation, "/preview"), .body = std::move(*body)});
}

Json with_reason(const Invocation& invocation) {
  auto body = Json::object();
  if (const auto reason = invocation.option("reason")) body.set("reason", *reason);
  return body;
}

Exit activate_template(const Invocation& invocation) {
  auto body = with_reason(invocation);
  if (auto read = set_version(invocation, body); !read) {
    complain(read.error(), invocation.json());
    return Exit::usage;
  }
  return call_and_print(invocation,
                        {.method = "POST", .path = template_path(invocation, "/activate"), .body = std::move(body)});
}

Exit roll_back_template(const Invocation& invocation) {
  return call_and_print(
      invocation, {.method = "POST", .path = template_path(invocation, "/roll-back"), .body = with_reason(invocation)});
}

const OptionSpec kReason{"reason", "TEXT", "why, for the record", true};
const OptionSpec kMaybeReason{"reason", "TEXT", "why, for the record"};

}  // namespace

std::vector<CommandSpec> mail_commands() {
  const ArgumentSpec mail{"MAIL", "its id"};
  const ArgumentSpec name{"TEMPLATE", "order.completed, order.failed, order.cancelled, order.refunded or notice"};
  const std::vector<OptionSpec> draft = {
      {"subject", "TEXT", "the subject line"}, {"text", "FILE", "the plain text"}, {"html", "FILE", "the HTML"}};
  auto preview = draft;
  preview.push_back({"version", "N", "a version instead of a draft (default: the active one)"});
  preview.push_back({"order", "ORDER", "an order instead of the sample"});
  auto create = draft;
  for (auto& option : create) option.required = true;
  return {
      {"mail list",
       "List mails, newest first.",
       {},
       client_options({{"status", "STATUS", "waiting, sent, refused, suppressed, bounced or dead"},
                       {"order", "ORDER", "about one order"},
                       {"cursor", "CURSOR", "the next page"}}),
       list},
      {"mail show", "Show a mail, with its source if it lies in the local outbox.", {mail}, client_options(), show},
      {"mail resend", "Send a mail again, under a new Message-ID.", {mail}, client_options({kReason}), resend},
      {"mail suppressions",
       "List addresses that get no mail.",
       {},
       client_options({{"address", "ADDR", "only this one"}, {"cursor", "CURSOR", "the next page"}}),
       list_suppressions},
      {"mail suppress",
       "Send an address no more mail.",
       {{"ADDR", "the address"}},
       client_options({kReason}),
       suppress},
      {"mail unsuppress",
       "Let an address have mail again.",
       {{"SUPPRESSION", "its id"}},
       client_options(),
       remove_suppression},
      {"mail template list", "List the templates and which version is active.", {}, client_options(), list_templates},
      {"mail template show",
       "Show a version of a template.",
       {name},
       client_options({{"version", "N", "which (default: the active one)"}}),
       show_template},
      {"mail template create",
       "Add a version, which is not active yet.",
       {name},
       client_options(create),
       create_template},
      {"mail template preview", "Render a version or a draft.", {name}, client_options(preview), preview_template},
      {"mail template activate",
       "Make a version the active one.",
       {name},
       client_options({{"version", "N", "which", true}, kMaybeReason}),
       activate_template},
      {"mail template roll-back",
       "Make the version active that was so before.",
       {name},
       client_options({kMaybeReason}),
       roll_back_template},
  };
}

}  // namespace ow::app
