// Parsing of paths; see path.h.
#include <cctype>
#include <charconv>

#include "states/path.h"
#include "states/path_filter.h"

namespace ow::states {
namespace {

using base::fail;
using base::Result;

tl::unexpected<base::Error> malformed_path(const TextCursor& cursor, std::string_view what) {
  return fail(base::ErrorCode::malformed, "invalid_path",
              "expected " + std::string(what) + " at character " + std::to_string(cursor.position() + 1));
}

bool is_name_char(char c) { return std::string_view("$.[](),'\"?@*=<>!&| \t\n\r{}").find(c) == std::string_view::npos; }

bool is_variable_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || byte >= 0x80;
}

Result<std::string> parse_quoted(TextCursor& cursor) {
  const char quote = cursor.next();
  std::string name;
  while (!cursor.at_end()) {
    const char c = cursor.next();
    if (c == quote) return name;
    if (c == '\\' && (cursor.peek() == quote || cursor.peek() == '\\')) {
      name.push_back(cursor.next());
    } else {
      name.push_back(c);
    }
  }
  return malformed_path(cursor, "a closing quote");
}

std::optional<std::int64_t> parse_integer(TextCursor& cursor) {
  std::int64_t value = 0;
  const auto text =
      cursor.take_while([](char c) { return c == '-' || std::isdigit(static_cast<unsigned char>(c)) != 0; });
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<PathStep> close_bracket(TextCursor& cursor, PathStep step) {
  cursor.skip_spaces();
  if (!cursor.take("]")) return malformed_path(cursor, "']'");
  return step;
}

Result<PathStep> parse_slice_end(TextCursor& cursor, std::optional<std::int64_t> from) {
  SliceStep slice{from, std::nullopt};
  cursor.skip_spaces();
  if (cursor.peek() != ']') {
    slice.to = parse_integer(cursor);
    if (!slice.to) return malformed_path(cursor, "an integer");
  }
  return close_bracket(cursor, slice);
}

using Choice = std::variant<MemberStep, IndexStep>;

Result<Choice> parse_choice(TextCursor& cursor) {
  cursor.skip_spaces();
  if (cursor.peek() == '\'' || cursor.peek() == '"') {
    auto name = parse_quoted(cursor);
    if (!name) return fail(std::move(name.error()));
    return MemberStep{std::move(*name)};
  }
  const auto index = parse_integer(cursor);
  if (!index) return malformed_path(cursor, "a quoted name, an index, a slice, '*' or a filter");
  return IndexStep{*index};
}

Result<PathStep> parse_choices(TextCursor& cursor) {
  UnionStep all;
  do {
    auto choice = parse_choice(cursor);
    if (!choice) return fail(std::move(choice.error()));
    all.choices.push_back(std::move(*choice));
    cursor.skip_spaces();
    if (all.choices.size() == 1 && cursor.take(":")) {
      if (const auto* index = std::get_if<IndexStep>(&all.choices.front())) {
        return parse_slice_end(cursor, index->index);
      }
    }
  } while (cursor.take(","));
  if (all.choices.size() > 1) return close_bracket(cursor, std::move(all));
  return close_bracket(cursor, std::visit([](auto& step) { return PathStep(std::move(step)); }, all.choices.front()));
}

Result<PathStep> parse_bracket(TextCursor& cursor) {
  cursor.skip_spaces();
  if (cursor.take("*")) return close_bracket(cursor, WildcardStep{});
  if (cursor.take(":")) return parse_slice_end(cursor, std::nullopt);
  if (cursor.take("?")) {
    auto condition = parse_filter(cursor);
    if (!condition) return fail(std::move(condition.error()));
    return close_bracket(cursor, FilterStep{std::move(*condition)});
  }
  return parse_choices(cursor);
}

Result<PathStep> parse_dotted(TextCursor& cursor) {
  if (cursor.take("*")) return WildcardStep{};
  auto name = cursor.take_while(is_name_char);
  if (name.empty()) return malformed_path(cursor, "a member name");
  return MemberStep{std::string(name)};
}

Result<std::vector<PathStep>> parse_steps(TextCursor& cursor) {
  std::vector<PathStep> steps;
  for (;;) {
    Result<PathStep> step = PathStep();
    if (cursor.take("..")) {
      steps.emplace_back(DescendStep{});
      step = cursor.take("[") ? parse_bracket(cursor) : parse_dotted(cursor);
    } else if (cursor.take(".")) {
      step = parse_dotted(cursor);
    } else if (cursor.take("[")) {
      step = parse_bracket(cursor);
    } else {
      return steps;
    }
    if (!step) return fail(std::move(step.error()));
    steps.push_back(std::move(*step));
  }
}

}  // namespace

Result<Path> Path::parse_prefix(TextCursor& cursor, bool candidate_allowed) {
  Path path;
  const auto from = cursor.position();
  if (candidate_allowed && cursor.take("@")) {
    path.root_ = Root::candidate;
  } else if (cursor.take("$$")) {
    path.root_ = Root::context;
  } else if (cursor.take("$")) {
    path.variable_ = std::string(cursor.take_while(is_variable_char));
    if (!path.variable_.empty()) path.root_ = Root::variable;
    if (!path.variable_.empty() && std::isdigit(static_cast<unsigned char>(path.variable_[0])) != 0) {
      return malformed_path(cursor, "a variable name that begins with a letter");
    }
  } else {
    return malformed_path(cursor, "'$'");
  }
  auto steps = parse_steps(cursor);
  if (!steps) return fail(std::move(steps.error()));
  path.steps_ = std::move(*steps);
  path.text_ = std::string(cursor.since(from));
  return path;
}

Result<Path> Path::parse(std::string_view text) {
  TextCursor cursor(text);
  auto path = parse_prefix(cursor);
  if (path && !cursor.at_end()) return malformed_path(cursor, "the end of the path");
  return path;
}

}  // namespace ow::states
