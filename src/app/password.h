// Where a password comes from: a file, the environment, or a prompt that does not echo. Main thread.
#pragma once

#include <string>
#include <vector>

#include "app/command_line.h"
#include "base/result.h"

namespace ow::app {

std::vector<OptionSpec> password_options();

/// --password-file (- is standard input; one trailing line break is dropped), else OW_PASSWORD, else a prompt
/// on the terminal. Error malformed when there is none of them.
base::Result<std::string> read_password(const Invocation& invocation);

}  // namespace ow::app
