// A JSON text written value by value: what to_text() does with a tree, and what spares the tree where a text is written
// at each step of an order. That brackets match and that members stand in objects is up to the caller. Any thread, no
// sharing.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"

namespace ow::base {

class JsonText {
 public:
  /// `bytes` that the text is expected to have: a guess that saves growing.
  /// `indent` 0 is compact; else each member and item begins a line, with so many blanks a level.
  explicit JsonText(std::size_t bytes, int indent = 0) : indent_(indent) { out_.reserve(bytes); }

  JsonText& begin_object() { return open('{'); }
  JsonText& end_object() { return close('}'); }
  JsonText& begin_array() { return open('['); }
  JsonText& end_array() { return close(']'); }

  /// Before a member's value.
  JsonText& name(std::string_view name) {
    value(name);
    out_ += indent_ > 0 ? ": " : ":";
    next_ = Next::lone;
    return *this;
  }

  JsonText& value(std::string_view text) {
    separate();
    append_quoted(out_, text);
    return *this;
  }
  JsonText& value(const std::string& text) { return value(std::string_view(text)); }
  JsonText& value(const char* text) { return value(std::string_view(text)); }
  template <std::same_as<bool> Bool>
  JsonText& value(Bool flag) {
    separate();
    out_ += flag ? "true" : "false";
    return *this;
  }
  JsonText& value(std::int64_t number);
  JsonText& value(const Json& tree);

  template <typename Value>
  JsonText& member(std::string_view its_name, const Value& its_value) {
    return name(its_name).value(its_value);
  }

  std::string take() { return std::move(out_); }

 private:
  /// What stands before the next value or name.
  enum class Next : std::uint8_t { lone, first, further };  // nothing; a new line; a comma and a new line

  JsonText& open(char bracket) {
    separate();
    out_ += bracket;
    ++depth_;
    next_ = Next::first;
    return *this;
  }
  JsonText& close(char bracket) {
    --depth_;
    if (next_ == Next::further) new_line();
    out_ += bracket;
    next_ = Next::further;
    return *this;
  }
  void separate() {
    if (next_ == Next::further) out_ += ',';
    if (next_ != Next::lone) new_line();
    next_ = Next::further;
  }
  void new_line() {
    if (indent_ == 0) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(depth_ * indent_), ' ');
  }

  std::string out_;
  const int indent_;
  int depth_ = 0;
  Next next_ = Next::lone;
};

}  // namespace ow::base
