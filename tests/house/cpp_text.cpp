// See cpp_text.h.
#include "tests/house/cpp_text.h"

#include <algorithm>
#include <cctype>

#include "tests/house/source_file.h"

namespace ow::house {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Blanks what is no code, one element at a time.
class Blanker {
 public:
  explicit Blanker(std::string_view text) : text_(text), out_(text) {}

  std::string run() {
    while (at_ < text_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    const std::string_view rest = text_.substr(at_);
    const char before = at_ == 0 ? ' ' : text_[at_ - 1];
    if (rest.starts_with("//")) return blank(rest.find('\n'));
    if (rest.starts_with("/*")) return blank(end_after(rest, rest.find("*/", 2), 2));
    if (rest.starts_with("R\"") && !is_word(before)) return raw(rest);
    if (rest.front() == '"') return blank(quoted(rest));
    if (rest.front() == '\'' && !is_word(before)) return blank(quoted(rest));  // else a digit separator
    ++at_;
  }

  static std::size_t end_after(std::string_view rest, std::size_t found, std::size_t length) {
    return found == std::string_view::npos ? rest.size() : found + length;
  }

  static std::size_t quoted(std::string_view rest) {
    for (std::size_t i = 1; i < rest.size(); ++i) {
      if (rest[i] == '\\')
        ++i;
      else if (rest[i] == rest[0] || rest[i] == '\n')
        return i + 1;
    }
    return rest.size();
  }

  void raw(std::string_view rest) {
    const std::size_t open = std::min(rest.find('('), rest.size());
    const std::string close = ")" + std::string(rest.substr(2, open - std::min<std::size_t>(open, 2))) + "\"";
    blank(end_after(rest, rest.find(close, open), close.size()));
  }

  void blank(std::size_t length) {
    const std::size_t end = std::min(text_.size(), length == std::string_view::npos ? text_.size() : at_ + length);
    for (; at_ < end; ++at_) {
      if (out_[at_] != '\n') out_[at_] = ' ';
    }
  }

  std::string_view text_;
  std::string out_;
  std::size_t at_ = 0;
};

void blank_preprocessor(std::string& code) {
  bool continues = false;
  for (std::size_t start = 0; start < code.size();) {
    const std::size_t end = std::min(code.find('\n', start), code.size());
    const std::size_t first = code.find_first_not_of(" \t", start);
    if (continues || (first < end && code[first] == '#')) {
      continues = end > start && code[end - 1] == '\\';
      std::fill(code.begin() + static_cast<std::ptrdiff_t>(start), code.begin() + static_cast<std::ptrdiff_t>(end),
                ' ');
    }
    start = end + 1;
  }
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const bool starts = at == 0 || !is_word(text[at - 1]);
    const std::size_t end = at + word.size();
    if (starts && (end == text.size() || !is_word(text[end]))) return true;
  }
  return false;
}

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \n\t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \n\t") - first + 1));
}

/// Follows the braces of a text and keeps the functions at namespace and class scope.
class FunctionFinder {
 public:
  explicit FunctionFinder(std::string code) : code_(std::move(code)) {}

  std::vector<Function> run() {
    for (at_ = 0; at_ < code_.size(); ++at_) {
      if (code_[at_] == '\n') ++line_;
      take(code_[at_]);
    }
    return std::move(found_);
  }

 private:
  enum class Kind { scope, function, inner, initialiser };
  struct Open {
    Kind kind;
    std::string header;
    int line;
  };

  void take(char c) {
    if (c == '{') return open();
    if (c == '}') return close();
    if (c == ';') return header_.clear();
    if (c == ':' && is_access(trimmed(header_))) return header_.clear();
    if (header_.empty() && (c == ' ' || c == '\n')) return;
    if (header_.empty()) header_line_ = line_;
    header_ += c;
  }

  static bool is_access(const std::string& header) {
    return header == "public" || header == "private" || header == "protected";
  }

  void open() {
    const Kind kind = kind_here();
    open_.push_back({kind, trimmed(header_), header_line_});
    if (kind != Kind::initialiser) header_.clear();
  }

  void close() {
    if (open_.empty()) return;
    const Open ended = std::move(open_.back());
    open_.pop_back();
    if (ended.kind == Kind::function) found_.push_back({ended.header, ended.line, line_ - ended.line + 1});
    if (ended.kind != Kind::initialiser) header_.clear();
  }

  Kind kind_here() const {
    if (!open_.empty() && open_.back().kind != Kind::scope) {
      return open_.back().kind == Kind::initialiser ? Kind::initialiser : Kind::inner;
    }
    const std::string header = trimmed(header_);
    if (header.empty() || has_word(header, "namespace") || header.starts_with("extern")) return Kind::scope;
    const char touching = at_ == 0 ? ' ' : code_[at_ - 1];
    if (is_word(touching) || touching == '>' || header.back() == '=' || header.back() == ',') return Kind::initialiser;
    if (header.find('(') != std::string::npos) return Kind::function;
    for (const char* word : {"class", "struct", "union", "enum"}) {
      if (has_word(header, word)) return Kind::scope;
    }
    return Kind::initialiser;
  }

  std::string code_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::string header_;
  int header_line_ = 1;
  std::vector<Open> open_;
  std::vector<Function> found_;
};

}  // namespace

std::string code_only(std::string_view text, bool keep_preprocessor) {
  std::string code = Blanker(text).run();
  if (!keep_preprocessor) blank_preprocessor(code);
  return code;
}

std::vector<Include> includes_of(std::string_view text) {
  constexpr std::string_view kInclude = "#include ";
  std::vector<Include> includes;
  int number = 0;
  for (const auto line : lines_of(text)) {
    ++number;
    if (!line.starts_with(kInclude) || line.size() < kInclude.size() + 2) continue;
    const bool quoted = line[kInclude.size()] == '"';
    const std::string_view path = line.substr(kInclude.size() + 1);
    includes.push_back({path.substr(0, path.find(quoted ? '"' : '>')), quoted, number});
  }
  return includes;
}

bool Function::is_test() const {
  for (const char* macro :
       {"TEST", "TEST_F", "TEST_P", "TYPED_TEST", "TYPED_TEST_P", "RC_GTEST_PROP", "RC_GTEST_FIXTURE_PROP"}) {
    if (header.starts_with(std::string(macro) + "(")) return true;
  }
  return false;
}

std::vector<Function> functions_of(std::string_view text) { return FunctionFinder(code_only(text, false)).run(); }

int line_at(std::string_view text, std::size_t offset) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

}  // namespace ow::house
