// `user create`: works offline on the data directory, for the first admin.
#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/embedded_node.h"
#include "app/event_rules.h"
#include "app/password.h"
#include "identity/identity.h"

namespace ow::app {
namespace {

base::Task<base::Result<void>> create(identity::Identity& identity, identity::NewUser user, std::string& id) {
  const auto made = co_await identity.create_user(std::move(user));
  if (!made) co_return base::fail(made.error());
  id = made->text;
  co_return base::Result<void>();
}

Exit run_create(const Invocation& invocation) {
  auto password = read_password(invocation);
  if (!password) {
    complain(password.error(), invocation.json());
    return Exit::usage;
  }
  const auto data = *invocation.option("data");
  auto node = EmbeddedNode::open(data, no_event_rules());
  if (!node) {
    complain(node.error(), invocation.json());
    return Exit::refused;
  }
  local::FileSecrets secrets(data + "/secrets");
  identity::Identity identity({(*node)->engine().store(), (*node)->executor(), (*node)->clock(), (*node)->random(),
                               secrets, (*node)->metrics()},
                              {});
  std::string id;
  const auto name = invocation.argument(0);
  const auto role = *invocation.option("role");
  const auto done = run_to_end(**node, create(identity, {name, std::move(*password), {role}}, id));
  if (!done) {
    complain(done.error(), invocation.json());
    return Exit::refused;
  }
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(base::Json::object({{"userId", id}, {"username", name}, {"role", role}})));
  } else {
    fmt::print("Created {} ({}) as {}.\n", name, id, role);
  }
  return Exit::done;
}

}  // namespace

std::vector<CommandSpec> user_commands() {
  auto options = password_options();
  options.insert(options.begin(), {{"data", "DIR", "the data directory; no server may be running on it", true},
                                   {"role", "ROLE", "shopper, operator or admin", true}});
  return {{"user create", "Create a user, offline.", {{"NAME", "the login name"}}, std::move(options), run_create}};
}

}  // namespace ow::app
