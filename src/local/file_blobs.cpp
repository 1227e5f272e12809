// See file_blobs.h. What a job reads and writes is shared with it: a task may be destroyed before its job ran.
#include "local/file_blobs.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "local/durable_file.h"

namespace ow::local {
namespace {

namespace fs = std::filesystem;
using base::Result;
using base::Task;

/// Runs `job` on the lane and gives what it returned.
template <typename T>
Task<T> on_lane(platform::Executor& executor, LaneThread& lane, std::function<T()> job) {
  auto answer = std::make_shared<std::optional<T>>();
  co_await offload(executor, lane, [answer, job = std::move(job)] { answer->emplace(job()); });
  co_return std::move(**answer);
}

Result<void> put_file(const std::string& path, const std::string& bytes) {
  const auto there = read_file(path);
  if (!there) return base::fail(there.error());
  if (*there && **there == bytes) return {};
  if (*there) return base::fail(base::ErrorCode::conflict, "blob_exists", "The blob has other bytes already.");
  if (auto made = make_directories(fs::path(path).parent_path().string()); !made) return made;
  return write_durable(path, bytes);
}

Result<std::optional<std::uint64_t>> size_of(const std::string& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (!error) return std::optional<std::uint64_t>(size);
  if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory)
    return std::optional<std::uint64_t>();
  return base::fail(base::ErrorCode::internal, "file_not_kept", "Cannot read " + path + ": " + error.message());
}

Result<platform::BlobPage> list_files(const std::string& directory, const std::string& prefix, const std::string& after,
                                      std::size_t limit) {
  platform::BlobPage page;
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    if (!at->is_regular_file()) continue;
    auto name = fs::relative(at->path(), directory).generic_string();
    if (platform::is_blob_name(name) && name.starts_with(prefix) && name > after) page.names.push_back(std::move(name));
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return base::fail(base::ErrorCode::internal, "file_not_kept", "Cannot list " + directory + ": " + error.message());
  std::sort(page.names.begin(), page.names.end());
  page.more = page.names.size() > limit;
  if (page.more) page.names.resize(limit);
  return page;
}

}  // namespace

Result<std::string> FileBlobs::path_of(const std::string& name) const {
  if (platform::is_blob_name(name)) return directory_ + "/" + name;
  return base::fail(base::ErrorCode::malformed, "bad_blob_name", "'" + name + "' is no name of a blob.");
}

Task<Result<void>> FileBlobs::put(std::string name, std::string bytes) {
  auto path = path_of(name);
  if (!path) co_return base::fail(path.error());
  co_return co_await on_lane<Result<void>>(
      executor_, lane_, [path = std::move(*path), bytes = std::move(bytes)] { return put_file(path, bytes); });
}

Task<Result<std::optional<std::string>>> FileBlobs::get(std::string name, platform::ByteRange range) {
  auto path = path_of(name);
  if (!path) co_return base::fail(path.error());
  co_return co_await on_lane<Result<std::optional<std::string>>>(
      executor_, lane_, [path = std::move(*path), range] { return read_file(path, range.from, range.length); });
}

Task<Result<std::optional<std::uint64_t>>> FileBlobs::size(std::string name) {
  auto path = path_of(name);
  if (!path) co_return base::fail(path.error());
  co_return co_await on_lane<Result<std::optional<std::uint64_t>>>(executor_, lane_,
                                                                   [path = std::move(*path)] { return size_of(path); });
}

Task<Result<platform::BlobPage>> FileBlobs::list(std::string prefix, std::string after, std::size_t limit) {
  co_return co_await on_lane<Result<platform::BlobPage>>(
      executor_, lane_,
      [directory = directory_, prefix, after, limit] { return list_files(directory, prefix, after, limit); });
}

Task<Result<void>> FileBlobs::erase(std::string name) {
  auto path = path_of(name);
  if (!path) co_return base::fail(path.error());
  co_return co_await on_lane<Result<void>>(executor_, lane_,
                                           [path = std::move(*path)] { return remove_durable(path); });
}

}  // namespace ow::local
