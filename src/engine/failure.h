// What ended the use of a store; every call asks it. Any thread.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include "base/result.h"

namespace ow::engine {

class Failure {
 public:
  std::optional<base::Error> error() const {
    if (!set_.load(std::memory_order_acquire)) return std::nullopt;
    const std::lock_guard lock(mutex_);
    return error_;
  }
  /// The first stays; gives it.
  base::Error set(base::Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    set_.store(true, std::memory_order_release);
    return *error_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<base::Error> error_;
  std::atomic<bool> set_ = false;
};

}  // namespace ow::engine
