// Just enough reading of C++ for the rules: code without comments and literals, includes, functions and
// their lengths. Test thread only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ow::house {

/// The text with comments, literals and (if asked) preprocessor lines blanked; offsets and lines stay.
std::string code_only(std::string_view text, bool keep_preprocessor = true);

struct Include {
  std::string_view path;  // into the text
  bool quoted = false;
  int line = 0;
};

std::vector<Include> includes_of(std::string_view text);

struct Function {
  std::string header;  // what stands before the brace
  int line = 0;        // where that begins
  int lines = 0;       // from there to the closing brace
  bool is_test() const;
};

/// Functions at namespace and class scope; lambdas count with the function that holds them.
std::vector<Function> functions_of(std::string_view text);

/// Line (from 1) of an offset.
int line_at(std::string_view text, std::size_t offset);

}  // namespace ow::house
