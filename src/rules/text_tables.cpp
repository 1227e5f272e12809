// See text_tables.h.
#include "rules/text_tables.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace ow::rules {
namespace {

/// Before a value's first byte and behind its last: no byte of UTF-8.
constexpr char kMark = '\xff';

/// The last `length` bytes that were pushed into a gram.
GramTable::Gram cut(GramTable::Gram gram, std::size_t length) {
  constexpr std::size_t kGramBits = 32;
  return gram << (kGramBits - 8 * length);
}

GramTable::Gram push(GramTable::Gram gram, char byte) { return gram << 8 | static_cast<unsigned char>(byte); }

constexpr std::size_t kSlotsMin = 8;

/// Other bits than those that choose the slot.
std::uint32_t tag_of(std::size_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

/// The texts between the stars, escapes taken away, within marks.
std::vector<std::string> texts_of(std::string_view wildcard) {
  std::vector<std::string> texts{std::string(1, kMark)};
  for (std::size_t at = 0; at < wildcard.size(); ++at) {
    if (wildcard[at] == '*') {
      texts.emplace_back();
    } else {
      if (wildcard[at] == '\\' && at + 1 < wildcard.size()) ++at;
      texts.back() += wildcard[at];
    }
  }
  texts.back() += kMark;
  return texts;
}

}  // namespace

void TextTable::add(std::string_view text, StateId id) {
  if (2 * (used_ + 1) > slots_.size()) grow();
  const auto hash = std::hash<std::string_view>()(text);
  auto& slot = slots_[slot_of(text, hash)];
  if (slot.entry == 0) ++used_;
  const Entry entry{id, slot.entry, static_cast<std::uint32_t>(text.size())};
  slot = {tag_of(hash), static_cast<std::uint32_t>(entries_.size())};
  entries_.append(reinterpret_cast<const char*>(&entry), sizeof entry);
  entries_ += text;
}

void TextTable::find(std::string_view text, StateIds& out) const {
  if (slots_.empty()) return;
  for (auto at = slots_[slot_of(text, std::hash<std::string_view>()(text))].entry; at != 0;) {
    const auto entry = entry_at(at);
    out.push_back(entry.id);
    at = entry.more;
  }
}

TextTable::Entry TextTable::entry_at(std::uint32_t at) const {
  Entry entry;
  std::memcpy(&entry, entries_.data() + at, sizeof entry);
  return entry;
}

std::string_view TextTable::text_at(std::uint32_t at) const {
  return std::string_view(entries_).substr(at + sizeof(Entry), entry_at(at).size);
}

/// Where the text is, or where it would be put.
std::size_t TextTable::slot_of(std::string_view text, std::size_t hash) const {
  const auto mask = slots_.size() - 1;
  for (auto at = hash & mask;; at = (at + 1) & mask) {
    const auto& slot = slots_[at];
    if (slot.entry == 0) return at;
    if (slot.tag == tag_of(hash) && text_at(slot.entry) == text) return at;
  }
}

void TextTable::grow() {
  const auto before = std::exchange(slots_, std::vector<Slot>(std::max(kSlotsMin, 2 * slots_.size())));
  for (const auto& slot : before) {
    if (slot.entry == 0) continue;
    const auto text = text_at(slot.entry);
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

void GramTable::add(Gram gram, std::uint32_t id) {
  if (2 * (used_ + 1) > slots_.size()) grow();
  auto& slot = slots_[slot_of(gram)];
  if (slot.entry == 0) ++used_;
  entries_.push_back({id, slot.entry, static_cast<std::uint32_t>(count(gram) + 1)});
  slot = {gram, static_cast<std::uint32_t>(entries_.size())};
}

void GramTable::find(Gram gram, std::vector<std::uint32_t>& out) const {
  if (slots_.empty()) return;
  auto entry = slots_[slot_of(gram)].entry;
  for (; entry != 0; entry = entries_[entry - 1].more) out.push_back(entries_[entry - 1].id);
}

std::size_t GramTable::count(Gram gram) const {
  const auto entry = slots_.empty() ? 0 : slots_[slot_of(gram)].entry;
  return entry == 0 ? 0 : entries_[entry - 1].count;
}

/// Where the gram is, or where it would be put.
std::size_t GramTable::slot_of(Gram gram) const {
  constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15ULL;
  const auto mask = slots_.size() - 1;
  auto at = static_cast<std::size_t>(gram * kSpread >> 32) & mask;
  while (slots_[at].entry != 0 && slots_[at].gram != gram) at = (at + 1) & mask;
  return at;
}

void GramTable::grow() {
  const auto before = std::exchange(slots_, std::vector<Slot>(std::max(kSlotsMin, 2 * slots_.size())));
  for (const auto& slot : before) {
    if (slot.entry != 0) slots_[slot_of(slot.gram)] = slot;
  }
}

void WildcardTable::add(std::string_view wildcard, std::uint32_t id) {
  const auto texts = texts_of(wildcard);
  std::size_t longest = 0;
  for (const auto& text : texts) longest = std::max(longest, text.size());
  const auto length = std::min(longest, kGramMax);
  auto& table = by_length_[length - 1];
  GramTable::Gram rarest = 0;
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  for (const auto& text : texts) {
    GramTable::Gram last = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      last = push(last, text[at]);
      if (at + 1 < length) continue;
      const auto holders = table.count(cut(last, length));
      if (holders >= fewest) continue;
      fewest = holders;
      rarest = cut(last, length);
    }
  }
  table.add(rarest, id);
}

/// A mark alone is of every value.
void WildcardTable::find_candidates(std::string_view value, std::vector<std::uint32_t>& out) const {
  for (std::size_t length = 1; length <= kGramMax; ++length) {
    const auto& table = by_length_[length - 1];
    if (table.empty()) continue;
    auto last = push(0, kMark);
    for (std::size_t at = 0; at <= value.size(); ++at) {
      if (at + 1 >= length) table.find(cut(last, length), out);
      last = push(last, at < value.size() ? value[at] : kMark);
    }
    if (value.size() + 2 >= length) table.find(cut(last, length), out);
  }
}

}  // namespace ow::rules
