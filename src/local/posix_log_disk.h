// LogDisk on a directory of this machine. See the port for threads.
#pragma once

#include <memory>
#include <string>

#include "platform/log_disk.h"

namespace ow::local {

/// Makes the directory when it is not there. Error unavailable: not writable.
base::Result<std::unique_ptr<platform::LogDisk>> open_log_disk(const std::string& directory);

}  // namespace ow::local
