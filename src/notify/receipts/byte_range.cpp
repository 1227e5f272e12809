// See byte_range.h.
#include "notify/receipts/byte_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace ow::notify {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || rest != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return UINT64_MAX;
  if (error != std::errc{}) return std::nullopt;
  return number;
}

/// Whether a list of entity tags, or `*`, names this one. Weak tags match only where weak comparison is asked for.
bool names(std::string_view list, std::string_view etag, bool weakly) {
  if (trimmed(list) == "*") return true;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    auto tag = trimmed(list.substr(0, comma));
    if (weakly && tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == etag) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

/// One byte range of a Range header; nothing when it is to be ignored.
struct Asked {
  std::optional<std::uint64_t> first;
  std::optional<std::uint64_t> last;  // or the length of a suffix
};

std::optional<Asked> read_range(std::string_view header) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit)) return std::nullopt;
  const auto spec = trimmed(header.substr(kUnit.size()));
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos || spec.find(',') != std::string_view::npos) return std::nullopt;
  const auto left = spec.substr(0, dash);
  const auto right = spec.substr(dash + 1);
  const Asked asked{number_in(left), number_in(right)};
  if ((!left.empty() && !asked.first) || (!right.empty() && !asked.last) || (left.empty() && right.empty()))
    return std::nullopt;
  if (asked.first && asked.last && *asked.last < *asked.first) return std::nullopt;
  return asked;
}

Selection selection_of(const Asked& asked, std::uint64_t size) {
  const auto from = asked.first ? *asked.first : size - std::min(size, *asked.last);
  const bool empty_suffix = !asked.first && *asked.last == 0;
  if (from >= size || empty_suffix) return {416, 0, 0};
  const auto last = asked.first && asked.last ? std::min(*asked.last, size - 1) : size - 1;
  return {206, from, last - from + 1};
}

}  // namespace

Selection select(const http::Request& request, std::string_view etag, std::uint64_t size) {
  if (const auto match = request.header("if-match"); match && !names(*match, etag, false)) return {412, 0, 0};
  if (const auto none = request.header("if-none-match"); none && names(*none, etag, true)) return {304, 0, 0};
  const auto header = request.header("range");
  const auto asked = header && request.method == "GET" ? read_range(*header) : std::nullopt;
  const auto condition = request.header("if-range");
  if (!asked || (condition && trimmed(*condition) != etag)) return {200, 0, size};
  return selection_of(*asked, size);
}

http::Response answer_selection(const Selection& selection, const std::string& bytes, const std::string& etag) {
  http::Response response{.status = selection.status};
  response.headers = {{"Accept-Ranges", "bytes"}, {"ETag", etag}};
  if (selection.status == 206)
    response.headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", selection.from,
                                                               selection.from + selection.length - 1, bytes.size()));
  if (selection.status == 416) response.headers.emplace_back("Content-Range", fmt::format("bytes */{}", bytes.size()));
  response.body = bytes.substr(selection.from, selection.length);
  return response;
}

}  // namespace ow::notify
