// See posix_log_disk.h.
#include "local/posix_log_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace ow::local {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

namespace fs = std::filesystem;

// What an interrupted create() left; the next one of that name writes it over.
constexpr std::string_view kDraft = ".new";
constexpr std::size_t kZerosAtOnce = 1 << 20;

tl::unexpected<base::Error> failed(const char* what, const fs::path& path, int error) {
  const auto text = fmt::format("Cannot {} {}: {}.", what, path.string(), std::strerror(error));
  if (error == ENOSPC || error == EDQUOT) return fail(ErrorCode::storage_full, "storage_full", text);
  return fail(ErrorCode::unavailable, "storage_not_writable", text);
}

/// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

/// Writes all bytes or gives the error number; 0 when done.
int write_all(int file, std::uint64_t at, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    at += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

class PosixLogFile final : public platform::LogFile {
 public:
  PosixLogFile(Descriptor file, fs::path path, std::uint64_t size)
      : file_(std::move(file)), path_(std::move(path)), size_(size) {}

  std::uint64_t size() const override { return size_; }

  Result<std::string> read(std::uint64_t at, std::uint64_t length) const override {
    std::string bytes(length, '\0');
    std::uint64_t done = 0;
    while (done < length) {
      const ssize_t got = ::pread(file_.get(), bytes.data() + done, length - done, static_cast<off_t>(at + done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return unreadable(got < 0 ? errno : EIO);
      done += static_cast<std::uint64_t>(got);
    }
    return bytes;
  }

  Result<void> write(std::uint64_t at, std::string_view bytes) override {
    const int error = write_all(file_.get(), at, bytes);
    if (error == 0) return {};
    return failed("write", path_, error);
  }

  Result<void> sync() override {
    if (::fdatasync(file_.get()) == 0) return {};
    return fail(ErrorCode::internal, "storage_failed",
                fmt::format("Cannot sync {}: {}.", path_.string(), std::strerror(errno)));
  }

 private:
  tl::unexpected<base::Error> unreadable(int error) const {
    return fail(ErrorCode::unavailable, "storage_unreadable",
                fmt::format("Cannot read {}: {}.", path_.string(), std::strerror(error)));
  }

  Descriptor file_;
  fs::path path_;
  std::uint64_t size_;
};

class PosixLogDisk final : public platform::LogDisk {
 public:
  explicit PosixLogDisk(fs::path directory) : directory_(std::move(directory)) {}

  Result<std::vector<std::string>> names() const override {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory_, error)) {
      names.push_back(entry.path().filename().string());
    }
    if (error) return failed("list", directory_, error.value());
    std::erase_if(names, [](const std::string& name) { return name.ends_with(kDraft); });
    std::sort(names.begin(), names.end());
    return names;
  }

  std::string path_of(const std::string& name) const override { return (directory_ / name).string(); }

  Result<std::unique_ptr<platform::LogFile>> open(const std::string& name) override {
    const fs::path path = directory_ / name;
    Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    struct stat found{};
    if (!file || ::fstat(file.get(), &found) != 0) return failed("open", path, errno);
    return std::make_unique<PosixLogFile>(std::move(file), path, static_cast<std::uint64_t>(found.st_size));
  }

  Result<std::unique_ptr<platform::LogFile>> create(const std::string& name, std::uint64_t bytes) override {
    const fs::path path = directory_ / name;
    const fs::path draft = path.string() + std::string(kDraft);
    Descriptor file(::open(draft.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file) return failed("make", draft, errno);
    int error = fill(file.get(), bytes);
    if (error == 0 && ::fsync(file.get()) != 0) error = errno;
    if (error == 0 && ::rename(draft.c_str(), path.c_str()) != 0) error = errno;
    if (error != 0) {
      ::unlink(draft.c_str());
      return failed("make", path, error);
    }
    if (auto synced = sync_directory(); !synced) return fail(synced.error());
    return std::make_unique<PosixLogFile>(std::move(file), path, bytes);
  }

  Result<void> remove(const std::string& name) override {
    const fs::path path = directory_ / name;
    if (::unlink(path.c_str()) != 0) return failed("remove", path, errno);
    return sync_directory();
  }

 private:
  static int fill(int file, std::uint64_t bytes) {
    const std::string zeros(std::min<std::uint64_t>(bytes, kZerosAtOnce), '\0');
    for (std::uint64_t at = 0; at < bytes; at += zeros.size()) {
      const std::string_view rest = std::string_view(zeros).substr(0, bytes - at);
      if (const int error = write_all(file, at, rest); error != 0) return error;
    }
    return 0;
  }

  Result<void> sync_directory() const {
    const Descriptor directory(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory && ::fsync(directory.get()) == 0) return {};
    return failed("sync", directory_, errno);
  }

  fs::path directory_;
};

}  // namespace

Result<std::unique_ptr<platform::LogDisk>> open_log_disk(const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return failed("make", directory, error.value());
  return std::make_unique<PosixLogDisk>(directory);
}

}  // namespace ow::local
