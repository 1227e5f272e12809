// See arena.h.
#include "engine/journal/arena.h"

namespace ow::engine {

char* Arena::take(std::size_t bytes) {
  bytes = (bytes + kAlign - 1) / kAlign * kAlign;
  if (bytes > left_ && bytes > kBlock / 4) {  // a block of its own; what is left of the last one stays in use
    blocks_.emplace_back(new char[bytes]);
    bytes_ += bytes;
    return blocks_.back().get();
  }
  if (bytes > left_) {
    blocks_.emplace_back(new char[kBlock]);
    bytes_ += kBlock;
    at_ = blocks_.back().get();
    left_ = kBlock;
  }
  char* const taken = at_;
  at_ += bytes;
  left_ -= bytes;
  return taken;
}

}  // namespace ow::engine
