// See commands.h.
#include <iterator>

#include "app/commands/commands.h"

namespace ow::app {

std::vector<CommandSpec> all_commands() {
  std::vector<CommandSpec> all;
  for (auto group : {serve_commands,
                     token_commands,
                     user_commands,
                     account_commands,
                     person_commands,
                     api_key_commands,
                     order_commands,
                     product_commands,
                     event_commands,
                     event_source_commands,
                     queue_commands,
                     workflow_commands,
                     definition_commands,
                     execution_commands,
                     obligation_commands,
                     rule_commands,
                     event_rule_commands,
                     replay_commands,
                     webhook_endpoint_commands,
                     webhook_commands,
                     mail_commands,
                     receipt_commands,
                     topic_commands,
                     snapshot_commands,
                     background_commands,
                     export_commands,
                     doctor_commands}) {
    auto commands = group();
    std::move(commands.begin(), commands.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace ow::app
