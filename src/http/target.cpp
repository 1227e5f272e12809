// See target.h.
#include "http/target.h"

#include <algorithm>

#include "base/bounds.h"
#include "base/encoding.h"

namespace ow::http {
namespace {

using base::ErrorCode;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_target_char(char c) { return c > 0x20 && c < 0x7F && c != '#'; }

// RFC 9112 section 3.2.2: a server accepts the absolute form too.
Target without_authority(std::string_view target) {
  bool absolute_form = false;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    target.remove_prefix(std::min(target.find_first_of("/?", scheme.size()), target.size()));
    absolute_form = true;
    break;
  }
  const auto mark = std::min(target.find('?'), target.size());
  Target parts{target.substr(0, mark), mark < target.size() ? target.substr(mark + 1) : std::string_view()};
  if (absolute_form && parts.path.empty()) parts.path = "/";
  return parts;
}

bool is_dot_segment(std::string_view segment) {
  if (segment.empty() || segment.size() > 6) return false;
  std::size_t dots = 0;
  while (!segment.empty()) {
    const bool escaped = segment.starts_with("%2e") || segment.starts_with("%2E");
    if (!escaped && segment[0] != '.') return false;
    segment.remove_prefix(escaped ? 3 : 1);
    ++dots;
  }
  return dots <= 2;
}

bool has_dot_segment(std::string_view path) {
  if (path.find('.') == std::string_view::npos && path.find('%') == std::string_view::npos) return false;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const auto slash = std::min(path.find('/'), path.size());
    if (is_dot_segment(path.substr(0, slash))) return true;
    path.remove_prefix(slash);
  }
  return false;
}

base::Result<std::string> unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0 || (high == 0 && low == 0)) {
      return base::fail(ErrorCode::malformed, "invalid_target", "The target holds a bad percent escape.");
    }
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

class QueryReader {
 public:
  explicit QueryReader(const std::vector<Parameter>& declared) : declared_(declared) {}

  base::Result<void> add(std::string_view item) {
    const auto equals = std::min(item.find('='), item.size());
    auto name = percent_decode(item.substr(0, equals));
    if (!name) return base::fail(std::move(name.error()));
    auto value = percent_decode(equals < item.size() ? item.substr(equals + 1) : std::string_view());
    if (!value) return base::fail(std::move(value.error()));
    take(std::move(*name), std::move(*value));
    return {};
  }

  base::Result<std::map<std::string, std::string>> finish() && {
    for (const Parameter& parameter : declared_) {
      if (parameter.required && !values_.contains(parameter.name)) violate(parameter.name + " is required");
    }
    if (violations_.empty()) return std::move(values_);
    base::Error error{ErrorCode::malformed, "invalid_query", "The query does not fit this route."};
    error.violations = std::move(violations_);
    return base::fail(std::move(error));
  }

 private:
  void take(std::string name, std::string value) {
    const bool known = std::any_of(declared_.begin(), declared_.end(),
                                   [&](const Parameter& parameter) { return parameter.name == name; });
    if (!known) return violate(name + " is not a known query parameter");
    if (!values_.try_emplace(name, std::move(value)).second) violate(name + " must not be repeated");
  }

  void violate(std::string sentence) {
    if (violations_.size() < base::bounds::kViolationsMax) violations_.push_back(std::move(sentence));
  }

  const std::vector<Parameter>& declared_;
  std::map<std::string, std::string> values_;
  std::vector<std::string> violations_;
};

}  // namespace

base::Result<Target> split_target(std::string_view target) {
  if (!std::all_of(target.begin(), target.end(), is_target_char)) {
    return base::fail(ErrorCode::malformed, "invalid_target",
                      "The target holds a byte that a URI cannot: percent-encode it.");
  }
  const Target parts = without_authority(target);
  if (!parts.path.starts_with('/')) {
    return base::fail(ErrorCode::malformed, "invalid_target", "The target must begin with a slash.");
  }
  if (has_dot_segment(parts.path)) {
    return base::fail(ErrorCode::malformed, "invalid_target", "The path must not hold dot segments.");
  }
  return parts;
}

base::Result<std::string> percent_decode(std::string_view text) {
  if (text.find('%') == std::string_view::npos) return std::string(text);
  auto decoded = unescape(text);
  if (decoded && !base::is_utf8(*decoded)) {
    return base::fail(ErrorCode::malformed, "invalid_target", "The target is not UTF-8 once decoded.");
  }
  return decoded;
}

base::Result<std::map<std::string, std::string>> parse_query(std::string_view query,
                                                             const std::vector<Parameter>& declared) {
  QueryReader reader(declared);
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    if (end > 0) {
      if (auto added = reader.add(query.substr(0, end)); !added) return base::fail(std::move(added.error()));
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return std::move(reader).finish();
}

}  // namespace ow::http
