// `background show|pause|resume` and `restores list|show`: whether background work runs, and how a restored store
// compares with the payment gateway.
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"
#include "app/table.h"

namespace ow::app {
namespace {

using base::Json;

Exit print_work(const base::Result<Json>& work, const Invocation& invocation) {
  if (!work) return exit_with(work.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*work));
    return Exit::done;
  }
  print_table({"STATE", "PER SECOND", "SINCE", "BY", "REASON"},
              {{work->bool_at("paused").value_or(false) ? "paused" : "running", text_at(*work, "perSecond"),
                text_at(*work, "since"), text_at(*work, "by"), text_at(*work, "reason")}});
  return Exit::done;
}

Exit show(const Invocation& invocation) {
  return print_work(ApiClient(invocation).call({.path = "/api/background"}), invocation);
}

Exit pause(const Invocation& invocation) {
  return print_work(ApiClient(invocation)
                        .call({.method = "POST",
                               .path = "/api/background/pause",
                               .body = Json::object({{"reason", *invocation.option("reason")}})}),
                    invocation);
}

Exit resume(const Invocation& invocation) {
  auto body = Json::object({{"reason", *invocation.option("reason")}});
  if (const auto rate = invocation.option("per-second")) {
    const auto number = base::parse_json(*rate);
    if (!number || !number->is_number()) {
      complain("--per-second must be a number of messages");
      return Exit::usage;
    }
    body.set("perSecond", *number);
  }
  if (invocation.flag("force")) body.set("force", true);
  return print_work(
      ApiClient(invocation).call({.method = "POST", .path = "/api/background/resume", .body = std::move(body)}),
      invocation);
}

std::vector<std::string> restore_row(const Json& restore) {
  return {text_at(restore, "restoreId"),       text_at(restore, "state"),           text_at(restore, "snapshotAt"),
          text_at(restore, "restoredAt"),      text_at(restore, "effectsCompared"), text_at(restore, "lostCharges"),
          text_at(restore, "ordersCancelled"), text_at(restore, "findings"),        text_at(restore, "problem")};
}

Exit list_restores(const Invocation& invocation) {
  const auto path = "/api/restores?limit=" + percent_encode(invocation.option_or("limit", "50"));
  return show_list(invocation, {.path = path + query_of(invocation, {"cursor"}),
                                .heading = {"RESTORE", "STATE", "SNAPSHOT OF", "RESTORED", "COMPARED", "LOST CHARGES",
                                            "CANCELLED", "FINDINGS", "PROBLEM"},
                                .row_of = restore_row});
}

std::vector<std::string> finding_row(const Json& finding) {
  return {text_at(finding, "orderId"),  text_at(finding, "what"),      text_at(finding, "amount"),
          text_at(finding, "currency"), text_at(finding, "gatewayId"), text_at(finding, "time")};
}

Exit show_restore(const Invocation& invocation) {
  const auto path = fmt::format("/api/restores/{}?limit={}", percent_encode(invocation.argument(0)),
                                percent_encode(invocation.option_or("limit", "50")));
  return show_list(invocation, {.path = path + query_of(invocation, {"cursor"}),
                                .heading = {"ORDER", "WHAT", "AMOUNT", "CURRENCY", "GATEWAY ID", "TIME"},
                                .row_of = finding_row});
}

std::vector<OptionSpec> paging() {
  return client_options({{"limit", "N", "items a page (default 50)"}, {"cursor", "CURSOR", "from the page before"}});
}

}  // namespace

std::vector<CommandSpec> background_commands() {
  const OptionSpec reason{"reason", "TEXT", "why, for those who come after", true};
  return {
      {"background show", "Whether background work runs, since when and why (operators).", {}, client_options(), show},
      {"background pause", "Stop all consumers; holds through restarts.", {}, client_options({reason}), pause},
      {"background resume",
       "Let all consumers run again.",
       {},
       client_options({reason,
                       {"per-second", "N", "at most so many messages a second over all queues"},
                       {"force", "", "although a restore is not reconciled with the payment gateway"}}),
       resume},
      {"restores list",
       "Restores and how they compare with the payment gateway (operators).",
       {},
       paging(),
       list_restores},
      {"restores show", "What people must look at after a restore.", {{"RESTORE", "its id"}}, paging(), show_restore},
  };
}

}  // namespace ow::app
