// The public vectors that tests of this room read; they live outside the repository (OW_VECTORS overrides).
#pragma once

#include <optional>
#include <string>

#include "base/json.h"

namespace ow::identity {

/// The JSON of `wycheproof/<name>`; nothing when the file is not there.
std::optional<base::Json> load_wycheproof(const std::string& name);

/// "00a2b4" to bytes.
std::string from_hex(std::string_view hex);

}  // namespace ow::identity

/// Loads a vector file into `variable`, or says loudly that the suite did not run.
#define OW_LOAD_WYCHEPROOF(variable, name)                                                                 \
  const auto variable##_file = ::ow::identity::load_wycheproof(name);                                      \
  if (!variable##_file) GTEST_SKIP() << "SKIPPED: the vectors wycheproof/" << (name) << " were not found"; \
  const ::ow::base::Json& variable = *variable##_file
