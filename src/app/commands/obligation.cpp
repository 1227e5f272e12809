// `obligation list|totals|retry|waive`: what is owed, of a running server.
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"

namespace ow::app {
namespace {

using base::Json;

std::string owed(const Json& obligation) {
  const auto* units = obligation.find("units");
  return units != nullptr ? text_at(*units, "count") + " x " + text_at(*units, "of")
                          : text_at(obligation, "amount") + " " + text_at(obligation, "currency");
}

std::vector<std::string> row_of(const Json& obligation) {
  return {text_at(obligation, "obligationId"),
          text_at(obligation, "status"),
          owed(obligation),
          text_at(obligation, "debtor"),
          text_at(obligation, "creditor"),
          text_at(obligation, "orderId"),
          text_at(obligation, "ageSeconds") + " s" + (obligation.bool_at("overdue").value_or(false) ? " !" : ""),
          text_at(obligation, "cause")};
}

Exit list(const Invocation& invocation) {
  const auto limit = percent_encode(invocation.option_or("limit", "50"));
  return show_list(invocation,
                   {.path = "/api/obligations?limit=" + limit + query_of(invocation, {"status", "cursor"}),
                    .heading = {"OBLIGATION", "STATUS", "OWED", "DEBTOR", "CREDITOR", "ORDER", "AGE", "CAUSE"},
                    .row_of = row_of});
}

std::string sums(const Json& day, const char* status) {
  const auto* part = day.find(status);
  if (part == nullptr) return "-";
  auto text = text_at(*part, "count");
  for (const auto& amount : part->find("amounts")->as_array())
    text += ", " + text_at(amount, "amount") + " " + text_at(amount, "currency");
  for (const auto& units : part->find("units")->as_array())
    text += ", " + text_at(units, "count") + " x " + text_at(units, "of");
  return text;
}

Exit totals(const Invocation& invocation) {
  return show_list(invocation,
                   {.path = "/api/obligations/totals?days=" + percent_encode(invocation.option_or("days", "30")),
                    .heading = {"DAY", "OPEN", "SETTLED", "WAIVED"},
                    .row_of = [](const Json& day) -> std::vector<std::string> {
                      return {text_at(day, "day"), sums(day, "open"), sums(day, "settled"), sums(day, "waived")};
                    }});
}

Exit act(const Invocation& invocation, const char* action, Json body) {
  const auto path = fmt::format("/api/obligations/{}/{}", percent_encode(invocation.argument(0)), action);
  const auto answer = ApiClient(invocation).call({.method = "POST", .path = path, .body = std::move(body)});
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
  } else {
    fmt::print("{}  {}\n", text_at(*answer, "obligationId"), text_at(*answer, "status"));
  }
  return Exit::done;
}

Exit retry(const Invocation& invocation) { return act(invocation, "retry", {}); }
Exit waive(const Invocation& invocation) {
  return act(invocation, "waive", Json::object({{"reason", invocation.option_or("reason", "")}}));
}

const ArgumentSpec kObligation{"OBLIGATION", "the obligation's id"};

}  // namespace

std::vector<CommandSpec> obligation_commands() {
  return {
      {"obligation list",
       "List what is owed, newest first (operators).",
       {},
       client_options({{"status", "STATUS", "open (default), settled or waived"},
                       {"limit", "N", "at most N (default and maximum 50)"},
                       {"cursor", "CURSOR", "continue an earlier list"}}),
       list},
      {"obligation totals",
       "Show what became owed on each day, and what of it is still open.",
       {},
       client_options({{"days", "N", "how many days back (default 30, at most 92)"}}),
       totals},
      {"obligation retry", "Try to settle an obligation now.", {kObligation}, client_options(), retry},
      {"obligation waive",
       "Give an obligation up.",
       {kObligation},
       client_options({{"reason", "TEXT", "why; kept with your name", true}}),
       waive},
  };
}

}  // namespace ow::app
