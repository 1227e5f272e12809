// `serve` and `sandbox-gateway`: the long-running processes.
#include "app/commands/commands.h"
#include "app/config.h"
#include "app/production.h"

namespace ow::app {
namespace {

std::vector<OptionSpec> serve_options() {
  std::vector<OptionSpec> options;
  for (const auto& member : config_members()) {
    if (!member.option.name.empty()) options.push_back(member.option);
  }
  options.push_back(
      {"config", "FILE", "a JSON file with any of these and: corsOrigins, issuer, jwksUrl, clientId, groupsClaim"});
  return options;
}

Exit run_serve(const Invocation& invocation) {
  const auto config = read_config(invocation);
  if (!config) {
    complain(config.error(), invocation.json());
    return Exit::usage;
  }
  return serve(*config);
}

Exit run_gateway(const Invocation& invocation) {
  Config where;
  const auto listen = parse_listen(invocation.option_or("listen", "127.0.0.1:8090"), where);
  if (!listen) {
    complain(listen.error(), invocation.json());
    return Exit::usage;
  }
  return serve_gateway(*invocation.option("data"), where.address, where.port);
}

}  // namespace

std::vector<CommandSpec> serve_commands() {
  return {
      {"serve", "Run the platform.", {}, serve_options(), run_serve},
      {"sandbox-gateway",
       "Run the simulated payment gateway alone (test tokens, durable ledger).",
       {},
       {{"data", "DIR", "the directory of its ledger", true},
        {"listen", "ADDR:PORT", "where to listen (default 127.0.0.1:8090; port 0: any free)"}},
       run_gateway},
  };
}

}  // namespace ow::app
