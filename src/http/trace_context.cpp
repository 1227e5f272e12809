// See trace_context.h.
#include "http/trace_context.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/bounds.h"
#include "base/encoding.h"

namespace ow::http {
namespace {

// version "-" trace-id "-" parent-id "-" trace-flags
constexpr std::size_t kTraceIdAt = 3, kTraceIdChars = 32;
constexpr std::size_t kParentIdAt = 36, kParentIdChars = 16;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kTraceparentChars = 55;
constexpr std::size_t kStateKeyCharsMax = 256;
constexpr std::size_t kStateValueCharsMax = 256;

constexpr std::string_view kWhiteSpace = " \t";

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(kWhiteSpace);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kWhiteSpace) - from + 1);
}

bool is_hex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

bool is_zero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

bool has_shape(std::string_view text) {
  if (text.size() < kTraceparentChars) return false;
  if (text[kTraceIdAt - 1] != '-' || text[kParentIdAt - 1] != '-' || text[kFlagsAt - 1] != '-') return false;
  const std::string_view version = text.substr(0, 2);
  if (!is_hex(version) || version == "ff") return false;
  // A later version may append fields behind another dash; version 00 ends here.
  return text.size() == kTraceparentChars || (version != "00" && text[kTraceparentChars] == '-');
}

struct Incoming {
  std::string_view trace_id;
  bool sampled;
};

std::optional<Incoming> parse_traceparent(std::string_view text) {
  if (!has_shape(text)) return std::nullopt;
  const std::string_view trace_id = text.substr(kTraceIdAt, kTraceIdChars);
  const std::string_view parent_id = text.substr(kParentIdAt, kParentIdChars);
  const std::string_view flags = text.substr(kFlagsAt, 2);
  if (!is_hex(trace_id) || is_zero(trace_id)) return std::nullopt;
  if (!is_hex(parent_id) || is_zero(parent_id)) return std::nullopt;
  if (!is_hex(flags)) return std::nullopt;
  const char low = flags[1];
  const int digit = low <= '9' ? low - '0' : low - 'a' + 10;
  return Incoming{trace_id, (digit & 1) != 0};
}

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_state_key(std::string_view key) {
  if (key.empty() || key.size() > kStateKeyCharsMax || !is_lower_or_digit(key[0])) return false;
  return std::all_of(key.begin(), key.end(), [](char c) {
    return is_lower_or_digit(c) || c == '_' || c == '-' || c == '*' || c == '/' || c == '@';
  });
}

bool is_state_value(std::string_view value) {
  if (value.empty() || value.size() > kStateValueCharsMax || value.back() == ' ') return false;
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c <= 0x7E && c != ',' && c != '='; });
}

/// The list members of all tracestate lines, in order.
class TraceState {
 public:
  /// False when the whole list must be dropped.
  bool add_line(std::string_view line) {
    while (true) {
      const auto comma = line.find(',');
      if (!add_entry(trimmed(line.substr(0, comma)))) return false;
      if (comma == std::string_view::npos) return true;
      line.remove_prefix(comma + 1);
    }
  }

  std::string text() && { return std::move(text_); }

 private:
  bool add_entry(std::string_view entry) {
    if (entry.empty()) return true;
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view key = entry.substr(0, equals);
    if (!is_state_key(key) || !is_state_value(entry.substr(equals + 1))) return false;
    if (++entries_ > base::bounds::kTraceStateEntriesMax) return false;
    if (std::find(keys_.begin(), keys_.end(), key) != keys_.end()) return true;
    keys_.push_back(key);
    if (!text_.empty()) text_ += ',';
    text_ += entry;
    return true;
  }

  std::size_t entries_ = 0;
  std::vector<std::string_view> keys_;
  std::string text_;
};

std::string joined_tracestate(const Headers& headers) {
  TraceState state;
  for (const auto& [name, value] : headers) {
    if (name == "tracestate" && !state.add_line(value)) return {};
  }
  return std::move(state).text();
}

/// The only traceparent line; nothing when there is none or more than one.
std::optional<Incoming> incoming(const Headers& headers) {
  const std::string* line = nullptr;
  for (const auto& [name, value] : headers) {
    if (name != "traceparent") continue;
    if (line != nullptr) return std::nullopt;
    line = &value;
  }
  return line == nullptr ? std::nullopt : parse_traceparent(trimmed(*line));
}

}  // namespace

TraceContext continue_trace(const Headers& headers, platform::Random& random) {
  std::array<std::uint8_t, 24> bytes{};
  random.fill(bytes);
  bytes[0] |= 1;  // neither id may be all zero
  bytes[8] |= 1;
  std::string hex = base::to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  TraceContext context;
  context.parent_id = hex.substr(0, kParentIdChars);
  if (const auto known = incoming(headers)) {
    context.trace_id = known->trace_id;
    context.flags = known->sampled ? "01" : "00";
    context.tracestate = joined_tracestate(headers);
  } else {
    context.trace_id = hex.substr(kParentIdChars);
    context.flags = "01";
  }
  return context;
}

}  // namespace ow::http
