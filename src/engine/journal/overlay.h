// What was written lately and is not in the tables yet: an ordered map in memory whose keys keep their older
// values, so that a reader sees it as it was at any append. One step of the store's history: the ranges that
// were erased first, then the values.
//
// Threads: one writes (the commit lane), any number read meanwhile without a lock: nodes and values are only
// ever added, each becomes reachable once it is whole, and all memory goes at the end.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/journal/arena.h"
#include "engine/journal/record.h"
#include "platform/key_value.h"

namespace ow::engine {

class Overlay {
 public:
  struct Value {
    RecordNumber number = 0;
    const Value* older = nullptr;
    bool erased = false;
    std::uint32_t size = 0;

    std::optional<std::string_view> get() const {
      if (erased) return std::nullopt;
      return std::string_view(reinterpret_cast<const char*>(this + 1), size);
    }
  };

  struct Node {
    std::atomic<const Value*> newest;
    std::uint32_t key_size;
    std::uint32_t height;
    // Behind it: the links of each level, then the key.

    std::atomic<Node*>* links() { return reinterpret_cast<std::atomic<Node*>*>(this + 1); }
    const std::atomic<Node*>* links() const { return reinterpret_cast<const std::atomic<Node*>*>(this + 1); }
    std::string_view key() const { return {reinterpret_cast<const char*>(links() + height), key_size}; }
    const Node* next() const { return links()[0].load(std::memory_order_acquire); }
    /// The last value at or before `number`; nullptr when the key was not yet written then.
    const Value* at(RecordNumber number) const;
  };

  /// Holds up to `keys_max` keys. `erased`: ranges of which nothing below shows, as of record `last`.
  Overlay(std::size_t keys_max, std::vector<platform::KeyRange> erased, RecordNumber last);
  Overlay(const Overlay&) = delete;
  Overlay& operator=(const Overlay&) = delete;

  // The writer.

  /// Numbers never fall; a second write of a key under one number replaces the first. Keys of one batch are
  /// best written in ascending order. There must be room.
  void write(std::string_view key, std::optional<std::string_view> value, RecordNumber number);
  bool has_room(std::size_t keys) const { return keys_ + keys <= keys_max_; }
  std::size_t keys() const { return keys_; }
  std::size_t bytes() const { return arena_.bytes(); }
  /// The number of the last write, or of the erased ranges.
  RecordNumber last() const { return last_; }

  // Readers.

  const Node* find(std::string_view key) const;
  const Node* first() const { return head_->next(); }
  /// The first with a key not less than `key`.
  const Node* lower_bound(std::string_view key) const;
  /// The last with a key less than `key`, or the last of all when there is no bound.
  const Node* before(std::optional<std::string_view> key) const;

  const std::vector<platform::KeyRange>& erased() const { return erased_; }
  bool erases(std::string_view key) const;

 private:
  static constexpr std::uint32_t kHeightMax = 12;  // 4^12 keys

  Node* make_node(std::string_view key, std::uint32_t height);
  const Value* make_value(std::optional<std::string_view> value, RecordNumber number, const Value* older);
  void insert(Node* node);
  void seek(std::string_view key);
  std::uint32_t random_height();
  std::size_t slot_of(std::string_view key, std::size_t hash) const;

  const std::size_t keys_max_;
  const std::vector<platform::KeyRange> erased_;
  Arena arena_;
  Node* head_;
  Node* path_[kHeightMax];  // the writer's place: the last node before it on each level
  std::size_t mask_;
  std::unique_ptr<std::atomic<Node*>[]> slots_;  // by hash of the key, for reads of one key
  std::size_t keys_ = 0;
  RecordNumber last_;
  std::uint64_t heights_ = 0x9e3779b97f4a7c15;
};

using OverlayPtr = std::shared_ptr<Overlay>;

}  // namespace ow::engine
