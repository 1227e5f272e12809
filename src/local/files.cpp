// See files.h.
#include "local/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/encoding.h"

namespace ow::local {
namespace {

constexpr std::size_t kChunkBytes = 1 << 20;
constexpr std::uint64_t kUnsyncedBytesMax = 16 << 20;

tl::unexpected<base::Error> failed(const char* what, const std::string& path) {
  const int cause = errno;
  const bool full = cause == ENOSPC || cause == EDQUOT;
  return base::fail(full ? base::ErrorCode::storage_full : base::ErrorCode::unavailable,
                    full ? "storage_full" : "file_failed",
                    fmt::format("Cannot {} {}: {}.", what, path, std::strerror(cause)));
}

class OpenFile {
 public:
  OpenFile(const std::string& path, int flags) : file_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (file_ >= 0) ::close(file_);
  }
  bool good() const { return file_ >= 0; }
  int descriptor() const { return file_; }

  /// Up to a chunk; empty at the end, negative on failure.
  ssize_t read(std::vector<char>& chunk) const {
    ssize_t count = 0;
    do {
      count = ::read(file_, chunk.data(), chunk.size());
    } while (count < 0 && errno == EINTR);
    return count;
  }

  bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto count = ::write(file_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  bool sync_data() const { return ::fdatasync(file_) == 0; }
  bool sync() const { return ::fsync(file_) == 0; }

 private:
  int file_;
};

class Digester {
 public:
  Digester() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    const int begun = EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
    OW_ASSERT(begun == 1, "OpenSSL knows SHA-256");
  }
  void add(std::string_view bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
    bytes_ += bytes.size();
  }
  FileDigest end() {
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), &size);
    return {bytes_, base::to_hex(std::string_view(digest).substr(0, size))};
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

base::Result<FileDigest> digest_file(const std::string& path) {
  const OpenFile file(path, O_RDONLY);
  if (!file.good()) return failed("open", path);
  Digester digester;
  std::vector<char> chunk(kChunkBytes);
  while (true) {
    const auto count = file.read(chunk);
    if (count < 0) return failed("read", path);
    if (count == 0) return digester.end();
    digester.add({chunk.data(), static_cast<std::size_t>(count)});
  }
}

base::Result<FileDigest> copy_file_synced(const std::string& from, const std::string& to) {
  const OpenFile source(from, O_RDONLY);
  if (!source.good()) return failed("open", from);
  const OpenFile target(to, O_WRONLY | O_CREAT | O_EXCL);
  if (!target.good()) return failed("create", to);
  Digester digester;
  std::vector<char> chunk(kChunkBytes);
  std::uint64_t unsynced = 0;
  while (true) {
    const auto count = source.read(chunk);
    if (count < 0) return failed("read", from);
    if (count == 0) break;
    const std::string_view bytes(chunk.data(), static_cast<std::size_t>(count));
    digester.add(bytes);
    if (!target.write(bytes)) return failed("write", to);
    unsynced += bytes.size();
    if (unsynced < kUnsyncedBytesMax) continue;
    if (!target.sync_data()) return failed("sync", to);
    unsynced = 0;
  }
  if (!target.sync()) return failed("sync", to);
  return digester.end();
}

base::Result<void> write_new_file(const std::string& path, const std::string& bytes) {
  const OpenFile file(path, O_WRONLY | O_CREAT | O_EXCL);
  if (!file.good()) return failed("create", path);
  if (!file.write(bytes)) return failed("write", path);
  if (!file.sync()) return failed("sync", path);
  return {};
}

base::Result<std::string> read_whole_file(const std::string& path) {
  const OpenFile file(path, O_RDONLY);
  if (!file.good()) return failed("open", path);
  std::string bytes;
  std::vector<char> chunk(kChunkBytes);
  while (true) {
    const auto count = file.read(chunk);
    if (count < 0) return failed("read", path);
    if (count == 0) return bytes;
    bytes.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

base::Result<void> sync_directory(const std::string& path) {
  const OpenFile directory(path, O_RDONLY | O_DIRECTORY);
  if (!directory.good()) return failed("open", path);
  if (!directory.sync()) return failed("sync", path);
  return {};
}

base::Result<FileLock> FileLock::take(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return failed("open", path);
  FileLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return failed("lock", path);
  return base::fail(base::ErrorCode::conflict, "in_use", path + " is in use by another process.");
}

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace ow::local
