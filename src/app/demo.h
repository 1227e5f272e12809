// Demo data: 20 products and three users with published passwords, seeded once into an empty store. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "identity/identity.h"
#include "platform/store.h"

namespace ow::app {

/// The published password of a demo user; nothing for other names.
std::optional<std::string> demo_password(std::string_view user);

/// Seeds products and users unless this store was seeded before. Error conflict, changing nothing, when the
/// store has users of its own but no demo data.
base::Task<base::Result<void>> seed_demo(platform::Store& store, identity::Identity& identity);

}  // namespace ow::app
