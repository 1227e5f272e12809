// See machine.h.
#include "local/machine.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include <sys/random.h>
#include <sys/stat.h>

#include "base/assert.h"
#include "local/durable_file.h"

namespace ow::local {

namespace {

std::int64_t microseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

constexpr std::size_t kPooledBytesMax = 32;  // a system call for so few would cost more than they do

void fill_by_kernel(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const auto n = getrandom(bytes.data(), bytes.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    OW_ASSERT(n > 0, "the operating system gives random bytes");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

base::Result<void> secret_error(const std::string& what, const std::string& path) {
  return base::fail(base::ErrorCode::internal, "secret_not_kept",
                    "Cannot " + what + " " + path + ": " + std::strerror(errno) + ".");
}

/// A name is a file name: letters, digits, '.', '-' and '_', not beginning with a dot.
bool is_secret_name(const std::string& name) {
  constexpr auto kAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !name.empty() && name.front() != '.' && name.find_first_not_of(kAlphabet) == std::string::npos;
}

}  // namespace

base::Instant SystemClock::now() const { return {microseconds(CLOCK_REALTIME)}; }
base::Duration SystemClock::ticks() const { return base::Duration(microseconds(CLOCK_MONOTONIC)); }

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
  if (bytes.size() > kPooledBytesMax) return fill_by_kernel(bytes);
  while (!bytes.empty()) {
    const auto number = next();
    const auto taken = std::min(bytes.size(), sizeof number);
    std::memcpy(bytes.data(), &number, taken);
    bytes = bytes.subspan(taken);
  }
}

std::uint64_t SystemRandom::next() {
  thread_local std::array<std::uint64_t, 64> numbers;
  thread_local std::size_t used = numbers.size();
  if (used == numbers.size()) {
    fill_by_kernel({reinterpret_cast<std::uint8_t*>(numbers.data()), sizeof(numbers)});
    used = 0;
  }
  return std::exchange(numbers[used++], 0);
}

base::Result<std::optional<std::string>> FileSecrets::get(const std::string& name) {
  OW_ASSERT(is_secret_name(name), "a secret's name is a plain file name");
  return read_file(directory_ + "/" + name);
}

base::Result<void> FileSecrets::put(const std::string& name, const std::string& bytes) {
  OW_ASSERT(is_secret_name(name), "a secret's name is a plain file name");
  if (::mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) return secret_error("create", directory_);
  if (::chmod(directory_.c_str(), 0700) != 0) return secret_error("protect", directory_);
  return write_durable(directory_ + "/" + name, bytes);
}

}  // namespace ow::local
