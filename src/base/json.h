// JSON values (RFC 8259). Numbers keep their text, so money and large integers survive a round trip;
// objects keep their order; members named twice are refused unless asked for. Parsing wraps Boost.JSON's push
// parser inside json_parse.cpp, no other file sees it. Values are plain data: any thread, no sharing.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bounds.h"
#include "base/result.h"

namespace ow::base {

/// The text of a JSON number as it was read or made ("1.50", "-0", "1e3"). Comparison is the reader's affair.
struct JsonNumber {
  std::string text;
  /// The exact value when the text denotes an integer in range ("1e2", "100.0" count), else nothing.
  std::optional<std::int64_t> integer() const;
  double to_double() const;
};

struct JsonMember;
struct JsonItem;

class Json {
 public:
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;
  using Array = std::vector<Json>;

  Json() = default;  // null
  Json(std::nullptr_t) {}
  Json(bool value) : value_(value) {}
  Json(int value) : Json(static_cast<std::int64_t>(value)) {}
  Json(std::int64_t value);
  Json(std::uint64_t value);
  Json(double value);  // shortest text that reads back the same; not for money
  Json(JsonNumber value) : value_(std::move(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}

  /// `Json::object({{"orderId", id}, {"status", "pending"}})`
  static Json object() { return Json(Object()); }
  static Json object(std::initializer_list<JsonMember> members);
  static Json array() { return Json(Array()); }
  static Json array(std::initializer_list<JsonItem> items);

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_number() const { return std::holds_alternative<JsonNumber>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  /// Access to a value of known type; asking for the wrong one is a broken invariant.
  bool as_bool() const;
  const JsonNumber& as_number() const;
  const std::string& as_string() const;
  const Array& as_array() const;
  Array& as_array();
  const Object& as_object() const;
  Object& as_object();

  /// The member, or nullptr when this is no object or has none of that name. Linear in the members.
  const Json* find(std::string_view name) const;
  Json* find(std::string_view name);
  /// find() for members of one type: nothing when absent or of another type.
  std::optional<std::string_view> string_at(std::string_view name) const;
  std::optional<std::int64_t> integer_at(std::string_view name) const;
  /// string_at() as a text of its own, empty when absent or of another type.
  std::string text_at(std::string_view name) const { return std::string(string_at(name).value_or("")); }
  std::optional<bool> bool_at(std::string_view name) const;

  /// Sets or replaces a member; this must be an object (null becomes one).
  Json& set(std::string_view name, Json value);
  /// Removes a member if there.
  void remove(std::string_view name);
  void push_back(Json value);

  /// Deep equality; numbers by exact decimal value (1 == 1.0), objects regardless of order.
  friend bool operator==(const Json& left, const Json& right);

 private:
  std::variant<std::monostate, bool, JsonNumber, std::string, Array, Object> value_;
};

// What object() and array() are called with. Lists in braces show their elements as const; these may be moved from all
// the same, so that a tree is moved into its parent and not copied once for each level above it.
struct JsonMember {
  JsonMember(std::string its_name, Json its_value) : name(std::move(its_name)), value(std::move(its_value)) {}
  mutable std::string name;
  mutable Json value;
};

struct JsonItem {
  template <typename Value>
    requires std::convertible_to<Value, Json>
  JsonItem(Value&& its_value) : value(std::forward<Value>(its_value)) {}
  mutable Json value;
};

/// What becomes of an object that names a member twice; RFC 8259 section 4 leaves it to the reader.
enum class RepeatedMembers : std::uint8_t { refused, last_kept };

struct JsonLimits {
  std::size_t depth_max = bounds::kJsonDepthMax;
  RepeatedMembers repeated_members = RepeatedMembers::refused;
};

/// Parses one complete text: strict RFC 8259, valid UTF-8 only, no lone surrogates, no trailing text.
/// Error malformed, naming the byte offset.
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

/// Compact serialisation (no spaces); only what must be escaped is escaped.
std::string to_text(const Json& value);
/// Two-space indentation, for people.
std::string to_pretty_text(const Json& value);
/// Appends a JSON string literal, quotes included.
void append_quoted(std::string& out, std::string_view text);

/// Exact comparison of two JSON number texts as decimals: <0, 0, >0.
int compare_numbers(std::string_view left, std::string_view right);

}  // namespace ow::base
