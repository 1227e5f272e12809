// See expression.h.
#include "states/expression.h"

#include <cctype>

#include "states/intrinsics.h"

namespace ow::states {
namespace {

using base::fail;
using base::Json;
using base::Result;

tl::unexpected<base::Error> malformed(std::string what) {
  return fail(base::ErrorCode::malformed, "invalid_expression", std::move(what));
}

/// A literal in single quotes. `\'` is a quote and `\\` a backslash; any other escape stays as it is, for
/// States.Format to read (`\{`).
Result<std::string> parse_literal_text(TextCursor& cursor) {
  cursor.next();
  std::string text;
  while (!cursor.at_end()) {
    const char c = cursor.next();
    if (c == '\'') return text;
    if (c == '\\' && (cursor.peek() == '\'' || cursor.peek() == '\\')) {
      text.push_back(cursor.next());
    } else {
      text.push_back(c);
    }
  }
  return malformed("a text in quotes does not end");
}

bool is_literal_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '+' || c == '.';
}

}  // namespace

Expression::Expression(Node node) : node_(std::move(node)) {}

Result<Expression> Expression::parse(std::string_view text) {
  if (text.starts_with("$")) {
    auto path = Path::parse(text);
    if (!path) return fail(std::move(path.error()));
    return Expression(std::move(*path));
  }
  TextCursor cursor(text);
  auto call = parse_call(cursor);
  if (call && !cursor.at_end()) return malformed("unexpected text behind the call");
  return call;
}

Result<Expression> Expression::parse_call(TextCursor& cursor) {
  const auto name =
      cursor.take_while([](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.'; });
  const auto* function = find_intrinsic(name);
  if (function == nullptr) return malformed("not a JSONPath or an intrinsic function");
  if (!cursor.enter()) return malformed("calls are nested too deep");
  auto arguments = parse_arguments(cursor);
  cursor.leave();
  if (!arguments) return fail(std::move(arguments.error()));
  if (arguments->size() < function->arguments_min || arguments->size() > function->arguments_max) {
    return malformed(std::string(name) + " does not take " + std::to_string(arguments->size()) + " arguments");
  }
  return Expression(Call{function, std::move(*arguments)});
}

Result<std::vector<Expression>> Expression::parse_arguments(TextCursor& cursor) {
  if (!cursor.take("(")) return malformed("expected '(' behind the function's name");
  std::vector<Expression> arguments;
  cursor.skip_spaces();
  if (cursor.take(")")) return arguments;
  do {
    auto argument = parse_argument(cursor);
    if (!argument) return fail(std::move(argument.error()));
    arguments.push_back(std::move(*argument));
    cursor.skip_spaces();
  } while (cursor.take(","));
  if (!cursor.take(")")) return malformed("expected ',' or ')' behind an argument");
  return arguments;
}

Result<Expression> Expression::parse_argument(TextCursor& cursor) {
  cursor.skip_spaces();
  if (cursor.peek() == '$') {
    auto path = Path::parse_prefix(cursor);
    if (!path) return fail(std::move(path.error()));
    return Expression(std::move(*path));
  }
  if (cursor.peek() == '\'') {
    auto text = parse_literal_text(cursor);
    if (!text) return fail(std::move(text.error()));
    return Expression(Json(std::move(*text)));
  }
  if (cursor.rest().starts_with("States.")) return parse_call(cursor);
  const auto literal = cursor.take_while(is_literal_char);
  auto value = base::parse_json(literal);
  if (!value) return malformed("'" + std::string(literal) + "' is no argument");
  return Expression(std::move(*value));
}

Evaluated<Json> Expression::evaluate(const Scope& scope) const {
  if (const auto* path = std::get_if<Path>(&node_)) return path->read(scope);
  if (const auto* literal = std::get_if<Json>(&node_)) return *literal;
  const auto& call = std::get<Call>(node_);
  Arguments values;
  values.reserve(call.arguments.size());
  for (const auto& argument : call.arguments) {
    auto value = argument.evaluate(scope);
    if (!value) return value;
    values.push_back(std::move(*value));
  }
  std::uint64_t fixed = 0;
  return call.function->call(values, scope.random == nullptr ? fixed : *scope.random);
}

}  // namespace ow::states
