// `webhook create|list|show|change|delete|…`: the endpoints of a running server and what was delivered to them.
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"
#include "base/json.h"

namespace ow::app {
namespace {

using base::Json;

const ArgumentSpec kWebhook{"WEBHOOK", "the webhook's id"};
const OptionSpec kKey{"idempotency-key", "KEY", "the same key again repeats nothing"};
const OptionSpec kLimit{"limit", "N", "at most N (default and maximum 50)"};
const OptionSpec kCursor{"cursor", "CURSOR", "continue an earlier list"};

std::string path_of(const Invocation& invocation, const std::string& below = {}) {
  return "/api/webhooks/" + percent_encode(invocation.argument(0)) + below;
}

/// The answer's members one a line, or as JSON.
Exit print_members(const base::Result<Json>& answer, const Invocation& invocation) {
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json() || !answer->is_object()) {
    fmt::print("{}\n", base::to_text(*answer));
    return Exit::done;
  }
  for (const auto& [name, value] : answer->as_object()) fmt::print("{:<14} {}\n", name, text_at(*answer, name));
  return Exit::done;
}

Exit call(const Invocation& invocation, std::string method, std::string path, Json body = {}) {
  return print_members(ApiClient(invocation)
                           .call({.method = std::move(method),
                                  .path = std::move(path),
                                  .body = std::move(body),
                                  .idempotency_key = invocation.option_or("idempotency-key", "")}),
                       invocation);
}

/// Members of a webhook from the options; an error sentence when one cannot be read.
base::Result<Json> members_of(const Invocation& invocation) {
  auto body = Json::object();
  for (const auto* name : {"url", "description", "scope"}) {
    if (const auto value = invocation.option(name)) body.set(name, *value);
  }
  if (invocation.flag("type")) {
    Json::Array types;
    for (const auto& type : invocation.options("type")) types.emplace_back(type);
    body.set("types", std::move(types));
  }
  if (const auto file = invocation.option("pattern")) {
    const auto text = read_input(*file);
    if (!text) return base::fail(text.error());
    auto pattern = base::parse_json(*text);
    if (!pattern) return base::fail(std::move(pattern.error()));
    body.set("pattern", std::move(*pattern));
  }
  if (const auto limit = invocation.option("rate-limit")) {
    body.set("rateLimit", *limit == "off" ? Json() : base::parse_json(*limit).value_or(Json(*limit)));
  }
  return body;
}

Exit create(const Invocation& invocation) {
  auto body = members_of(invocation);
  if (!body) {
    complain(body.error(), invocation.json());
    return Exit::usage;
  }
  body->set("url", invocation.argument(0));
  return call(invocation, "POST", "/api/webhooks", std::move(*body));
}

Exit change(const Invocation& invocation) {
  auto body = members_of(invocation);
  if (!body) {
    complain(body.error(), invocation.json());
    return Exit::usage;
  }
  return call(invocation, "PATCH", path_of(invocation), std::move(*body));
}

Exit list(const Invocation& invocation) {
  const auto row_of = [](const Json& item) -> std::vector<std::string> {
    return {text_at(item, "id"), text_at(item, "status"), text_at(item, "scope"), text_at(item, "url")};
  };
  return show_list(invocation, {.path = "/api/webhooks?limit=" + percent_encode(invocation.option_or("limit", "50")) +
                                        query_of(invocation, {"cursor"}),
                                .heading = {"WEBHOOK", "STATUS", "SCOPE", "URL"},
                                .row_of = row_of});
}

Exit show(const Invocation& invocation) { return call(invocation, "GET", path_of(invocation)); }
Exit remove(const Invocation& invocation) { return call(invocation, "DELETE", path_of(invocation)); }
Exit pause(const Invocation& invocation) { return call(invocation, "POST", path_of(invocation, "/pause")); }
Exit resume(const Invocation& invocation) { return call(invocation, "POST", path_of(invocation, "/resume")); }
Exit ping(const Invocation& invocation) { return call(invocation, "POST", path_of(invocation, "/ping")); }

Exit rotate(const Invocation& invocation) {
  auto body = Json::object();
  if (const auto overlap = invocation.option("overlap")) {
    body.set("overlapSeconds", base::parse_json(*overlap).value_or(Json(*overlap)));
  }
  return call(invocation, "POST", path_of(invocation, "/rotate-secret"), std::move(body));
}

Exit deliveries(const Invocation& invocation) {
  const auto row_of = [](const Json& item) -> std::vector<std::string> {
    return {text_at(item, "event"), text_at(item, "type"),     text_at(item, "subject"),    text_at(item, "sequence"),
            text_at(item, "state"), text_at(item, "attempts"), text_at(item, "lastStatus"), text_at(item, "reason")};
  };
  return show_list(invocation, {.path = path_of(invocation, "/deliveries?limit=" +
                                                                percent_encode(invocation.option_or("limit", "50"))) +
                                        query_of(invocation, {"state", "cursor"}),
                                .heading = {"EVENT", "TYPE", "SUBJECT", "#", "STATE", "ATTEMPTS", "STATUS", "REASON"},
                                .row_of = row_of});
}

Exit attempts(const Invocation& invocation) {
  const auto row_of = [](const Json& item) -> std::vector<std::string> {
    return {text_at(item, "at"),     text_at(item, "event"),  text_at(item, "type"),      text_at(item, "attempt"),
            text_at(item, "status"), text_at(item, "reason"), text_at(item, "durationMs")};
  };
  return show_list(invocation, {.path = path_of(invocation, "/attempts?limit=" +
                                                                percent_encode(invocation.option_or("limit", "50"))) +
                                        query_of(invocation, {"event", "status", "from", "to", "cursor"}),
                                .heading = {"AT", "EVENT", "TYPE", "ATTEMPT", "STATUS", "REASON", "MS"},
                                .row_of = row_of});
}

Exit resend(const Invocation& invocation) {
  return call(invocation, "POST",
              path_of(invocation, "/deliveries/" + percent_encode(invocation.argument(1)) + "/resend"));
}

Exit again_since(const Invocation& invocation, const std::string& what) {
  return call(invocation, "POST", path_of(invocation, "/" + what),
              Json::object({{"since", *invocation.option("since")}, {"dryRun", invocation.flag("dry-run")}}));
}

Exit recover(const Invocation& invocation) { return again_since(invocation, "recover"); }
Exit replay(const Invocation& invocation) { return again_since(invocation, "replay"); }

Exit poll(const Invocation& invocation) {
  const auto row_of = [](const Json& item) -> std::vector<std::string> {
    return {text_at(item, "id"), text_at(item, "type"), text_at(item, "subject"), text_at(item, "sequence"),
            text_at(item, "time")};
  };
  return show_list(invocation,
                   {.path = path_of(invocation, "/poll?limit=" + percent_encode(invocation.option_or("limit", "50"))) +
                            query_of(invocation, {"cursor"}),
                    .heading = {"EVENT", "TYPE", "SUBJECT", "#", "TIME"},
                    .row_of = row_of});
}

std::vector<OptionSpec> member_options() {
  return {{"description", "TEXT", "what it is for"},
          {"type", "TYPE", "an event type it wants; may be repeated; none: everything"},
          {"pattern", "FILE", "an EventBridge pattern as JSON instead of types; - reads standard input"},
          {"rate-limit", "N|off", "deliveries per second"},
          kKey};
}

std::vector<OptionSpec> with(std::vector<OptionSpec> options, OptionSpec more) {
  options.insert(options.begin(), std::move(more));
  return client_options(std::move(options));
}

std::vector<CommandSpec> endpoint_commands() {
  return {
      {"webhook create",
       "Make a webhook and print its secret, which is never shown again.",
       {{"URL", "the receiver"}},
       with(member_options(), {"scope", "own|all", "operators: whose events (default all)"}),
       create},
      {"webhook list", "List webhooks, newest first.", {}, client_options({kLimit, kCursor}), list},
      {"webhook show", "Show a webhook with its health.", {kWebhook}, client_options(), show},
      {"webhook change",
       "Change a webhook.",
       {kWebhook},
       with(member_options(), {"url", "URL", "another receiver"}),
       change},
      {"webhook delete", "Delete a webhook and what waits for it.", {kWebhook}, client_options({kKey}), remove},
      {"webhook pause", "Let events wait.", {kWebhook}, client_options({kKey}), pause},
      {"webhook resume",
       "Deliver again after a pause, or after it was disabled.",
       {kWebhook},
       client_options({kKey}),
       resume},
      {"webhook rotate-secret",
       "Give a new secret; the one before signs on for a while.",
       {kWebhook},
       client_options({{"overlap", "SECONDS", "how long (default a day, 0: not at all)"}, kKey}),
       rotate},
      {"webhook ping", "Send a webhook.ping now and say what came of it.", {kWebhook}, client_options(), ping},
  };
}

std::vector<CommandSpec> delivery_commands() {
  const OptionSpec since{"since", "TIME", "from this time on (RFC 3339)", true};
  const OptionSpec dry_run{"dry-run", "", "only count"};
  return {
      {"webhook deliveries",
       "List deliveries, newest first.",
       {kWebhook},
       client_options({{"state", "STATE", "only waiting, delivered or failed"}, kLimit, kCursor}),
       deliveries},
      {"webhook attempts",
       "List attempts with status and duration, newest first.",
       {kWebhook},
       client_options({{"event", "EVENT", "only of this event"},
                       {"status", "STATUS", "only answered so: a status, delivered or failed"},
                       {"from", "TIME", "made at or after (RFC 3339)"},
                       {"to", "TIME", "made before (RFC 3339)"},
                       kLimit,
                       kCursor}),
       attempts},
      {"webhook resend",
       "Deliver one event once more.",
       {kWebhook, {"EVENT", "the event's id"}},
       client_options({kKey}),
       resend},
      {"webhook recover",
       "Deliver again what failed for good.",
       {kWebhook},
       client_options({since, dry_run, kKey}),
       recover},
      {"webhook replay",
       "Deliver events that the webhook was never sent.",
       {kWebhook},
       client_options({since, dry_run, kKey}),
       replay},
      {"webhook poll",
       "List the events that the webhook receives, oldest first.",
       {kWebhook},
       client_options({kLimit, kCursor}),
       poll},
  };
}

}  // namespace

std::vector<CommandSpec> webhook_endpoint_commands() {
  auto all = endpoint_commands();
  auto more = delivery_commands();
  std::move(more.begin(), more.end(), std::back_inserter(all));
  return all;
}

}  // namespace ow::app
