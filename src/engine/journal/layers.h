// Overlays above the tables, read as one ordered map. Immutable, any thread; what it refers to stays alive with
// it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/journal/overlay.h"
#include "engine/journal/tables.h"

namespace ow::engine {

class Layers {
 public:
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;

  Layers() = default;
  explicit Layers(std::vector<OverlayPtr> newest_first) : overlays_(std::move(newest_first)) {}

  const std::vector<OverlayPtr>& overlays() const { return overlays_; }

  /// What the overlays know of a key as of `number`: a value, that it was erased (the inner optional is
  /// empty), or nothing: the tables decide.
  std::optional<std::optional<std::string_view>> find(std::string_view key, RecordNumber number) const;

  /// As KeyValueView::scan(), over the overlays as of `number` and the tables' view.
  base::Result<void> scan(const platform::KeyValueView& tables, RecordNumber number, const platform::KeyRange& range,
                          platform::ScanOrder order, const Visit& visit, platform::ReadTier tier) const;

 private:
  std::vector<OverlayPtr> overlays_;
};

/// Key of the tables that says up to which record of the journal they hold everything; no other may be called
/// so, and no reader sees it.
std::string_view applied_key();

}  // namespace ow::engine
