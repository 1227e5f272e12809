// Reading a short text from left to right: shared by the parsers of paths, filters and intrinsic calls.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ow::states {

class TextCursor {
 public:
  explicit TextCursor(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  char next() { return at_end() ? '\0' : text_[at_++]; }
  std::size_t position() const { return at_; }
  std::string_view rest() const { return text_.substr(at_); }
  std::string_view since(std::size_t from) const { return text_.substr(from, at_ - from); }

  bool take(std::string_view expected) {
    if (!rest().starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }
  void skip_spaces() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }
  /// Counts nested groups, so that a parser's recursion is bounded: false when too deep.
  bool enter() { return ++nesting_ <= kNestingMax; }
  void leave() { --nesting_; }

  template <typename Predicate>
  std::string_view take_while(Predicate accepts) {
    const auto from = at_;
    while (!at_end() && accepts(text_[at_])) ++at_;
    return since(from);
  }

 private:
  static constexpr int kNestingMax = 32;

  std::string_view text_;
  std::size_t at_ = 0;
  int nesting_ = 0;
};

}  // namespace ow::states
