// Whether an execution may go on in another version of its definition. Pure: any thread.
#pragma once

#include <string>
#include <vector>

#include "states/definition.h"
#include "states/execution.h"

namespace ow::states {

/// One sentence for each place where the execution stands and the definition has nothing alike: a state that is
/// gone or of another type, another number of branches. Empty: it may go on there.
std::vector<std::string> incompatibilities(const Definition& definition, const Execution& execution);

}  // namespace ow::states
