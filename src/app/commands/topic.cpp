// `topic …`: topics, subscriptions, publishing.
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"

namespace ow::app {
namespace {

using base::Json;

std::string path_of(const Invocation& invocation, const std::string& tail = "") {
  return "/api/topics/" + percent_encode(invocation.argument(0)) + tail;
}

Exit call_and_print(const Invocation& invocation, ApiCall call) {
  const auto answer = ApiClient(invocation).call(std::move(call));
  if (!answer) return exit_with(answer.error(), invocation.json());
  fmt::print("{}\n", answer->is_null()   ? "{}"
                     : invocation.json() ? base::to_text(*answer)
                                         : base::to_pretty_text(*answer));
  return Exit::done;
}

Exit list(const Invocation& invocation) {
  return show_list(invocation, {"/api/topics?limit=50" + query_of(invocation, {"cursor"}),
                                {"TOPIC", "SUBSCRIPTIONS", "DESCRIPTION"},
                                [](const Json& topic) {
                                  const Json* subscriptions = topic.find("subscriptions");
                                  const auto count = subscriptions == nullptr ? 0 : subscriptions->as_array().size();
                                  return std::vector<std::string>{text_at(topic, "name"), std::to_string(count),
                                                                  text_at(topic, "description")};
                                }});
}

Exit show(const Invocation& invocation) { return call_and_print(invocation, {.path = path_of(invocation)}); }

Exit create(const Invocation& invocation) {
  return call_and_print(invocation, {.method = "POST",
                                     .path = "/api/topics",
                                     .body = Json::object({{"name", invocation.argument(0)},
                                                           {"description", invocation.option_or("description", "")}})});
}

Exit remove(const Invocation& invocation) {
  return call_and_print(invocation, {.method = "DELETE", .path = path_of(invocation)});
}

/// The JSON of a file, or a text as it is.
base::Result<Json> json_file(const std::string& file) {
  const auto text = read_input(file);
  if (!text) return base::fail(text.error());
  return base::parse_json(*text);
}

Exit subscribe(const Invocation& invocation) {
  auto body = Json::object({{"protocol", invocation.argument(1)}, {"target", invocation.argument(2)}});
  if (const auto file = invocation.option("filter")) {
    auto filter = json_file(*file);
    if (!filter) {
      complain(filter.error(), invocation.json());
      return Exit::usage;
    }
    body.set("filter", std::move(*filter));
  }
  return call_and_print(invocation,
                        {.method = "POST", .path = path_of(invocation, "/subscriptions"), .body = std::move(body)});
}

Exit unsubscribe(const Invocation& invocation) {
  return call_and_print(
      invocation,
      {.method = "DELETE", .path = path_of(invocation, "/subscriptions/" + percent_encode(invocation.argument(1)))});
}

Exit publish(const Invocation& invocation) {
  auto body = Json::object();
  if (const auto subject = invocation.option("subject")) body.set("subject", *subject);
  const auto text = invocation.option("text");
  const auto file = invocation.option("message");
  if (text.has_value() == file.has_value()) {
    complain("topic publish needs either --text or --message");
    return Exit::usage;
  }
  auto message = text ? base::Result<Json>(Json(*text)) : json_file(*file);
  if (!message) {
    complain(message.error(), invocation.json());
    return Exit::usage;
  }
  body.set("message", std::move(*message));
  return call_and_print(invocation,
                        {.method = "POST", .path = path_of(invocation, "/publish"), .body = std::move(body)});
}

}  // namespace

std::vector<CommandSpec> topic_commands() {
  const ArgumentSpec name{"TOPIC", "its name"};
  return {
      {"topic list", "List topics.", {}, client_options({{"cursor", "CURSOR", "the next page"}}), list},
      {"topic show", "Show a topic with its subscriptions.", {name}, client_options(), show},
      {"topic create", "Make a topic.", {name}, client_options({{"description", "TEXT", "what it is for"}}), create},
      {"topic delete", "Remove a topic with its subscriptions.", {name}, client_options(), remove},
      {"topic subscribe",
       "Subscribe a mail address, a webhook or a queue.",
       {name,
        {"PROTOCOL", "mail, webhook or queue"},
        {"TARGET", "the address, the webhook's id, or a queue's name beginning with topic-"}},
       client_options({{"filter", "FILE", "an event pattern over the message"}}),
       subscribe},
      {"topic unsubscribe", "End a subscription.", {name, {"SUBSCRIPTION", "its id"}}, client_options(), unsubscribe},
      {"topic publish",
       "Publish a message.",
       {name},
       client_options({{"subject", "TEXT", "the subject of mails"},
                       {"text", "TEXT", "the message as a text"},
                       {"message", "FILE", "the message as a JSON object"}}),
       publish},
  };
}

}  // namespace ow::app
