// See wildcard.h.
#include "base/wildcard.h"

#include <cstddef>
#include <string>
#include <vector>

namespace ow::base {
namespace {

/// The texts between the stars, escapes taken away: one more than there are stars.
std::vector<std::string> texts_of(std::string_view pattern) {
  std::vector<std::string> texts(1);
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] == '*') {
      texts.emplace_back();
    } else {
      if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
      texts.back() += pattern[at];
    }
  }
  return texts;
}

/// For each front of the word the length of its longest own end that is a front, too (Knuth, Morris, Pratt).
std::vector<std::size_t> borders_of(std::string_view word) {
  std::vector<std::size_t> borders(word.size(), 0);
  for (std::size_t at = 1, border = 0; at < word.size(); ++at) {
    while (border > 0 && word[at] != word[border]) border = borders[border - 1];
    if (word[at] == word[border]) ++border;
    borders[at] = border;
  }
  return borders;
}

/// Where the first `word` in the text ends; npos when there is none. At most two steps a byte of text.
std::size_t end_of_first(std::string_view text, std::string_view word) {
  if (word.empty()) return 0;
  const auto first = text.find(word.front());
  if (first == std::string_view::npos) return first;
  const auto borders = borders_of(word);
  for (std::size_t at = first, matched = 0; at < text.size(); ++at) {
    while (matched > 0 && text[at] != word[matched]) matched = borders[matched - 1];
    if (text[at] == word[matched]) ++matched;
    if (matched == word.size()) return at + 1;
  }
  return std::string_view::npos;
}

/// Most texts differ from most patterns at an end, which shows without taking the pattern apart unless it has escapes.
bool differs_at_an_end(std::string_view pattern, std::string_view text) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos || pattern.find('\\') != std::string_view::npos) return false;
  return !text.starts_with(pattern.substr(0, star)) || !text.ends_with(pattern.substr(pattern.rfind('*') + 1));
}

}  // namespace

bool matches_wildcard(std::string_view pattern, std::string_view text) {
  if (differs_at_an_end(pattern, text)) return false;
  const auto texts = texts_of(pattern);
  if (texts.size() == 1) return text == texts.front();
  if (text.size() < texts.front().size() + texts.back().size()) return false;
  if (!text.starts_with(texts.front()) || !text.ends_with(texts.back())) return false;
  auto rest = text.substr(texts.front().size(), text.size() - texts.front().size() - texts.back().size());
  for (std::size_t i = 1; i + 1 < texts.size(); ++i) {
    const auto end = end_of_first(rest, texts[i]);
    if (end == std::string_view::npos) return false;
    rest.remove_prefix(end);
  }
  return true;
}

}  // namespace ow::base
