// An expression of the States Language: a path or a call of an intrinsic function
// (`States.Format('{}', $.name)`). Source: states-language.net "Intrinsic Functions". Immutable: any thread.
#pragma once

#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "states/path.h"

namespace ow::states {

struct Intrinsic;  // an entry of the table of functions, see intrinsics.h

class Expression {
 public:
  /// Error malformed, saying what is wrong; unknown functions and wrong numbers of arguments are refused.
  static base::Result<Expression> parse(std::string_view text);

  Evaluated<base::Json> evaluate(const Scope& scope) const;

 private:
  struct Call {
    const Intrinsic* function = nullptr;
    std::vector<Expression> arguments;
  };
  using Node = std::variant<base::Json, Path, Call>;

  explicit Expression(Node node);
  static base::Result<Expression> parse_call(TextCursor& cursor);
  static base::Result<Expression> parse_argument(TextCursor& cursor);
  static base::Result<std::vector<Expression>> parse_arguments(TextCursor& cursor);

  Node node_;
};

}  // namespace ow::states
