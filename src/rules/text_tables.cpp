// See text_tables.h.
#include "rules/text_tables.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace ow::rules {
namespace {

std::uint32_t gram_of(std::string_view bytes) {
  std::uint32_t gram = 0;
  for (const char byte : bytes) gram = gram << 8 | static_cast<unsigned char>(byte);
  return gram;
}

constexpr std::size_t kSlotsMin = 8;

/// Other bits than those that choose the slot.
std::uint32_t tag_of(std::size_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

/// The texts between the stars, escapes taken away.
std::vector<std::string> texts_of(std::string_view wildcard) {
  std::vector<std::string> texts(1);
  for (std::size_t at = 0; at < wildcard.size(); ++at) {
    if (wildcard[at] == '*') {
      texts.emplace_back();
    } else {
      if (wildcard[at] == '\\' && at + 1 < wildcard.size()) ++at;
      texts.back() += wildcard[at];
    }
  }
  return texts;
}

}  // namespace

void TextTable::add(std::string_view text, StateId id) {
  if (2 * (used_ + 1) > slots_.size()) grow();
  const auto hash = std::hash<std::string_view>()(text);
  auto& slot = slots_[slot_of(text, hash)];
  const auto before = slot.entry;
  if (before == 0) ++used_;
  const auto at = before == 0 ? texts_.size() : entries_[before - 1].at;
  if (before == 0) texts_ += text;
  entries_.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(text.size()), id, before});
  slot = {tag_of(hash), static_cast<std::uint32_t>(entries_.size())};
}

void TextTable::find(std::string_view text, StateIds& out) const {
  if (slots_.empty()) return;
  auto entry = slots_[slot_of(text, std::hash<std::string_view>()(text))].entry;
  for (; entry != 0; entry = entries_[entry - 1].more) out.push_back(entries_[entry - 1].id);
}

/// Where the text is, or where it would be put.
std::size_t TextTable::slot_of(std::string_view text, std::size_t hash) const {
  const auto mask = slots_.size() - 1;
  for (auto at = hash & mask;; at = (at + 1) & mask) {
    const auto& slot = slots_[at];
    if (slot.entry == 0) return at;
    if (slot.tag == tag_of(hash) && text_of(entries_[slot.entry - 1]) == text) return at;
  }
}

void TextTable::grow() {
  const auto before = std::exchange(slots_, std::vector<Slot>(std::max(kSlotsMin, 2 * slots_.size())));
  for (const auto& slot : before) {
    if (slot.entry == 0) continue;
    const auto text = text_of(entries_[slot.entry - 1]);
    slots_[slot_of(text, std::hash<std::string_view>()(text))] = slot;
  }
}

void AffixTable::add(std::string_view text, StateId id) {
  const auto at = std::lower_bound(lengths_.begin(), lengths_.end(), text.size());
  if (at == lengths_.end() || *at != text.size()) lengths_.insert(at, text.size());
  table_.add(text, id);
}

void AffixTable::find_prefixes(std::string_view value, StateIds& out) const {
  for (const auto length : lengths_) {
    if (length > value.size()) return;
    table_.find(value.substr(0, length), out);
  }
}

void AffixTable::find_suffixes(std::string_view value, StateIds& out) const {
  for (const auto length : lengths_) {
    if (length > value.size()) return;
    table_.find(value.substr(value.size() - length), out);
  }
}

void WildcardTable::add(std::string_view wildcard, std::uint32_t id) {
  const auto texts = texts_of(wildcard);
  std::size_t longest = 0;
  for (const auto& text : texts) longest = std::max(longest, text.size());
  if (longest == 0) return without_text_.push_back(id);
  const auto length = std::min(longest, kGramMax);
  auto& grams = by_length_[length];
  std::uint32_t rarest = 0;
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  for (const auto& text : texts) {
    for (std::size_t at = 0; at + length <= text.size(); ++at) {
      const auto gram = gram_of(std::string_view(text).substr(at, length));
      const auto found = grams.find(gram);
      const auto holders = found == grams.end() ? 0 : found->second.size();
      if (holders >= fewest) continue;
      fewest = holders;
      rarest = gram;
    }
  }
  grams[rarest].push_back(id);
}

void WildcardTable::find_candidates(std::string_view value, std::vector<std::uint32_t>& out) const {
  out.insert(out.end(), without_text_.begin(), without_text_.end());
  for (const auto& [length, grams] : by_length_) {
    for (std::size_t at = 0; at + length <= value.size(); ++at) {
      const auto found = grams.find(gram_of(value.substr(at, length)));
      if (found != grams.end()) out.insert(out.end(), found->second.begin(), found->second.end());
    }
  }
}

}  // namespace ow::rules
