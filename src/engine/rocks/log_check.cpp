// See log_check.h.
#include "engine/rocks/log_check.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "engine/rocks/directory.h"
#include "engine/rocks/log_reader.h"

namespace ow::engine {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kGroupHeader = 12;  // WriteBatch: sequence (8), count (4)

// A WriteBatch record of log data: tag, length, then what synced_mark() makes.
constexpr char kLogDataTag = 3;
constexpr std::string_view kMarkName = "ow";
constexpr std::size_t kMarkBytes = kMarkName.size() + 8;

std::uint64_t sequence_of(std::string_view group) { return little_endian<std::uint64_t>(group); }

std::uint64_t next_sequence(std::string_view group) {
  return sequence_of(group) + little_endian<std::uint32_t>(group.substr(8));
}

/// The mark in a group (or in the first piece of one); nothing when it carries none.
std::optional<std::uint64_t> mark_in(std::string_view group) {
  if (group.size() < kGroupHeader + 2 + kMarkBytes) return std::nullopt;
  const std::string_view data = group.substr(kGroupHeader);
  if (data[0] != kLogDataTag || data[1] != static_cast<char>(kMarkBytes)) return std::nullopt;
  if (data.substr(2, kMarkName.size()) != kMarkName) return std::nullopt;
  return little_endian<std::uint64_t>(data.substr(2 + kMarkName.size()));
}

/// Whether any intact group behind `from`, wherever it starts, vouches that `sequence` was synced.
bool vouched_for(std::string_view file, std::uint64_t from, std::uint64_t sequence) {
  const LogReader reader(file);
  for (std::uint64_t at = from; at + LogReader::kHeader < file.size(); ++at) {
    const auto piece = reader.piece_at(at);
    const auto mark = piece && piece->starts_group ? mark_in(piece->payload) : std::nullopt;
    if (mark && *mark >= sequence) return true;
  }
  return false;
}

/// Reads the leading numbers of a version edit; the log number is among them, the rest is RocksDB's affair.
class EditReader {
 public:
  explicit EditReader(std::string_view edit) : rest_(edit) {}

  std::optional<std::uint64_t> log_number() {
    while (const auto tag = varint()) {
      if (*tag == kLogNumber) return varint();
      if (*tag != kComparator && *tag != kDbId) return std::nullopt;
      const auto length = varint();
      if (!length || *length > rest_.size()) return std::nullopt;
      rest_.remove_prefix(*length);
    }
    return std::nullopt;
  }

 private:
  static constexpr std::uint64_t kComparator = 1;
  static constexpr std::uint64_t kLogNumber = 2;
  static constexpr std::uint64_t kDbId = 8193;

  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    return std::nullopt;
  }

  std::string_view rest_;
};

/// Cuts and syncs, so that a second crash does not bring the tail back.
Result<void> cut(const fs::path& path, std::uint64_t size) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const bool done = file >= 0 && ::ftruncate(file, static_cast<off_t>(size)) == 0 && ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  if (done) return {};
  return fail(ErrorCode::unavailable, "storage_not_writable",
              fmt::format("Cannot cut {}: {}.", path.string(), std::strerror(error)));
}

tl::unexpected<base::Error> damage(const fs::path& path, std::uint64_t offset) {
  return fail(ErrorCode::internal, "storage_damaged",
              fmt::format("Damage in file {} at offset {}.", path.string(), offset));
}

/// The directory's logs from the oldest to the newest; their number is their name.
std::vector<fs::path> log_files(const std::string& directory, std::uint64_t first_log) {
  std::vector<std::pair<std::uint64_t, fs::path>> numbered;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename().string();
    std::uint64_t number = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool log = read.ec == std::errc() && std::string_view(read.ptr) == ".log";
    if (log && number >= first_log) numbered.emplace_back(number, entry.path());
  }
  std::sort(numbered.begin(), numbered.end());
  std::vector<fs::path> paths;
  for (auto& [number, path] : numbered) paths.push_back(std::move(path));
  return paths;
}

/// Walks the logs in order and decides at the first break.
class LogsWalk {
 public:
  LogsWalk(const std::string& directory, std::uint64_t first_log, const std::function<void(std::string_view)>& notice)
      : paths_(log_files(directory, first_log)), notice_(notice) {}

  Result<LogCheck> run() {
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      auto file = read_file(paths_[i]);
      if (!file) return fail(file.error());
      const auto broken = walk(*file);
      if (!broken || continues_in(i + 1)) continue;
      if (auto settled = settle(i, *file, *broken); !settled) return fail(settled.error());
      break;
    }
    return LogCheck{next_ == 0 ? 0 : next_ - 1};
  }

 private:
  /// Reads a file as far as it continues what came before.
  std::optional<LogReader::Break> walk(std::string_view file) {
    LogReader reader(file);
    std::uint64_t good = 0;
    while (auto group = reader.next()) {
      const bool follows =
          group->payload.size() >= kGroupHeader && (next_ == 0 || sequence_of(group->payload) == next_);
      if (!follows) return LogReader::Break{group->offset, good, good == 0};
      next_ = next_sequence(group->payload);
      good = reader.end();
    }
    return reader.broken();
  }

  /// A full disk ends a log in the middle of a record that was never taken; the next log goes on.
  bool continues_in(std::size_t later) const {
    for (; later < paths_.size(); ++later) {
      const auto file = read_file(paths_[later]);
      if (!file || file->empty()) continue;
      const auto group = LogReader(*file).next();
      return group && group->payload.size() >= kGroupHeader && sequence_of(group->payload) == next_;
    }
    return false;
  }

  Result<void> settle(std::size_t index, std::string_view file, const LogReader::Break& broken) {
    bool lost = !broken.torn || vouched_for(file, broken.offset, next_);
    for (std::size_t later = index + 1; later < paths_.size() && !lost; ++later) {
      const auto bytes = read_file(paths_[later]);
      if (!bytes) return fail(bytes.error());
      lost = vouched_for(*bytes, 0, next_);
    }
    if (lost) return damage(paths_[index], broken.offset);
    return drop_tail(index, file.size(), broken.keep);
  }

  Result<void> drop_tail(std::size_t index, std::uint64_t size, std::uint64_t keep) {
    // The newest first: cut short in between, the next open comes to the same judgement.
    for (std::size_t later = paths_.size() - 1; later > index; --later) {
      if (auto done = cut(paths_[later], 0); !done) return done;
    }
    if (auto done = cut(paths_[index], keep); !done) return done;
    if (notice_) {
      notice_(fmt::format("Dropped an incomplete last group of {} bytes from {} at offset {}.", size - keep,
                          paths_[index].string(), keep));
    }
    return {};
  }

  std::vector<fs::path> paths_;
  const std::function<void(std::string_view)>& notice_;
  std::uint64_t next_ = 0;  // sequence that comes next; 0 before the first group
};

}  // namespace

std::string synced_mark(std::uint64_t sequence) {
  std::string mark(kMarkName);
  mark.append(reinterpret_cast<const char*>(&sequence), sizeof sequence);
  return mark;
}

Result<LogCheck> check_write_ahead_logs(const std::string& directory, std::uint64_t first_log,
                                        const std::function<void(std::string_view)>& notice) {
  return LogsWalk(directory, first_log, notice).run();
}

Result<ManifestCheck> check_manifest(const std::string& directory) {
  const fs::path current = fs::path(directory) / "CURRENT";
  auto name = read_file(current);
  if (!name) return fail(name.error());
  if (!name->starts_with("MANIFEST-") || name->back() != '\n') return damage(current, 0);
  name->pop_back();
  const fs::path path = fs::path(directory) / *name;
  if (!fs::exists(path)) return damage(current, 0);
  const auto file = read_file(path);
  if (!file) return fail(file.error());
  LogReader reader(*file);
  ManifestCheck check;
  while (const auto edit = reader.next()) {
    check.first_log = std::max(check.first_log, EditReader(edit->payload).log_number().value_or(0));
  }
  const auto& broken = reader.broken();
  if (!broken) return check;
  bool later = false;
  for (std::uint64_t at = broken->offset + 1; at < file->size() && !later; ++at) later = !!reader.piece_at(at);
  if (!broken->torn || later) return damage(path, broken->offset);
  return check;
}

}  // namespace ow::engine
