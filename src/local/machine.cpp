// See machine.h.
#include "local/machine.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"

namespace ow::local {

namespace {

std::int64_t microseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

base::Result<void> io_error(const std::string& what, const std::string& path) {
  return base::fail(base::ErrorCode::internal, "secret_not_kept",
                    "Cannot " + what + " " + path + ": " + std::strerror(errno) + ".");
}

/// A name is a file name: letters, digits, '.', '-' and '_', not beginning with a dot.
bool is_secret_name(const std::string& name) {
  constexpr auto kAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !name.empty() && name.front() != '.' && name.find_first_not_of(kAlphabet) == std::string::npos;
}

/// A file descriptor that is closed when it goes.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  bool open() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  int fd_;
};

bool write_all(int fd, const std::string& bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const auto n = ::write(fd, bytes.data() + written, bytes.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    written += static_cast<std::size_t>(n);
  }
  return true;
}

base::Result<void> write_synced(const std::string& path, const std::string& bytes) {
  ::unlink(path.c_str());  // left by a process that died here; its mode is not trusted
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.open()) return io_error("create", path);
  if (!write_all(file.fd(), bytes) || ::fsync(file.fd()) != 0) return io_error("write", path);
  return {};
}

base::Result<void> sync_directory(const std::string& path) {
  const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.open() || ::fsync(directory.fd()) != 0) return io_error("sync", path);
  return {};
}

}  // namespace

base::Instant SystemClock::now() const { return {microseconds(CLOCK_REALTIME)}; }
base::Duration SystemClock::ticks() const { return base::Duration(microseconds(CLOCK_MONOTONIC)); }

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const auto n = getrandom(bytes.data(), bytes.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    OW_ASSERT(n > 0, "the operating system gives random bytes");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

std::uint64_t SystemRandom::next() {
  thread_local std::array<std::uint64_t, 64> numbers;
  thread_local std::size_t used = numbers.size();
  if (used == numbers.size()) {
    fill({reinterpret_cast<std::uint8_t*>(numbers.data()), sizeof(numbers)});
    used = 0;
  }
  return std::exchange(numbers[used++], 0);
}

base::Result<std::optional<std::string>> FileSecrets::get(const std::string& name) {
  OW_ASSERT(is_secret_name(name), "a secret's name is a plain file name");
  const auto path = directory_ + "/" + name;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    if (errno == ENOENT) return std::optional<std::string>();
    return base::fail(io_error("read", path).error());
  }
  std::ostringstream bytes;
  bytes << file.rdbuf();
  if (file.bad()) return base::fail(io_error("read", path).error());
  return std::optional(std::move(bytes).str());
}

base::Result<void> FileSecrets::put(const std::string& name, const std::string& bytes) {
  OW_ASSERT(is_secret_name(name), "a secret's name is a plain file name");
  if (::mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) return io_error("create", directory_);
  if (::chmod(directory_.c_str(), 0700) != 0) return io_error("protect", directory_);
  const auto path = directory_ + "/" + name;
  const auto beside = directory_ + "/." + name;
  if (auto written = write_synced(beside, bytes); !written) return written;
  if (::rename(beside.c_str(), path.c_str()) != 0) return io_error("replace", path);
  return sync_directory(directory_);
}

}  // namespace ow::local
