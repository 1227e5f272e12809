// See durable_file.h.
#include "local/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace ow::local {
namespace {

base::Result<void> io_error(const std::string& what, const std::string& path) {
  const int cause = errno;
  const bool full = cause == ENOSPC || cause == EDQUOT;
  return base::fail(full ? base::ErrorCode::storage_full : base::ErrorCode::internal,
                    full ? "storage_full" : "file_not_kept",
                    "Cannot " + what + " " + path + ": " + std::strerror(cause) + ".");
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
  if (write_all(file.fd(), bytes) && ::fsync(file.fd()) == 0) return {};
  auto failed = io_error("write", path);
  ::unlink(path.c_str());
  return failed;
}

std::string directory_of(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

base::Result<void> sync_directory(const std::string& path) {
  const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.open() || ::fsync(directory.fd()) != 0) return io_error("sync", path);
  return {};
}

}  // namespace

base::Result<void> write_durable(const std::string& path, const std::string& bytes) {
  const auto directory = directory_of(path);
  const auto beside = directory + "/." + std::filesystem::path(path).filename().string();
  if (auto written = write_synced(beside, bytes); !written) return written;
  if (::rename(beside.c_str(), path.c_str()) != 0) return io_error("replace", path);
  return sync_directory(directory);
}

base::Result<std::optional<std::string>> read_file(const std::string& path, std::uint64_t from,
                                                   std::uint64_t length) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open() && (errno == ENOENT || errno == ENOTDIR)) return std::optional<std::string>();
  struct stat facts{};
  if (!file.open() || ::fstat(file.fd(), &facts) != 0) return base::fail(io_error("read", path).error());
  const auto size = static_cast<std::uint64_t>(facts.st_size);
  std::string bytes(std::min(length, size - std::min(size, from)), '\0');
  for (std::size_t done = 0; done < bytes.size();) {
    const auto n = ::pread(file.fd(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(from + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return base::fail(io_error("read", path).error());
    done += static_cast<std::size_t>(n);
  }
  return std::optional(std::move(bytes));
}

base::Result<void> make_directories(const std::string& path) {
  if (path.empty() || std::filesystem::exists(path)) return {};
  const auto above = directory_of(path);
  if (auto made = make_directories(above); !made) return made;
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return io_error("create", path);
  return sync_directory(above.empty() ? "." : above);
}

base::Result<void> remove_durable(const std::string& path) {
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    return io_error("remove", path);
  }
  return sync_directory(directory_of(path));
}

}  // namespace ow::local
