// Codes of what an operator may have to act on. Each has a page with cause and remedy, docs/errors/CODE.md.
// Any thread.
#pragma once

#include <span>
#include <string_view>

namespace ow::app {

struct OperatorCode {
  std::string_view reason;  // base::Error::reason
  std::string_view code;
};

/// All reasons that have a code; a code may have several reasons.
std::span<const OperatorCode> operator_codes();

/// The code of a reason; empty when it has none.
std::string_view operator_code(std::string_view reason);

}  // namespace ow::app
