// Which scope of an API key suffices on the routes that operate the platform: one table over all rooms, for
// routes that do not name their own. Loop thread.
#pragma once

#include "http/router.h"

namespace ow::app {

/// Sets the scope of each route that names none and lies in an area of the table. Routes for admins, and open
/// ones, are left alone.
void give_scopes(http::Routes& routes);

}  // namespace ow::app
