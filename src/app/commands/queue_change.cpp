// `queue redrive|purge|delete|pause|resume|stop`: what operators change about queues. See queue.h.
#include <fmt/format.h>

#include <chrono>

#include "app/commands/queue.h"
#include "app/listing.h"
#include "base/bounds.h"

namespace ow::app {
namespace {

using base::Json;
using namespace std::chrono_literals;

constexpr auto kPollPeriod = 200ms;

/// A number as the server shall judge it; text that is none is sent as text and refused by name.
Json number_of(const std::string& text) {
  const base::JsonNumber number{text};
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  return digits && number.integer() ? Json(number) : Json(text);
}

Json filter_of(const Invocation& invocation) {
  auto filter = Json::object();
  for (const char* name : {"group", "text", "error"}) {
    if (const auto value = invocation.option(name)) filter.set(name, *value);
  }
  for (const auto& [option, member] : number_filters()) {
    if (const auto value = invocation.option(option)) filter.set(member, number_of(*value));
  }
  return filter;
}

base::Result<Json> wish_of(const Invocation& invocation) {
  auto wish = Json::object();
  if (invocation.flag("all")) wish.set("all", true);
  if (invocation.flag("id")) {
    auto ids = Json::array();
    for (const auto& id : invocation.options("id")) ids.push_back(id);
    wish.set("ids", std::move(ids));
  }
  auto filter = filter_of(invocation);
  if (!filter.as_object().empty()) wish.set("filter", std::move(filter));
  if (const auto file = invocation.option("body")) {
    auto text = read_input(*file);
    if (!text) return base::fail(text.error());
    wish.set("body", std::move(*text));
  }
  if (const auto rate = invocation.option("rate")) wish.set("ratePerSecond", number_of(*rate));
  if (const auto reason = invocation.option("reason")) wish.set("reason", *reason);
  return wish;
}

Exit end_of(const Json& operation, bool json) {
  if (json) {
    fmt::print("{}\n", base::to_text(operation));
  } else {
    print_members(operation, operation_members());
  }
  const auto* missing = operation.find("missing");
  const bool all_met = missing == nullptr || missing->as_array().empty();
  return operation.string_at("status") == "failed" || !all_met ? Exit::refused : Exit::done;
}

/// Waits for the operation's end, unless told not to.
Exit follow(const Invocation& invocation, const base::Result<Json>& started) {
  if (!started) return exit_with(started.error(), invocation.json());
  ApiClient client(invocation);
  auto operation = *started;
  while (!invocation.flag("no-wait") && operation.string_at("status") == "running") {
    wait_for(kPollPeriod);
    auto seen = client.call({.path = "/api/queue-operations/" + text_at(operation, "operationId")});
    if (!seen) return exit_with(seen.error(), invocation.json());
    operation = std::move(*seen);
  }
  if (operation.string_at("status") == "running") {
    fmt::print("{}\n", invocation.json() ? base::to_text(operation) : text_at(operation, "operationId"));
    return Exit::done;
  }
  return end_of(operation, invocation.json());
}

std::string key_of(const Invocation& invocation) { return invocation.option_or("idempotency-key", ""); }

Exit redrive(const Invocation& invocation) {
  auto wish = wish_of(invocation);
  if (!wish) {
    complain(wish.error(), invocation.json());
    return Exit::usage;
  }
  if (invocation.flag("all") + invocation.flag("id") + (wish->find("filter") != nullptr ? 1 : 0) != 1) {
    complain("queue redrive needs one of --all, --id (once a message) or filters such as --error TEXT");
    return Exit::usage;
  }
  return follow(invocation, ApiClient(invocation)
                                .call({.method = "POST",
                                       .path = queue_path(invocation) + "/redrive",
                                       .body = std::move(*wish),
                                       .idempotency_key = key_of(invocation)}));
}

Exit purge(const Invocation& invocation) {
  auto body = Json::object({{"confirm", *invocation.option("confirm")}, {"reason", *invocation.option("reason")}});
  return follow(invocation, ApiClient(invocation)
                                .call({.method = "POST",
                                       .path = queue_path(invocation) + "/purge",
                                       .body = std::move(body),
                                       .idempotency_key = key_of(invocation)}));
}

Json reason_body(const Invocation& invocation) {
  return Json::object({{"reason", invocation.option_or("reason", "")}});
}

Exit remove(const Invocation& invocation) {
  const auto path = queue_path(invocation) + "/messages/" + percent_encode(invocation.argument(1)) + "/delete";
  return show_answer(
      invocation,
      {.method = "POST", .path = path, .body = reason_body(invocation), .idempotency_key = key_of(invocation)},
      {"messageId", "group", "state", "receives"});
}

Exit set_paused(const Invocation& invocation, const char* verb) {
  return show_answer(invocation,
                     {.method = "POST",
                      .path = queue_path(invocation) + "/" + verb,
                      .body = reason_body(invocation),
                      .idempotency_key = key_of(invocation)},
                     {"name", "paused"});
}

Exit pause(const Invocation& invocation) { return set_paused(invocation, "pause"); }
Exit resume(const Invocation& invocation) { return set_paused(invocation, "resume"); }

Exit stop(const Invocation& invocation) {
  return show_answer(invocation,
                     {.method = "POST",
                      .path = "/api/queue-operations/" + percent_encode(invocation.argument(0)) + "/stop",
                      .body = reason_body(invocation),
                      .idempotency_key = key_of(invocation)},
                     operation_members());
}

const OptionSpec kReason{"reason", "TEXT", "why; kept with the event of it"};
const OptionSpec kReasonNeeded{"reason", "TEXT", "why; kept with the event of it", true};
const OptionSpec kKey{"idempotency-key", "KEY", "the same key again repeats nothing"};
const OptionSpec kNoWait{"no-wait", "", "do not wait for the end of the work"};

std::vector<OptionSpec> redrive_options() {
  auto options = filter_options();
  for (const OptionSpec& more : {OptionSpec{"all", "", "every dead letter of the queue"},
                                 OptionSpec{"id", "ID", "this message; give it once a message"},
                                 OptionSpec{"body", "FILE", "deliver this JSON instead; - reads standard input"},
                                 OptionSpec{"rate", "N", "at most N messages a second"}, kReason, kKey, kNoWait})
    options.push_back(more);
  return client_options(std::move(options));
}

}  // namespace

std::string queue_path(const Invocation& invocation) { return "/api/queues/" + percent_encode(invocation.argument(0)); }

std::vector<OptionSpec> filter_options() {
  return {{"group", "NAME", "only of this group or owner"},
          {"text", "TEXT", "only with this text in the body"},
          {"error", "TEXT", "only with this text in the last error"},
          {"min-receives", "N", "only those received at least N times"},
          {"max-receives", "N", "only those received at most N times"},
          {"older-than", "SECONDS", "only those sent at least so long ago"},
          {"younger-than", "SECONDS", "only those sent less long ago"}};
}

const std::vector<std::pair<std::string, std::string>>& number_filters() {
  static const std::vector<std::pair<std::string, std::string>> all = {{"min-receives", "minReceives"},
                                                                       {"max-receives", "maxReceives"},
                                                                       {"older-than", "olderThanSeconds"},
                                                                       {"younger-than", "youngerThanSeconds"}};
  return all;
}

void print_members(const Json& object, const std::vector<std::string>& names) {
  for (const auto& name : names) fmt::print("{:<22}  {}\n", name, text_at(object, name));
}

Exit show_answer(const Invocation& invocation, ApiCall call, const std::vector<std::string>& names) {
  const auto answer = ApiClient(invocation).call(std::move(call));
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
  } else {
    print_members(*answer, names);
  }
  return Exit::done;
}

std::vector<std::string> operation_members() {
  return {"operationId", "kind",   "queue",       "status",  "messages", "missing",
          "by",          "reason", "requestedAt", "endedAt", "failure"};
}

std::vector<CommandSpec> queue_change_commands() {
  const ArgumentSpec queue{"QUEUE", "the queue's name"};
  return {{"queue redrive",
           "Send dead letters back to their queue; QUEUE may be named with or without .dlq.",
           {queue},
           redrive_options(),
           redrive},
          {"queue purge",
           "Drop every message that the queue holds now.",
           {queue},
           client_options({{"confirm", "QUEUE", "the queue's name once more", true}, kReasonNeeded, kKey, kNoWait}),
           purge},
          {"queue delete",
           "Delete one message.",
           {queue, {"MESSAGE", "the message's id"}},
           client_options({kReasonNeeded, kKey}),
           remove},
          {"queue pause", "Hand out nothing of the queue.", {queue}, client_options({kReason, kKey}), pause},
          {"queue resume", "Hand out messages again.", {queue}, client_options({kReason, kKey}), resume},
          {"queue stop",
           "End a redrive or purge where it is.",
           {{"OPERATION", "the operation's id"}},
           client_options({kReason, kKey}),
           stop}};
}

}  // namespace ow::app
