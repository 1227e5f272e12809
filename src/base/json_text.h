// A JSON text written member by member, for what is written at each step of an order: no tree is made of it. What it
// writes is what to_text() makes of the same tree. That brackets match and that members stand in objects is up to the
// caller. Any thread, no sharing.
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
  explicit JsonText(std::size_t bytes) { out_.reserve(bytes); }

  JsonText& begin_object() { return open('{'); }
  JsonText& end_object() { return close('}'); }
  JsonText& begin_array() { return open('['); }
  JsonText& end_array() { return close(']'); }

  /// Before a member's value.
  JsonText& name(std::string_view name) {
    value(name);
    out_ += ':';
    first_ = true;  // the value follows without a comma
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

  template <typename Value>
  JsonText& member(std::string_view its_name, const Value& its_value) {
    return name(its_name).value(its_value);
  }

  std::string take() { return std::move(out_); }

 private:
  JsonText& open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
    return *this;
  }
  JsonText& close(char bracket) {
    out_ += bracket;
    first_ = false;
    return *this;
  }
  void separate() {
    if (!std::exchange(first_, false)) out_ += ',';
  }

  std::string out_;
  bool first_ = true;
};

}  // namespace ow::base
