// See durable_file.h.
#include "local/durable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
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

int create(const std::string& path) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  const int fd = ::open(path.c_str(), kFlags, 0600);
  if (fd >= 0 || errno != EEXIST) return fd;
  ::unlink(path.c_str());  // left by a process that died here; its mode is not trusted
  return ::open(path.c_str(), kFlags, 0600);
}

std::string directory_of(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

base::Result<void> sync_directory(const std::string& path) {
  const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.open() || ::fsync(directory.fd()) != 0) return io_error("sync", path);
  return {};
}

/// A file on its way: written beside its place, synced, renamed. What fails leaves nothing.
class Newcomer {
 public:
  Newcomer(const std::string& directory, const NamedBytes& file)
      : beside_(directory + "/." + file.name), path_(directory + "/" + file.name), file_(create(beside_)) {
    if (!file_.open() || !write_all(file_.fd(), file.bytes)) {
      fail(file_.open() ? "write" : "create", beside_);
      return;
    }
    // Begins the transfer, so that the syncs of many files wait for one; whether it worked, the sync tells.
    ::sync_file_range(file_.fd(), 0, 0, SYNC_FILE_RANGE_WRITE);
  }
  void sync() {
    if (outcome_ && ::fsync(file_.fd()) != 0) fail("write", beside_);
  }
  void take_place() {
    if (outcome_ && ::rename(beside_.c_str(), path_.c_str()) != 0) fail("replace", path_);
  }
  const base::Result<void>& outcome() const { return outcome_; }

 private:
  void fail(const char* what, const std::string& path) {
    outcome_ = io_error(what, path);
    if (file_.open()) ::unlink(beside_.c_str());
  }

  std::string beside_;
  std::string path_;
  Descriptor file_;
  base::Result<void> outcome_;
};

}  // namespace

std::vector<base::Result<void>> write_all_durable(const std::string& directory, const std::vector<NamedBytes>& files) {
  std::deque<Newcomer> newcomers;
  for (const auto& file : files) newcomers.emplace_back(directory, file);
  for (auto& each : newcomers) each.sync();
  for (auto& each : newcomers) each.take_place();
  const auto synced = sync_directory(directory);
  std::vector<base::Result<void>> outcomes;
  for (const auto& each : newcomers) outcomes.push_back(each.outcome() ? synced : each.outcome());
  return outcomes;
}

base::Result<void> write_durable(const std::string& path, const std::string& bytes) {
  const auto name = std::filesystem::path(path).filename().string();
  return write_all_durable(directory_of(path), {{name, bytes}}).front();
}

base::Result<std::optional<std::string>> read_file(const std::string& path, std::uint64_t from, std::uint64_t length) {
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
