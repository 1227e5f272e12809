// `receipt …`: links, downloads, the list.
#include <fmt/format.h>

#include <cstdio>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"

namespace ow::app {
namespace {

using base::Json;

constexpr std::size_t kPdfBytesMax = 64 << 20;

base::Result<Json> link_of(const Invocation& invocation) {
  return ApiClient(invocation).call({.path = "/api/orders/" + percent_encode(invocation.argument(0)) + "/receipt"});
}

Exit list(const Invocation& invocation) {
  return show_list(invocation, {"/api/receipts?limit=50" + query_of(invocation, {"series", "cursor"}),
                                {"NUMBER", "KIND", "ORDER", "TOTAL", "CURRENCY", "ISSUED"},
                                [](const Json& one) {
                                  return std::vector<std::string>{text_at(one, "number"),   text_at(one, "kind"),
                                                                  text_at(one, "orderId"),  text_at(one, "total"),
                                                                  text_at(one, "currency"), text_at(one, "issuedAt")};
                                }});
}

Exit link(const Invocation& invocation) {
  const auto answer = link_of(invocation);
  if (!answer) return exit_with(answer.error(), invocation.json());
  fmt::print("{}\n", invocation.json() ? base::to_text(*answer) : text_at(*answer, "url"));
  return Exit::done;
}

Exit download(const Invocation& invocation) {
  const auto answer = link_of(invocation);
  if (!answer) return exit_with(answer.error(), invocation.json());
  platform::HttpRequest request{.url = text_at(*answer, "url")};
  request.answer_bytes_max = kPdfBytesMax;
  const auto pdf = send_and_wait(std::move(request));
  if (!pdf) return exit_with(pdf.error(), invocation.json());
  if (pdf->status != 200) {
    complain("the link was answered " + std::to_string(pdf->status));
    return Exit::refused;
  }
  const auto name = invocation.option_or("file", "-");
  std::FILE* file = name == "-" ? stdout : std::fopen(name.c_str(), "wb");
  const bool written = file != nullptr && std::fwrite(pdf->body.data(), 1, pdf->body.size(), file) == pdf->body.size();
  const bool closed = file == nullptr || file == stdout || std::fclose(file) == 0;
  if (!written || !closed) {
    complain("cannot write " + name);
    return Exit::usage;
  }
  if (name != "-")
    fmt::print("{}\n", invocation.json()
                           ? base::to_text(Json::object({{"file", name}, {"number", text_at(*answer, "number")}}))
                           : name);
  return Exit::done;
}

}  // namespace

std::vector<CommandSpec> receipt_commands() {
  const ArgumentSpec order{"ORDER", "a completed order"};
  return {
      {"receipt list",
       "List receipts and credit notes, newest number first.",
       {},
       client_options(
           {{"series", "SERIES", "default: the one in force, for example R, or R.20270131T235959 after a restore"},
            {"cursor", "CURSOR", "the next page"}}),
       list},
      {"receipt link",
       "Print a link to an order's receipt that works for 15 minutes without a token.",
       {order},
       client_options(),
       link},
      {"receipt download",
       "Save an order's receipt as a PDF.",
       {order},
       client_options({{"file", "FILE", "where to; - is standard output", true}}),
       download},
  };
}

}  // namespace ow::app
