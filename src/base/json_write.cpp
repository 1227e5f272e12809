// Writing of json.h: one pass to size the text, one to append it.
#include "base/json_text.h"

namespace ow::base {
namespace {

constexpr std::string_view kPunctuation = "\"\":,";

/// Bytes of the compact text when nothing needs an escape: a guess that saves growing.
std::size_t expected_bytes(const Json& value) {
  if (value.is_string()) return value.as_string().size() + 2;
  if (value.is_number()) return value.as_number().text.size();
  std::size_t bytes = 5;
  if (value.is_array()) {
    for (const auto& item : value.as_array()) bytes += expected_bytes(item) + 1;
  } else if (value.is_object()) {
    for (const auto& [name, item] : value.as_object()) {
      bytes += name.size() + kPunctuation.size() + expected_bytes(item);
    }
  }
  return bytes;
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

/// Bytes before the first that needs an escape. A block at a time without a branch, which becomes vector instructions.
std::size_t plain_bytes(std::string_view text) {
  constexpr std::size_t kBlock = 32;
  std::size_t at = 0;
  for (; at + kBlock <= text.size(); at += kBlock) {
    bool escape = false;
    for (std::size_t i = 0; i < kBlock; ++i) escape |= needs_escape(text[at + i]);
    if (escape) break;
  }
  while (at < text.size() && !needs_escape(text[at])) ++at;
  return at;
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u00";
  out += kDigits[static_cast<unsigned char>(c) >> 4];
  out += kDigits[static_cast<unsigned char>(c) & 0xF];
}

}  // namespace

std::string to_text(const Json& value) { return JsonText(expected_bytes(value)).value(value).take(); }

std::string to_pretty_text(const Json& value) { return JsonText(expected_bytes(value), 2).value(value).take(); }

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t plain = plain_bytes(text); plain < text.size(); plain = plain_bytes(text)) {
    out.append(text.substr(0, plain));
    append_escape(out, text[plain]);
    text.remove_prefix(plain + 1);
  }
  out.append(text);
  out += '"';
}

}  // namespace ow::base
