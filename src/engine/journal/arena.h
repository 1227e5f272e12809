// Memory that is taken piece by piece and given back all at once. One thread takes; what was taken may be read
// by others.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace ow::engine {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Aligned for pointers and numbers of 8 bytes.
  char* take(std::size_t bytes);
  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kBlock = 256 << 10;
  static constexpr std::size_t kAlign = 8;

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* at_ = nullptr;
  std::size_t left_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace ow::engine
