// See layers.h.
#include "engine/journal/layers.h"

#include <algorithm>

namespace ow::engine {

using base::Result;
using platform::KeyRange;
using platform::KeyValueView;
using platform::ReadTier;
using platform::ScanOrder;

namespace {

bool below(std::string_view key, const KeyRange& range) { return range.to.empty() || key < range.to; }

/// The visible pairs of one overlay in a range, one after the other.
class Cursor {
 public:
  Cursor(const Overlay& overlay, RecordNumber number, const KeyRange& range, ScanOrder order)
      : overlay_(overlay), number_(number), range_(range), ascending_(order == ScanOrder::ascending) {
    const auto end = range.to.empty() ? std::nullopt : std::optional<std::string_view>(range.to);
    node_ = ascending_ ? overlay.lower_bound(range.from) : overlay.before(end);
    settle();
  }

  bool done() const { return node_ == nullptr; }
  std::string_view key() const { return node_->key(); }
  std::optional<std::string_view> value() const { return value_->get(); }
  void advance() {
    step();
    settle();
  }

 private:
  void step() { node_ = ascending_ ? node_->next() : overlay_.before(node_->key()); }

  /// Goes on to the next pair that was there at the number.
  void settle() {
    for (; node_ != nullptr; step()) {
      const bool inside = ascending_ ? below(key(), range_) : key() >= std::string_view(range_.from);
      if (!inside) {
        node_ = nullptr;
        return;
      }
      value_ = node_->at(number_);
      if (value_ != nullptr) return;
    }
  }

  const Overlay& overlay_;
  const RecordNumber number_;
  const KeyRange& range_;
  const bool ascending_;
  const Overlay::Node* node_ = nullptr;
  const Overlay::Value* value_ = nullptr;
};

/// Merges cursors, the newest first, with pairs that the tables bring.
class Merge {
 public:
  Merge(const std::vector<OverlayPtr>& overlays, RecordNumber number, const KeyRange& range, ScanOrder order,
        const Layers::Visit& visit)
      : overlays_(overlays), ascending_(order == ScanOrder::ascending), visit_(visit) {
    cursors_.reserve(overlays.size());
    for (const auto& overlay : overlays) cursors_.emplace_back(*overlay, number, range, order);
  }

  /// Takes a pair of the tables; false when the visitor wants no more.
  bool take(std::string_view key, std::string_view value) {
    if (!show_before(key)) return false;
    const Cursor* next = lowest();
    if (next != nullptr && next->key() == key) return show_next();
    return key == applied_key() || hidden(key, cursors_.size()) || visit_(key, value);
  }

  /// What is left once the tables have no more.
  bool finish() {
    bool wanted = true;
    while (wanted && lowest() != nullptr) wanted = show_next();
    return wanted;
  }

 private:
  bool comes_before(std::string_view a, std::string_view b) const { return ascending_ ? a < b : b < a; }

  /// The cursor whose pair comes next, the newest of those with one key; nullptr at the end.
  Cursor* lowest() {
    Cursor* found = nullptr;
    for (auto& cursor : cursors_) {
      if (cursor.done()) continue;
      if (found == nullptr || comes_before(cursor.key(), found->key())) found = &cursor;
    }
    return found;
  }

  bool show_before(std::string_view key) {
    for (const Cursor* next = lowest(); next != nullptr && comes_before(next->key(), key); next = lowest()) {
      if (!show_next()) return false;
    }
    return true;
  }

  /// Shows the next pair of the overlays, unless it is erased, and moves all cursors behind it.
  bool show_next() {
    Cursor* const next = lowest();
    const std::string_view key = next->key();
    const auto value = next->value();
    const bool show = value && !hidden(key, static_cast<std::size_t>(next - cursors_.data()));
    for (auto& cursor : cursors_) {
      if (!cursor.done() && cursor.key() == key) cursor.advance();
    }
    return !show || visit_(key, *value);
  }

  /// Whether a layer above `layer` erased the range around the key before its own values.
  bool hidden(std::string_view key, std::size_t layer) const {
    return std::any_of(overlays_.begin(), overlays_.begin() + static_cast<std::ptrdiff_t>(layer),
                       [&](const OverlayPtr& overlay) { return overlay->erases(key); });
  }

  const std::vector<OverlayPtr>& overlays_;
  const bool ascending_;
  const Layers::Visit& visit_;
  std::vector<Cursor> cursors_;
};

}  // namespace

std::string_view applied_key() { return {"\0journal", 8}; }

std::optional<std::optional<std::string_view>> Layers::find(std::string_view key, RecordNumber number) const {
  for (const auto& overlay : overlays_) {
    const auto* node = overlay->find(key);
    const auto* value = node == nullptr ? nullptr : node->at(number);
    if (value != nullptr) return value->get();
    if (overlay->erases(key)) return std::optional<std::string_view>();
  }
  return std::nullopt;
}

Result<void> Layers::scan(const KeyValueView& tables, RecordNumber number, const KeyRange& range, ScanOrder order,
                          const Visit& visit, ReadTier tier) const {
  if (!range.to.empty() && range.to <= range.from) return {};
  Merge merge(overlays_, number, range, order, visit);
  bool wanted = true;
  const auto take = [&](std::string_view key, std::string_view value) {
    wanted = merge.take(key, value);
    return wanted;
  };
  const auto scanned = tables.scan(range, order, take, tier);
  if (!scanned || !wanted) return scanned;
  merge.finish();
  return {};
}

}  // namespace ow::engine
