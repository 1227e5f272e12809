// See table.h.
#include "app/table.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

namespace ow::app {
namespace {

// Columns of UTF-8 text, one per code point; wide scripts may misalign, never break.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// U+0000 to U+001F, U+007F and U+0080 to U+009F, whose second half terminals obey too.
std::string harmless(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    const bool two_bytes = byte == 0xC2 && next >= 0x80 && next < 0xA0;
    out += byte < 0x20 || byte == 0x7F || two_bytes ? '?' : text[i];
    if (two_bytes) ++i;
  }
  return out;
}

std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto cell = harmless(cells[i]);
    line += cell;
    if (i + 1 < cells.size()) line.append(widths[i] - width_of(cell) + 2, ' ');
  }
  return line;
}

}  // namespace

void print_table(const std::vector<std::string>& heading, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& title : heading) widths.push_back(width_of(title));
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  const auto title = line_of(heading, widths);
  fmt::print("{}\n", terminal ? "\033[1m" + title + "\033[0m" : title);
  for (const auto& row : rows) fmt::print("{}\n", line_of(row, widths));
}

}  // namespace ow::app
