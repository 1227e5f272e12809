// The option --now of commands that judge as of a second. Main thread.
#pragma once

#include "app/command_line.h"
#include "base/instant.h"

namespace ow::app {

OptionSpec now_option();

/// The second that --now names, else this machine's clock. Error malformed.
base::Result<base::Instant> now_of(const Invocation& invocation);

}  // namespace ow::app
