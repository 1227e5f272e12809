// See directory.h.
#include "engine/rocks/directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "engine/crc32c.h"

namespace ow::engine {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormatName = "orderwright store, format ";

std::string format_text(int number) {
  const std::string line = fmt::format("{}{}\n", kFormatName, number);
  return fmt::format("{}crc32c {:08x}\n", line, crc32c(0, line));
}

tl::unexpected<base::Error> not_writable(const fs::path& path, const char* cause) {
  return fail(ErrorCode::unavailable, "storage_not_writable",
              fmt::format("Cannot write {}: {}.", path.string(), cause));
}

Result<void> sync_path(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool done = file >= 0 && ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  if (done) return {};
  return not_writable(path, std::strerror(error));
}

}  // namespace

Result<DirectoryLock> DirectoryLock::take(const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return not_writable(directory, error.message().c_str());
  const fs::path path = fs::path(directory) / "IN_USE";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return not_writable(path, std::strerror(errno));
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return DirectoryLock(file);
  ::close(file);
  return fail(ErrorCode::unavailable, "storage_in_use",
              fmt::format("The directory {} is in use by another process.", directory));
}

DirectoryLock::~DirectoryLock() {
  if (file_ >= 0) ::close(file_);
}

Result<DirectoryFormat> read_format(const std::string& directory, DirectoryFormat newest) {
  const fs::path path = fs::path(directory) / "FORMAT";
  const bool has_store = fs::exists(fs::path(directory) / "CURRENT");
  if (!fs::exists(path)) return DirectoryFormat::none;
  const auto text = read_file(path);
  if (!text) return fail(text.error());
  int number = 0;
  if (text->starts_with(kFormatName)) {
    std::from_chars(text->data() + kFormatName.size(), text->data() + text->size(), number);
  }
  if (*text != format_text(number)) {
    return fail(ErrorCode::internal, "storage_damaged", fmt::format("Damage in file {} at offset 0.", path.string()));
  }
  if (number > static_cast<int>(newest)) {
    return fail(ErrorCode::unsupported, "storage_format_newer",
                fmt::format("The store in {} has format {}, this program reads formats up to {}.", directory, number,
                            static_cast<int>(newest)));
  }
  if (!has_store) {
    return fail(ErrorCode::internal, "storage_damaged",
                fmt::format("The file {} is missing.", (fs::path(directory) / "CURRENT").string()));
  }
  return static_cast<DirectoryFormat>(number);
}

Result<void> write_format(const std::string& directory, DirectoryFormat format) {
  const fs::path path = fs::path(directory) / "FORMAT";
  const fs::path draft = fs::path(directory) / "FORMAT.new";
  {
    std::ofstream out(draft, std::ios::binary | std::ios::trunc);
    out << format_text(static_cast<int>(format));
    out.close();
    if (!out) return not_writable(draft, std::strerror(errno));
  }
  if (auto synced = sync_path(draft); !synced) return synced;
  std::error_code error;
  fs::rename(draft, path, error);
  if (error) return not_writable(path, error.message().c_str());
  return sync_path(directory);
}

Result<std::string> read_file(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  std::ifstream in(path, std::ios::binary);
  std::string bytes(error ? 0 : size, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (error || !in) {
    return fail(ErrorCode::unavailable, "storage_unreadable", fmt::format("Cannot read {}.", path.string()));
  }
  return bytes;
}

}  // namespace ow::engine
