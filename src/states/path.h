// JSONPath as the States Language uses it: paths that read from the state's input (`$`), the context object
// (`$$`) or a variable (`$name`), and reference paths, which name exactly one node and may be written to.
// Source: states-language.net "Paths", with the selectors of the Jayway implementation that AWS documents.
// Values are immutable after parsing: any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "states/failure.h"
#include "states/text_cursor.h"

namespace ow::states {

/// What an expression is read against. All pointers outlive the evaluation.
struct Scope {
  const base::Json* input = nullptr;              // $
  const base::Json* context = nullptr;            // $$
  std::vector<const base::Json*> variables = {};  // objects, innermost scope first
  std::uint64_t* random = nullptr;                // state of the generator behind States.UUID, MathRandom
};

struct FilterExpression;

struct MemberStep {
  std::string name;
};
struct IndexStep {
  std::int64_t index = 0;  // negative counts from the end
};
struct SliceStep {
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> to;
};
struct WildcardStep {};
/// All descendants and the node itself; the next step applies to each.
struct DescendStep {};
struct UnionStep {
  std::vector<std::variant<MemberStep, IndexStep>> choices;
};
struct FilterStep {
  std::shared_ptr<const FilterExpression> condition;
};
using PathStep = std::variant<MemberStep, IndexStep, SliceStep, WildcardStep, DescendStep, UnionStep, FilterStep>;

class Path {
 public:
  enum class Root : std::uint8_t { input, context, variable, candidate };

  /// A whole text. Error malformed, saying what is wrong.
  static base::Result<Path> parse(std::string_view text);
  /// As far as a path goes; the cursor stops behind it. `@` (a filter's candidate) only where allowed.
  static base::Result<Path> parse_prefix(TextCursor& cursor, bool candidate_allowed = false);

  /// Only members and single indexes: may be written to.
  bool is_reference() const;
  /// Names at most one node.
  bool is_definite() const;
  Root root() const { return root_; }
  const std::string& text() const { return text_; }

  /// The value. A definite path that names nothing fails with States.Runtime; any other answers an array of
  /// what it names.
  Evaluated<base::Json> read(const Scope& scope) const;
  /// The node of a definite path, or nullptr.
  const base::Json* find(const Scope& scope) const;
  /// True when the path names something.
  bool is_present(const Scope& scope) const;
  /// `whole` with `part` at this reference path, making members on the way. Fails with
  /// States.ResultPathMatchFailure where a node on the way is no object or the index is absent.
  Evaluated<base::Json> write(base::Json whole, base::Json part) const;

  /// Nodes below `from`, for paths in filters.
  std::vector<const base::Json*> select(const base::Json& from) const;

 private:
  const base::Json* start(const Scope& scope) const;

  Root root_ = Root::input;
  std::string variable_;
  std::vector<PathStep> steps_;
  std::string text_;
};

}  // namespace ow::states
