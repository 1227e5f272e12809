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

std::string harmless(std::string text) {
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
  return text;
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
