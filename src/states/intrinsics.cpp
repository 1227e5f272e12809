// See intrinsics.h. Where the language's text leaves a case open, the behaviour is the one recorded from
// AWS Step Functions: MathAdd rounds its arguments, StringSplit takes a set of characters and drops empty parts.
#include "states/intrinsics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "base/encoding.h"

namespace ow::states {
namespace {

using base::Json;
using Out = Evaluated<Json>;

constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kRangeItemsMax = 1000;
constexpr std::size_t kCodecCharsMax = 10'000;

tl::unexpected<TaskFailure> refuse(std::string cause) { return failing(kIntrinsicFailure, std::move(cause)); }

/// Rounded half up, as the service does.
std::optional<std::int64_t> whole(const Json& value) {
  if (!value.is_number()) return std::nullopt;
  if (const auto exact = value.as_number().integer()) return exact;
  const double rounded = std::floor(value.as_number().to_double() + 0.5);
  if (!(std::abs(rounded) < 9e15)) return std::nullopt;
  return static_cast<std::int64_t>(rounded);
}

std::string shown(const Json& value);

std::string shown_members(const Json::Object& members) {
  std::string text = "{";
  for (const auto& [name, value] : members) {
    if (text.size() > 1) text += ", ";
    text += name + "=" + shown(value);
  }
  return text + "}";
}

std::string shown_items(const Json::Array& items) {
  std::string text = "[";
  for (const auto& item : items) {
    if (text.size() > 1) text += ", ";
    text += shown(item);
  }
  return text + "]";
}

/// How States.Format shows a value: texts bare, objects and arrays in the service's own notation.
std::string shown(const Json& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_object()) return shown_members(value.as_object());
  if (value.is_array()) return shown_items(value.as_array());
  return to_text(value);
}

Out format(const Arguments& arguments, std::uint64_t&) {
  if (!arguments[0].is_string()) return refuse("States.Format needs a text as its first argument.");
  const auto& pattern = arguments[0].as_string();
  std::string text;
  std::size_t used = 1;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] == '\\' && at + 1 < pattern.size()) {
      text.push_back(pattern[++at]);
    } else if (pattern.compare(at, 2, "{}") == 0) {
      if (used >= arguments.size()) return refuse("States.Format has more {} than arguments.");
      text += shown(arguments[used++]);
      ++at;
    } else {
      text.push_back(pattern[at]);
    }
  }
  if (used != arguments.size()) return refuse("States.Format has fewer {} than arguments.");
  return Json(std::move(text));
}

Out string_to_json(const Arguments& arguments, std::uint64_t&) {
  if (!arguments[0].is_string()) return refuse("States.StringToJson needs a text.");
  const auto& text = arguments[0].as_string();
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return Json();
  auto value = base::parse_json(text);
  if (!value) return refuse("States.StringToJson: " + value.error().message);
  return std::move(*value);
}

Out json_to_string(const Arguments& arguments, std::uint64_t&) { return Json(to_text(arguments[0])); }

Out array(const Arguments& arguments, std::uint64_t&) { return Json(arguments); }

Out array_partition(const Arguments& arguments, std::uint64_t&) {
  const auto size = whole(arguments[1]);
  if (!arguments[0].is_array() || !size || *size < 1)
    return refuse("States.ArrayPartition needs an array and a size >= 1.");
  auto parts = Json::array();
  const auto& items = arguments[0].as_array();
  for (std::size_t at = 0; at < items.size(); at += static_cast<std::size_t>(*size)) {
    const auto count = std::min(items.size() - at, static_cast<std::size_t>(*size));
    const auto from = items.begin() + static_cast<std::ptrdiff_t>(at);
    parts.push_back(Json(Json::Array(from, from + static_cast<std::ptrdiff_t>(count))));
  }
  return parts;
}

bool contains(const Json::Array& items, const Json& value) {
  return std::find(items.begin(), items.end(), value) != items.end();
}

Out array_contains(const Arguments& arguments, std::uint64_t&) {
  if (!arguments[0].is_array()) return refuse("States.ArrayContains needs an array.");
  return Json(contains(arguments[0].as_array(), arguments[1]));
}

Out array_range(const Arguments& arguments, std::uint64_t&) {
  const auto from = whole(arguments[0]);
  const auto to = whole(arguments[1]);
  const auto step = whole(arguments[2]);
  if (!from || !to || !step || *step == 0) return refuse("States.ArrayRange needs three integers, the last not 0.");
  auto items = Json::array();
  for (auto at = *from; *step > 0 ? at <= *to : at >= *to;) {
    if (items.as_array().size() == kRangeItemsMax) return refuse("States.ArrayRange makes at most 1000 items.");
    items.push_back(Json(at));
    if (__builtin_add_overflow(at, *step, &at)) break;
  }
  return items;
}

Out array_get_item(const Arguments& arguments, std::uint64_t&) {
  const auto index = whole(arguments[1]);
  if (!arguments[0].is_array() || !index) return refuse("States.ArrayGetItem needs an array and an index.");
  const auto& items = arguments[0].as_array();
  if (*index < 0 || static_cast<std::size_t>(*index) >= items.size())
    return refuse("States.ArrayGetItem: no such index.");
  return items[static_cast<std::size_t>(*index)];
}

Out array_length(const Arguments& arguments, std::uint64_t&) {
  if (!arguments[0].is_array()) return refuse("States.ArrayLength needs an array.");
  return Json(static_cast<std::int64_t>(arguments[0].as_array().size()));
}

Out array_unique(const Arguments& arguments, std::uint64_t&) {
  if (!arguments[0].is_array()) return refuse("States.ArrayUnique needs an array.");
  Json::Array unique;
  for (const auto& item : arguments[0].as_array()) {
    if (!contains(unique, item)) unique.push_back(item);
  }
  return Json(std::move(unique));
}

bool is_codec_text(const Json& value) { return value.is_string() && value.as_string().size() <= kCodecCharsMax; }

Out base64_encode(const Arguments& arguments, std::uint64_t&) {
  if (!is_codec_text(arguments[0])) return refuse("States.Base64Encode needs a text of at most 10,000 characters.");
  return Json(base::to_base64(arguments[0].as_string()));
}

Out base64_decode(const Arguments& arguments, std::uint64_t&) {
  if (!is_codec_text(arguments[0])) return refuse("States.Base64Decode needs a text of at most 10,000 characters.");
  auto bytes = base::from_base64(arguments[0].as_string());
  if (!bytes || !base::is_utf8(*bytes)) return refuse("States.Base64Decode: this is no Base64 of a text.");
  return Json(std::move(*bytes));
}

Out hash(const Arguments& arguments, std::uint64_t&) {
  const auto data = arguments[0].is_string() ? arguments[0].as_string() : to_text(arguments[0]);
  if (data.size() > kCodecCharsMax) return refuse("States.Hash takes at most 10,000 characters.");
  auto digest = arguments[1].is_string() ? base::digest(arguments[1].as_string(), data) : std::nullopt;
  if (!digest) return refuse("States.Hash knows MD5, SHA-1, SHA-256, SHA-384 and SHA-512.");
  return Json(base::to_hex(*digest));
}

Out json_merge(const Arguments& arguments, std::uint64_t&) {
  if (!arguments[0].is_object() || !arguments[1].is_object()) return refuse("States.JsonMerge needs two objects.");
  if (!arguments[2].is_bool() || arguments[2].as_bool()) return refuse("States.JsonMerge merges shallow only: false.");
  auto merged = arguments[0];
  for (const auto& [name, value] : arguments[1].as_object()) merged.set(name, value);
  return merged;
}

Out math_random(const Arguments& arguments, std::uint64_t& random) {
  const auto from = whole(arguments[0]);
  const auto to = whole(arguments[1]);
  if (!from || !to || *from >= *to) return refuse("States.MathRandom needs a start and a greater end.");
  std::uint64_t seeded = arguments.size() == 3 ? static_cast<std::uint64_t>(whole(arguments[2]).value_or(0)) : 0;
  const auto span = static_cast<std::uint64_t>(*to) - static_cast<std::uint64_t>(*from);
  const auto drawn = next_random(arguments.size() == 3 ? seeded : random) % span;
  return Json(static_cast<std::int64_t>(static_cast<std::uint64_t>(*from) + drawn));
}

Out math_add(const Arguments& arguments, std::uint64_t&) {
  const auto left = whole(arguments[0]);
  const auto right = whole(arguments[1]);
  std::int64_t sum = 0;
  if (!left || !right || __builtin_add_overflow(*left, *right, &sum))
    return refuse("States.MathAdd needs two numbers in range.");
  return Json(sum);
}

Out string_split(const Arguments& arguments, std::uint64_t&) {
  if (!arguments[0].is_string() || !arguments[1].is_string()) return refuse("States.StringSplit needs two texts.");
  const auto& text = arguments[0].as_string();
  const auto& separators = arguments[1].as_string();
  auto parts = Json::array();
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find_first_of(separators, at), text.size());
    if (end > at) parts.push_back(Json(text.substr(at, end - at)));
    at = end + 1;
  }
  return parts;
}

/// RFC 9562 version 4.
Out uuid(const Arguments&, std::uint64_t& random) {
  std::string bytes;
  for (int word = 0; word < 2; ++word) {
    const auto drawn = next_random(random);
    for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>((drawn >> shift) & 0xff));
  }
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  auto text = base::to_hex(bytes);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, "-");
  return Json(std::move(text));
}

constexpr std::array<Intrinsic, 18> kIntrinsics = {{
    {"States.Format", 1, kAnyNumber, format},
    {"States.StringToJson", 1, 1, string_to_json},
    {"States.JsonToString", 1, 1, json_to_string},
    {"States.Array", 0, kAnyNumber, array},
    {"States.ArrayPartition", 2, 2, array_partition},
    {"States.ArrayContains", 2, 2, array_contains},
    {"States.ArrayRange", 3, 3, array_range},
    {"States.ArrayGetItem", 2, 2, array_get_item},
    {"States.ArrayLength", 1, 1, array_length},
    {"States.ArrayUnique", 1, 1, array_unique},
    {"States.Base64Encode", 1, 1, base64_encode},
    {"States.Base64Decode", 1, 1, base64_decode},
    {"States.Hash", 2, 2, hash},
    {"States.JsonMerge", 3, 3, json_merge},
    {"States.MathRandom", 2, 3, math_random},
    {"States.MathAdd", 2, 2, math_add},
    {"States.StringSplit", 2, 2, string_split},
    {"States.UUID", 0, 0, uuid},
}};

}  // namespace

const Intrinsic* find_intrinsic(std::string_view name) {
  const auto* found =
      std::find_if(kIntrinsics.begin(), kIntrinsics.end(), [name](const auto& each) { return each.name == name; });
  return found == kIntrinsics.end() ? nullptr : found;
}

/// SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t next_random(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15U;
  auto mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31);
}

}  // namespace ow::states
