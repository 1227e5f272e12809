// Random JSON values and texts for the properties of json.h. Test thread only.
#pragma once

#include <rapidcheck.h>

#include "base/json.h"

namespace ow::base {

/// Values of any kind, nested at most `depth` deep; strings hold any Unicode scalar values.
rc::Gen<Json> json_values(int depth);

/// A JSON number's text, in any spelling the grammar allows.
rc::Gen<std::string> json_number_texts();

/// Well-formed UTF-8 of up to about 20 characters.
rc::Gen<std::string> utf8_texts();

}  // namespace ow::base
