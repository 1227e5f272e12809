// See overlay.h. A skip list (Pugh 1990) with a hash table beside it.
#include "engine/journal/overlay.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <new>

#include "base/assert.h"

namespace ow::engine {

const Overlay::Value* Overlay::Node::at(RecordNumber number) const {
  const Value* value = newest.load(std::memory_order_acquire);
  while (value != nullptr && value->number > number) value = value->older;
  return value;
}

Overlay::Overlay(std::size_t keys_max, std::vector<platform::KeyRange> erased, RecordNumber last)
    : keys_max_(keys_max),
      erased_(std::move(erased)),
      head_(make_node({}, kHeightMax)),
      mask_(std::bit_ceil(keys_max * 2) - 1),
      slots_(new std::atomic<Node*>[mask_ + 1]()),
      last_(last) {
  std::ranges::fill(path_, head_);
}

void Overlay::write(std::string_view key, std::optional<std::string_view> value, RecordNumber number) {
  const std::size_t slot = slot_of(key, std::hash<std::string_view>()(key));
  Node* node = slots_[slot].load(std::memory_order_relaxed);
  last_ = number;
  if (node != nullptr) {
    const Value* newest = node->newest.load(std::memory_order_relaxed);
    if (newest->number == number) newest = newest->older;
    node->newest.store(make_value(value, number, newest), std::memory_order_release);
    return;
  }
  OW_ASSERT(has_room(1), "the caller makes room");
  node = make_node(key, random_height());
  node->newest.store(make_value(value, number, nullptr), std::memory_order_relaxed);
  insert(node);
  slots_[slot].store(node, std::memory_order_release);
  ++keys_;
}

void Overlay::insert(Node* node) {
  seek(node->key());
  for (std::uint32_t level = 0; level < node->height; ++level) {
    auto& link = path_[level]->links()[level];
    node->links()[level].store(link.load(std::memory_order_relaxed), std::memory_order_relaxed);
    link.store(node, std::memory_order_release);
  }
}

/// Moves the writer's place before `key`: from where it is when the key lies ahead, else from the beginning.
void Overlay::seek(std::string_view key) {
  const auto behind = [&](std::uint32_t level) {
    const Node* next = path_[level]->links()[level].load(std::memory_order_relaxed);
    return next != nullptr && next->key() < key;
  };
  std::uint32_t level = 0;
  if (path_[0] != head_ && path_[0]->key() >= key) {
    std::ranges::fill(path_, head_);
    level = kHeightMax - 1;
  } else {
    while (level + 1 < kHeightMax && behind(level)) ++level;
  }
  while (true) {
    Node* at = path_[level];
    for (Node* next = at->links()[level].load(std::memory_order_relaxed); next != nullptr && next->key() < key;
         next = at->links()[level].load(std::memory_order_relaxed)) {
      at = next;
    }
    path_[level] = at;
    if (level == 0) return;
    --level;
    if (path_[level] == head_ || (at != head_ && path_[level]->key() < at->key())) path_[level] = at;
  }
}

const Overlay::Node* Overlay::find(std::string_view key) const {
  return slots_[slot_of(key, std::hash<std::string_view>()(key))].load(std::memory_order_acquire);
}

/// Where the key is, or where it would be put.
std::size_t Overlay::slot_of(std::string_view key, std::size_t hash) const {
  for (std::size_t slot = hash & mask_;; slot = (slot + 1) & mask_) {
    const Node* node = slots_[slot].load(std::memory_order_acquire);
    if (node == nullptr || node->key() == key) return slot;
  }
}

const Overlay::Node* Overlay::lower_bound(std::string_view key) const {
  const Node* before_key = before(key);
  return before_key == nullptr ? first() : before_key->next();
}

const Overlay::Node* Overlay::before(std::optional<std::string_view> key) const {
  const Node* at = head_;
  for (std::uint32_t level = kHeightMax; level-- > 0;) {
    for (const Node* next = at->links()[level].load(std::memory_order_acquire);
         next != nullptr && (!key || next->key() < *key); next = at->links()[level].load(std::memory_order_acquire)) {
      at = next;
    }
  }
  return at == head_ ? nullptr : at;
}

bool Overlay::erases(std::string_view key) const {
  return std::ranges::any_of(erased_, [&](const platform::KeyRange& range) {
    return key >= range.from && (range.to.empty() || key < range.to);
  });
}

Overlay::Node* Overlay::make_node(std::string_view key, std::uint32_t height) {
  char* const bytes = arena_.take(sizeof(Node) + height * sizeof(std::atomic<Node*>) + key.size());
  auto* const node = new (bytes) Node{nullptr, static_cast<std::uint32_t>(key.size()), height};
  for (std::uint32_t level = 0; level < height; ++level) {
    new (node->links() + level) std::atomic<Node*>(nullptr);
  }
  if (!key.empty()) std::memcpy(reinterpret_cast<char*>(node->links() + height), key.data(), key.size());
  return node;
}

const Overlay::Value* Overlay::make_value(std::optional<std::string_view> value, RecordNumber number,
                                          const Value* older) {
  const std::size_t size = value ? value->size() : 0;
  char* const bytes = arena_.take(sizeof(Value) + size);
  auto* const made = new (bytes) Value{number, older, !value, static_cast<std::uint32_t>(size)};
  if (size != 0) std::memcpy(bytes + sizeof(Value), value->data(), size);
  return made;
}

/// One node in four reaches the next level.
std::uint32_t Overlay::random_height() {
  heights_ ^= heights_ << 13;
  heights_ ^= heights_ >> 7;
  heights_ ^= heights_ << 17;
  const auto pairs_of_zeros = static_cast<std::uint32_t>(std::countr_zero(heights_)) / 2;
  return std::min(1 + pairs_of_zeros, kHeightMax);
}

}  // namespace ow::engine
