// See snapshot_archive.h.
#include "local/snapshot_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "platform/id_source.h"

namespace ow::local {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;

constexpr std::string_view kTemporary = ".making-";

tl::unexpected<base::Error> failed(const std::string& what, const std::error_code& error) {
  const bool full = error == std::errc::no_space_on_device;
  return base::fail(full ? ErrorCode::storage_full : ErrorCode::unavailable, full ? "storage_full" : "file_failed",
                    fmt::format("Cannot {}: {}.", what, error.message()));
}

base::Result<void> make_directory(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) fs::permissions(path, fs::perms::owner_all, error);
  if (error) return failed("make the directory " + path, error);
  return {};
}

struct SourceFile {
  std::string from;
  std::string path;  // below the snapshot
  std::uint64_t bytes = 0;
};

base::Result<void> collect(const SnapshotPart& part, std::vector<SourceFile>& files) {
  std::error_code error;
  if (!fs::exists(part.directory, error)) return {};
  fs::recursive_directory_iterator entry(part.directory, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    // Being written under another name: complete it has no dot in front, and until then nothing refers to it.
    if (entry->path().filename().native().starts_with('.')) continue;
    if (!entry->is_regular_file(error)) continue;
    const auto inner = fs::relative(entry->path(), part.directory, error).generic_string();
    files.push_back({entry->path().string(), part.name + "/" + inner, entry->file_size(error)});
  }
  if (error) return failed("read the directory " + part.directory, error);
  return {};
}

base::Result<std::vector<SourceFile>> collect(const std::vector<SnapshotPart>& parts) {
  std::vector<SourceFile> files;
  for (const auto& part : parts) {
    if (auto collected = collect(part, files); !collected) return base::fail(collected.error());
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

base::Result<void> check_room(const std::string& directory, const std::vector<SourceFile>& files) {
  std::uint64_t bytes = 0;
  for (const auto& file : files) bytes += file.bytes;
  std::error_code error;
  const auto space = fs::space(directory, error);
  if (error) return failed("look at the disk of " + directory, error);
  if (space.available >= bytes + SnapshotArchive::kReserveBytes) return {};
  return base::fail(ErrorCode::storage_full, "snapshot_no_room",
                    fmt::format("The snapshot takes {} MiB and {} MiB must stay free, but {} has {} MiB free.",
                                bytes >> 20, SnapshotArchive::kReserveBytes >> 20, directory, space.available >> 20));
}

// Tables of the store never change under their name, so the snapshot before may hold the very same bytes. It is
// the digest that decides.
class Earlier {
 public:
  Earlier(const SnapshotManifest* manifest, std::string directory) : directory_(std::move(directory)) {
    if (manifest == nullptr) return;
    for (const auto& file : manifest->files) digests_[file.path] = file.digest;
  }
  // True when the file is now at `to`, shared.
  bool share(const SourceFile& file, const FileDigest& digest, const std::string& to) const {
    const auto found = digests_.find(file.path);
    if (found == digests_.end() || found->second != digest) return false;
    std::error_code error;
    fs::create_hard_link(directory_ + "/" + file.path, to, error);
    return !error;
  }
  bool may_hold(const SourceFile& file) const {
    const auto found = digests_.find(file.path);
    return found != digests_.end() && found->second.bytes == file.bytes;
  }

 private:
  std::string directory_;
  std::map<std::string, FileDigest> digests_;
};

base::Result<FileDigest> take_file(const SourceFile& file, const std::string& to, const Earlier& earlier) {
  if (earlier.may_hold(file)) {
    const auto digest = digest_file(file.from);
    if (!digest) return base::fail(digest.error());
    if (earlier.share(file, *digest, to)) return *digest;
  }
  return copy_file_synced(file.from, to);
}

base::Result<void> sync_directories(const std::string& root, const std::vector<SnapshotFile>& files) {
  std::set<std::string> directories{root};
  for (const auto& file : files) {
    for (auto path = fs::path(file.path).parent_path(); !path.empty(); path = path.parent_path()) {
      directories.insert(root + "/" + path.generic_string());
    }
  }
  for (const auto& directory : directories) {
    if (auto synced = sync_directory(directory); !synced) return synced;
  }
  return {};
}

base::Result<std::vector<SnapshotFile>> take_files(const std::vector<SourceFile>& files, const std::string& target,
                                                   const Earlier& earlier) {
  std::vector<SnapshotFile> taken;
  for (const auto& file : files) {
    const auto to = target + "/" + file.path;
    if (auto made = make_directory(fs::path(to).parent_path().string()); !made) return base::fail(made.error());
    auto digest = take_file(file, to, earlier);
    if (!digest) return base::fail(digest.error());
    taken.push_back({file.path, std::move(*digest)});
  }
  return taken;
}

tl::unexpected<base::Error> damaged(const std::string& file, const FileDigest& found, const FileDigest& expected) {
  return base::fail(ErrorCode::internal, "snapshot_damaged",
                    fmt::format("{} has {} bytes with SHA-256 {}, but its manifest says {} and {}.", file, found.bytes,
                                found.sha256, expected.bytes, expected.sha256));
}

// `look` digests one file by its path below the snapshot.
template <typename Look>
base::Result<SnapshotManifest> compare(const std::string& snapshot, Look look) {
  auto manifest = read_manifest(snapshot);
  if (!manifest) return manifest;
  for (const auto& file : manifest->files) {
    const auto digest = look(file);
    if (!digest) {
      if (digest.error().code == ErrorCode::storage_full) return base::fail(digest.error());
      return base::fail(ErrorCode::internal, "snapshot_damaged", digest.error().message);
    }
    if (*digest != file.digest) return damaged(snapshot + "/" + file.path, *digest, file.digest);
  }
  return manifest;
}

}  // namespace

base::Result<void> SnapshotArchive::remove_leftovers() const {
  std::error_code error;
  for (fs::directory_iterator entry(directory_, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (entry->path().filename().string().starts_with(kTemporary)) fs::remove_all(entry->path(), error);
    if (error) break;
  }
  if (error) return failed("clean up " + directory_, error);
  return {};
}

base::Result<void> SnapshotArchive::remove_oldest() const {
  const auto snapshots = list();
  if (!snapshots) return base::fail(snapshots.error());
  for (std::size_t i = std::max<std::size_t>(kept_, 1); i < snapshots->size(); ++i) {
    const auto path = path_of((*snapshots)[i].id);
    // Under its temporary name first, so that half of one never passes for a snapshot.
    const auto doomed = directory_ + "/" + std::string(kTemporary) + (*snapshots)[i].id;
    std::error_code error;
    fs::rename(path, doomed, error);
    if (!error) fs::remove_all(doomed, error);
    if (error) return failed("remove " + path, error);
  }
  return {};
}

base::Result<SnapshotManifest> SnapshotArchive::write(const SnapshotHead& head,
                                                      const std::vector<SnapshotPart>& parts) {
  if (auto made = make_directory(directory_); !made) return base::fail(made.error());
  const auto lock = FileLock::take(directory_ + "/.lock");
  if (!lock) return base::fail(lock.error());
  if (auto cleaned = remove_leftovers(); !cleaned) return base::fail(cleaned.error());
  const auto sources = collect(parts);
  if (!sources) return base::fail(sources.error());
  if (auto room = check_room(directory_, *sources); !room) return base::fail(room.error());
  const auto before = list();
  if (!before) return base::fail(before.error());
  const bool any = !before->empty() && before->front().manifest;
  const Earlier earlier(any ? &*before->front().manifest : nullptr, any ? path_of(before->front().id) : "");
  const auto temporary = directory_ + "/" + std::string(kTemporary) + head.id;
  if (auto made = make_directory(temporary); !made) return base::fail(made.error());
  auto files = take_files(*sources, temporary, earlier);
  if (!files) {
    std::error_code ignored;
    fs::remove_all(temporary, ignored);
    return base::fail(files.error());
  }
  SnapshotManifest manifest{head.id, head.made, head.note, std::move(*files)};
  if (auto written = write_manifest(temporary, manifest); !written) return base::fail(written.error());
  if (auto synced = sync_directories(temporary, manifest.files); !synced) return base::fail(synced.error());
  std::error_code error;
  fs::rename(temporary, path_of(head.id), error);
  if (error) return failed("rename " + temporary, error);
  if (auto synced = sync_directory(directory_); !synced) return base::fail(synced.error());
  if (auto removed = remove_oldest(); !removed) return base::fail(removed.error());
  return manifest;
}

base::Result<std::vector<SnapshotArchive::Listed>> SnapshotArchive::list() const {
  std::vector<Listed> found;
  std::error_code error;
  if (!fs::exists(directory_, error)) return found;
  for (fs::directory_iterator entry(directory_, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    const auto id = entry->path().filename().string();
    if (platform::is_id(id, "snap")) found.push_back({id, read_manifest(entry->path().string())});
  }
  if (error) return failed("read the directory " + directory_, error);
  std::ranges::sort(found, std::ranges::greater(), &Listed::id);
  return found;
}

base::Result<SnapshotManifest> verify_snapshot(const std::string& snapshot) {
  return compare(snapshot, [&](const SnapshotFile& file) { return digest_file(snapshot + "/" + file.path); });
}

base::Result<SnapshotManifest> copy_snapshot(const std::string& snapshot, const std::string& target) {
  auto manifest = compare(snapshot, [&](const SnapshotFile& file) -> base::Result<FileDigest> {
    const auto to = target + "/" + file.path;
    if (auto made = make_directory(fs::path(to).parent_path().string()); !made) return base::fail(made.error());
    return copy_file_synced(snapshot + "/" + file.path, to);
  });
  if (!manifest) return manifest;
  if (auto synced = sync_directories(target, manifest->files); !synced) return base::fail(synced.error());
  return manifest;
}

}  // namespace ow::local
