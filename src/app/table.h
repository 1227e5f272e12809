// Tables for people: aligned columns, on a terminal with a bold heading. Main thread.
#pragma once

#include <string>
#include <vector>

namespace ow::app {

/// Prints the heading and rows to standard output, columns two spaces apart. Control characters in cells are
/// replaced, so that data cannot steer a terminal.
void print_table(const std::vector<std::string>& heading, const std::vector<std::vector<std::string>>& rows);

}  // namespace ow::app
