// See path_filter.h.
#include "states/path_filter.h"

#include <array>
#include <optional>
#include <variant>

#include "states/path.h"

namespace ow::states {

/// A tree: leaves test a path's presence or compare two operands.
struct FilterExpression {
  enum class Kind : std::uint8_t { present, compare, all, any, negation };
  using Operand = std::variant<Path, base::Json>;

  Kind kind = Kind::present;
  std::string op;
  std::vector<Operand> operands;
  std::vector<std::shared_ptr<const FilterExpression>> parts;
};

namespace {

using base::fail;
using base::Json;
using base::Result;
using Filter = std::shared_ptr<const FilterExpression>;
using Operand = FilterExpression::Operand;
using FilterKind = FilterExpression::Kind;

constexpr std::array<std::string_view, 6> kOperators = {"==", "!=", "<=", ">=", "<", ">"};

tl::unexpected<base::Error> malformed(const TextCursor& cursor, std::string_view what) {
  return fail(base::ErrorCode::malformed, "invalid_path",
              "expected " + std::string(what) + " at character " + std::to_string(cursor.position() + 1));
}

Result<Filter> parse_any(TextCursor& cursor);

std::string quoted_text(TextCursor& cursor) {
  const char quote = cursor.next();
  std::string text;
  while (!cursor.at_end() && cursor.peek() != quote) {
    if (cursor.peek() == '\\') cursor.next();
    text.push_back(cursor.next());
  }
  cursor.next();
  return text;
}

Result<Operand> parse_operand(TextCursor& cursor) {
  cursor.skip_spaces();
  if (cursor.peek() == '@' || cursor.peek() == '$') {
    auto path = Path::parse_prefix(cursor, true);
    if (!path) return fail(std::move(path.error()));
    return Operand(std::move(*path));
  }
  if (cursor.peek() == '\'' || cursor.peek() == '"') return Operand(Json(quoted_text(cursor)));
  const auto literal =
      cursor.take_while([](char c) { return std::string_view(" )&|=<>!").find(c) == std::string_view::npos; });
  auto value = base::parse_json(literal);
  if (!value) return malformed(cursor, "a path, a number, a string, true, false or null");
  return Operand(std::move(*value));
}

std::string_view take_operator(TextCursor& cursor) {
  cursor.skip_spaces();
  for (const auto op : kOperators) {
    if (cursor.take(op)) return op;
  }
  return {};
}

Result<Filter> parse_leaf(TextCursor& cursor) {
  auto left = parse_operand(cursor);
  if (!left) return fail(std::move(left.error()));
  FilterExpression leaf;
  leaf.operands.push_back(std::move(*left));
  leaf.op = std::string(take_operator(cursor));
  if (!leaf.op.empty()) {
    auto right = parse_operand(cursor);
    if (!right) return fail(std::move(right.error()));
    leaf.kind = FilterKind::compare;
    leaf.operands.push_back(std::move(*right));
  }
  return std::make_shared<const FilterExpression>(std::move(leaf));
}

Result<Filter> parse_group(TextCursor& cursor) {
  if (!cursor.take("(")) return malformed(cursor, "'('");
  if (!cursor.enter()) return malformed(cursor, "fewer nested groups");
  auto inner = parse_any(cursor);
  cursor.leave();
  if (!inner) return inner;
  cursor.skip_spaces();
  if (!cursor.take(")")) return malformed(cursor, "')'");
  return inner;
}

Result<Filter> parse_single(TextCursor& cursor) {
  cursor.skip_spaces();
  if (cursor.peek() == '(') return parse_group(cursor);
  if (!cursor.take("!")) return parse_leaf(cursor);
  auto inner = cursor.peek() == '(' ? parse_group(cursor) : parse_leaf(cursor);
  if (!inner) return inner;
  FilterExpression negation;
  negation.kind = FilterKind::negation;
  negation.parts.push_back(std::move(*inner));
  return std::make_shared<const FilterExpression>(std::move(negation));
}

Result<Filter> parse_chain(TextCursor& cursor, FilterKind kind, std::string_view joint,
                           Result<Filter> (*part)(TextCursor&)) {
  FilterExpression chain;
  chain.kind = kind;
  do {
    auto next = part(cursor);
    if (!next) return next;
    chain.parts.push_back(std::move(*next));
    cursor.skip_spaces();
  } while (cursor.take(joint));
  if (chain.parts.size() == 1) return chain.parts.front();
  return std::make_shared<const FilterExpression>(std::move(chain));
}

Result<Filter> parse_all(TextCursor& cursor) { return parse_chain(cursor, FilterKind::all, "&&", parse_single); }

Result<Filter> parse_any(TextCursor& cursor) { return parse_chain(cursor, FilterKind::any, "||", parse_all); }

const Json* value_of(const Operand& operand, const Json& candidate) {
  if (const auto* literal = std::get_if<Json>(&operand)) return literal;
  const auto nodes = std::get<Path>(operand).select(candidate);
  return nodes.empty() ? nullptr : nodes.front();
}

std::optional<int> order_of(const Json& left, const Json& right) {
  if (left.is_number() && right.is_number()) {
    return base::compare_numbers(left.as_number().text, right.as_number().text);
  }
  if (left.is_string() && right.is_string()) return left.as_string().compare(right.as_string());
  return std::nullopt;
}

bool compares(const FilterExpression& leaf, const Json& candidate) {
  const auto* left = value_of(leaf.operands[0], candidate);
  const auto* right = value_of(leaf.operands[1], candidate);
  if (left == nullptr || right == nullptr) return leaf.op == "!=" && left != right;
  if (leaf.op == "==") return *left == *right;
  if (leaf.op == "!=") return !(*left == *right);
  const auto order = order_of(*left, *right);
  if (!order) return false;
  if (leaf.op == "<") return *order < 0;
  if (leaf.op == "<=") return *order <= 0;
  return leaf.op == ">" ? *order > 0 : *order >= 0;
}

}  // namespace

Result<Filter> parse_filter(TextCursor& cursor) {
  cursor.skip_spaces();
  return parse_group(cursor);
}

bool holds(const FilterExpression& condition, const Json& candidate) {
  switch (condition.kind) {
    case FilterKind::present:
      return value_of(condition.operands[0], candidate) != nullptr;
    case FilterKind::compare:
      return compares(condition, candidate);
    case FilterKind::negation:
      return !holds(*condition.parts[0], candidate);
    case FilterKind::all:
      for (const auto& part : condition.parts) {
        if (!holds(*part, candidate)) return false;
      }
      return true;
    case FilterKind::any:
      for (const auto& part : condition.parts) {
        if (holds(*part, candidate)) return true;
      }
      return false;
  }
  return false;
}

}  // namespace ow::states
