// `queue …`: looking into the queues of a running server. What changes them is in queue_change.cpp.
#include "app/commands/queue.h"

#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"

namespace ow::app {
namespace {

std::string seconds_of(const base::Json& json, const char* name) {
  const auto age = text_at(json, name);
  return age == "-" ? age : age + " s";
}

std::string state_of(const base::Json& queue) { return queue.bool_at("paused").value_or(false) ? "paused" : "running"; }

std::vector<std::string> queue_row(const base::Json& queue) {
  return {text_at(queue, "name"),
          text_at(queue, "kind"),
          text_at(queue, "ready"),
          text_at(queue, "inFlight"),
          text_at(queue, "delayed"),
          text_at(queue, "dead"),
          seconds_of(queue, "oldestAgeSeconds"),
          state_of(queue)};
}

Exit list(const Invocation& invocation) {
  return show_list(invocation,
                   {.path = "/api/queues",
                    .heading = {"QUEUE", "KIND", "READY", "IN FLIGHT", "DELAYED", "DEAD", "OLDEST", "STATE"},
                    .row_of = queue_row});
}

Exit show(const Invocation& invocation) {
  return show_answer(invocation, {.path = queue_path(invocation)},
                     {"name", "kind", "paused", "depth", "ready", "inFlight", "delayed", "dead", "oldestAgeSeconds",
                      "receiveLimit", "visibilitySeconds"});
}

std::vector<std::string> message_row(const base::Json& message) {
  return {text_at(message, "messageId"), text_at(message, "group"),         text_at(message, "state"),
          text_at(message, "receives"),  seconds_of(message, "ageSeconds"), text_at(message, "error")};
}

Exit messages(const Invocation& invocation) {
  const auto limit = percent_encode(invocation.option_or("limit", "50"));
  std::string filters = query_of(invocation, {"group", "text", "error", "id", "cursor"});
  for (const auto& [option, parameter] : number_filters()) {
    if (const auto value = invocation.option(option))
      filters += fmt::format("&{}={}", parameter, percent_encode(*value));
  }
  return show_list(invocation, {.path = queue_path(invocation) + "/messages?limit=" + limit + filters,
                                .heading = {"MESSAGE", "GROUP", "STATE", "RECEIVES", "AGE", "ERROR"},
                                .row_of = message_row});
}

void print_life(const base::Json& message) {
  const auto* death = message.find("death");
  if (death != nullptr && death->is_object()) {
    for (const char* name : {"queue", "error", "receives", "firstReceivedAt", "lastReceivedAt", "at"})
      fmt::print("death.{:<17} {}\n", name, text_at(*death, name));
  }
  const auto* edit = message.find("edit");
  if (edit != nullptr && edit->is_object()) {
    fmt::print("{:<23} {}\n", "edit.original", text_at(*edit, "original"));
    for (const auto& one : edit->find("edits")->as_array())
      fmt::print("{:<23} {}  {}  {}\n", "edit", text_at(one, "at"), text_at(one, "by"), text_at(one, "reason"));
  }
}

Exit message(const Invocation& invocation) {
  const auto path = queue_path(invocation) + "/messages/" + percent_encode(invocation.argument(1));
  const auto answer = ApiClient(invocation).call({.path = path});
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
    return Exit::done;
  }
  print_members(*answer, {"messageId", "group", "state", "receives", "sentAt", "ageSeconds", "error", "expiresAt"});
  print_life(*answer);
  fmt::print("\n{}\n", text_at(*answer, "body"));
  return Exit::done;
}

std::vector<std::string> operation_row(const base::Json& operation) {
  return {text_at(operation, "operationId"), text_at(operation, "kind"),     text_at(operation, "queue"),
          text_at(operation, "status"),      text_at(operation, "messages"), text_at(operation, "by"),
          text_at(operation, "requestedAt")};
}

Exit operations(const Invocation& invocation) {
  const auto limit = percent_encode(invocation.option_or("limit", "50"));
  return show_list(invocation, {.path = "/api/queue-operations?limit=" + limit + query_of(invocation, {"cursor"}),
                                .heading = {"OPERATION", "KIND", "QUEUE", "STATUS", "MESSAGES", "BY", "REQUESTED"},
                                .row_of = operation_row});
}

Exit operation(const Invocation& invocation) {
  return show_answer(invocation, {.path = "/api/queue-operations/" + percent_encode(invocation.argument(0))},
                     operation_members());
}

std::vector<std::string> result_row(const base::Json& result) {
  return {text_at(result, "messageId"), text_at(result, "group"), text_at(result, "outcome")};
}

Exit results(const Invocation& invocation) {
  auto cursor = query_of(invocation, {"cursor"});
  if (!cursor.empty()) cursor.front() = '?';
  return show_list(invocation,
                   {.path = "/api/queue-operations/" + percent_encode(invocation.argument(0)) + "/results" + cursor,
                    .heading = {"MESSAGE", "GROUP", "OUTCOME"},
                    .row_of = result_row});
}

const OptionSpec kCursor{"cursor", "CURSOR", "continue an earlier list"};
const OptionSpec kLimit{"limit", "N", "at most N (default and maximum 50)"};

std::vector<OptionSpec> message_options() {
  auto options = filter_options();
  options.push_back({"id", "ID", "only this message"});
  options.push_back(kLimit);
  options.push_back(kCursor);
  return client_options(std::move(options));
}

}  // namespace

std::vector<CommandSpec> queue_commands() {
  const ArgumentSpec queue{"QUEUE", "the queue's name"};
  const ArgumentSpec operation_id{"OPERATION", "the operation's id"};
  std::vector<CommandSpec> commands = {
      {"queue list", "List the queues with their depth and age (operators).", {}, client_options(), list},
      {"queue show", "Show one queue.", {queue}, client_options(), show},
      {"queue messages", "List messages of a queue without receiving them.", {queue}, message_options(), messages},
      {"queue message",
       "Show one message with its whole body.",
       {queue, {"MESSAGE", "the message's id"}},
       client_options(),
       message},
      {"queue operations",
       "List redrives and purges, newest first.",
       {},
       client_options({kLimit, kCursor}),
       operations},
      {"queue operation", "Show how far a redrive or purge came.", {operation_id}, client_options(), operation},
      {"queue results",
       "Show what became of each message of an operation.",
       {operation_id},
       client_options({kCursor}),
       results}};
  for (auto& command : queue_change_commands()) commands.push_back(std::move(command));
  return commands;
}

}  // namespace ow::app
