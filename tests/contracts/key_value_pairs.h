// Short words for tests that read and write a KeyValue.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platform/key_value.h"

namespace ow::contracts {

using platform::Change;
using platform::KeyRange;
using platform::KeyValue;
using platform::ScanOrder;

using Pairs = std::vector<std::pair<std::string, std::string>>;

inline Change put(std::string key, std::string value) { return {std::move(key), std::move(value)}; }
inline Change erase(std::string key) { return {std::move(key), std::nullopt}; }

inline Pairs scan(const platform::KeyValueView& view, const KeyRange& range = {},
                  ScanOrder order = ScanOrder::ascending, std::size_t limit = 1000) {
  Pairs pairs;
  const auto scanned = view.scan(range, order, [&](std::string_view key, std::string_view value) {
    pairs.emplace_back(key, value);
    return pairs.size() < limit;
  });
  EXPECT_TRUE(scanned.has_value());
  return pairs;
}

inline std::optional<std::string> get(const KeyValue& store, const std::string& key) {
  const auto values = store.get({key});
  EXPECT_TRUE(values.has_value()) << values.error().message;
  return values ? values->at(0) : std::nullopt;
}

}  // namespace ow::contracts
