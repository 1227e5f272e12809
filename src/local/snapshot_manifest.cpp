// See snapshot_manifest.h.
#include "local/snapshot_manifest.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/encoding.h"
#include "base/json.h"

namespace ow::local {
namespace {

using base::ErrorCode;
using base::Json;

constexpr const char* kManifest = "manifest.json";

std::string manifest_path(const std::string& directory) { return directory + "/" + kManifest; }
std::string digest_path(const std::string& directory) { return manifest_path(directory) + ".sha256"; }

Json to_json(const SnapshotManifest& manifest) {
  auto files = Json::array();
  for (const auto& file : manifest.files) {
    files.push_back(Json::object({{"path", file.path},
                                  {"bytes", static_cast<std::int64_t>(file.digest.bytes)},
                                  {"sha256", file.digest.sha256}}));
  }
  return Json::object({{"format", kSnapshotFormat},
                       {"snapshotId", manifest.id},
                       {"madeAt", base::to_rfc3339(manifest.made)},
                       {"madeAtMicroseconds", manifest.made.us},
                       {"note", manifest.note},
                       {"files", std::move(files)}});
}

// The whole line that sha256sum writes.
std::string digest_line(const std::string& text) {
  return fmt::format("{}  {}\n", base::to_hex(base::sha256(text)), kManifest);
}

tl::unexpected<base::Error> damaged(const std::string& file, const std::string& what) {
  return base::fail(ErrorCode::internal, "snapshot_damaged", fmt::format("{} {}", file, what));
}

// Never a way out of the snapshot's directory.
bool is_inner_path(const std::string& path) {
  if (path.empty() || path.front() == '/') return false;
  for (const auto& part : std::filesystem::path(path)) {
    if (part == ".." || part == ".") return false;
  }
  return true;
}

base::Result<SnapshotManifest> from_json(const Json& json, const std::string& file) {
  SnapshotManifest manifest;
  manifest.id = json.text_at("snapshotId");
  manifest.note = json.text_at("note");
  const auto made = json.integer_at("madeAtMicroseconds");
  const auto* files = json.find("files");
  if (manifest.id.empty() || !made || files == nullptr || !files->is_array()) return damaged(file, "lacks members.");
  manifest.made = {*made};
  for (const auto& one : files->as_array()) {
    const auto bytes = one.integer_at("bytes");
    if (!bytes || *bytes < 0 || !is_inner_path(one.text_at("path"))) return damaged(file, "lists no usable file.");
    manifest.files.push_back({one.text_at("path"), {static_cast<std::uint64_t>(*bytes), one.text_at("sha256")}});
  }
  return manifest;
}

}  // namespace

std::uint64_t SnapshotManifest::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& file : files) sum += file.digest.bytes;
  return sum;
}

base::Result<void> write_manifest(const std::string& directory, const SnapshotManifest& manifest) {
  const auto text = base::to_text(to_json(manifest)) + "\n";
  if (auto written = write_new_file(manifest_path(directory), text); !written) return written;
  return write_new_file(digest_path(directory), digest_line(text));
}

base::Result<SnapshotManifest> read_manifest(const std::string& directory) {
  const auto file = manifest_path(directory);
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    return base::fail(ErrorCode::not_found, "snapshot_not_found",
                      fmt::format("{} is no complete snapshot: it has no {}.", directory, kManifest));
  }
  const auto text = read_whole_file(file);
  if (!text) return base::fail(text.error());
  const auto digest = read_whole_file(digest_path(directory));
  if (!digest) return base::fail(digest.error());
  const auto json = base::parse_json(*text);
  // A newer format may check itself in another way, so the number comes first.
  const auto format = json ? json->integer_at("format").value_or(0) : 0;
  if (format > kSnapshotFormat) {
    return base::fail(
        ErrorCode::unsupported, "snapshot_format_newer",
        fmt::format("The snapshot has format {}; this program reads up to format {}. Use a newer program.", format,
                    kSnapshotFormat));
  }
  if (*digest != digest_line(*text)) return damaged(file, "is not what " + std::string(kManifest) + ".sha256 says.");
  if (format < 1) return damaged(file, "has no format.");
  return from_json(*json, file);
}

}  // namespace ow::local
