// `export`: everything as JSON lines, from a running server, a stopped data directory or a snapshot.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/embedded_node.h"
#include "app/event_rules.h"
#include "local/snapshot_archive.h"
#include "ops/export.h"

namespace ow::app {
namespace {

using base::Json;

// The lines with their first and last one; a file without its last line is not whole.
class Lines {
 public:
  explicit Lines(std::FILE* file) : file_(file) {}

  void begin(bool personal) {
    write(Json::object({{"kind", "export"},
                        {"format", ops::kExportFormat},
                        {"at", base::to_rfc3339(local::SystemClock().now())},
                        {"personalData", personal}}));
  }
  void add(const Json& thing) {
    write(thing);
    ++count_;
  }
  base::Result<void> end() {
    write(Json::object({{"kind", "end"}, {"lines", count_}}));
    if (good_ && std::fflush(file_) == 0) return {};
    return base::fail(base::ErrorCode::storage_full, "export_not_written",
                      fmt::format("Cannot write the export: {}.", std::strerror(errno)));
  }

 private:
  void write(const Json& line) {
    const auto text = base::to_text(line) + "\n";
    good_ = good_ && std::fwrite(text.data(), 1, text.size(), file_) == text.size();
  }
  std::FILE* file_;
  std::int64_t count_ = 0;
  bool good_ = true;
};

base::Task<base::Result<void>> export_store(platform::Retention& retention, bool personal, Lines& lines) {
  std::string cursor;
  do {
    const auto page = co_await ops::export_page(retention, cursor, ops::kExportPageMax, personal);
    if (!page) co_return base::fail(page.error());
    for (const auto& line : page->lines) lines.add(line);
    cursor = page->next_cursor;
  } while (!cursor.empty());
  co_return base::Result<void>();
}

base::Result<void> export_data(const std::string& data, bool personal, Lines& lines) {
  if (!std::filesystem::exists(data + "/store")) {
    return base::fail(base::ErrorCode::not_found, "data_directory", fmt::format("{} holds no store.", data));
  }
  auto node = EmbeddedNode::open(data, no_event_rules());
  if (!node) return base::fail(node.error());
  return run_to_end(**node, export_store((*node)->engine().retention(), personal, lines));
}

// A snapshot is only read: a copy of it is opened, and removed again.
base::Result<void> export_snapshot(const std::string& snapshot, bool personal, Lines& lines) {
  std::string copy = (std::filesystem::temp_directory_path() / "orderwright-export-XXXXXX").string();
  if (::mkdtemp(copy.data()) == nullptr) {
    return base::fail(base::ErrorCode::unavailable, "data_directory",
                      fmt::format("Cannot make {}: {}.", copy, std::strerror(errno)));
  }
  auto done = [&]() -> base::Result<void> {
    if (auto copied = local::copy_snapshot(snapshot, copy); !copied) return base::fail(copied.error());
    return export_data(copy, personal, lines);
  }();
  std::error_code ignored;
  std::filesystem::remove_all(copy, ignored);
  return done;
}

base::Result<void> export_server(const Invocation& invocation, bool personal, Lines& lines) {
  ApiClient client(invocation);
  std::string cursor;
  do {
    const auto page =
        client.call({.path = fmt::format("/api/export?personal={}&cursor={}", personal, percent_encode(cursor))});
    if (!page) return base::fail(page.error());
    for (const auto& line : page->find("items")->as_array()) lines.add(line);
    cursor = page->text_at("nextCursor");
  } while (!cursor.empty());
  return {};
}

base::Result<void> export_to(std::FILE* file, const Invocation& invocation) {
  const bool personal = invocation.flag("personal-data");
  Lines lines(file);
  lines.begin(personal);
  const auto data = invocation.option("data");
  const auto snapshot = invocation.option("snapshot");
  const auto done = data       ? export_data(*data, personal, lines)
                    : snapshot ? export_snapshot(*snapshot, personal, lines)
                               : export_server(invocation, personal, lines);
  if (!done) return done;
  return lines.end();
}

Exit run_export(const Invocation& invocation) {
  if (invocation.flag("data") && invocation.flag("snapshot")) {
    complain("export takes --data or --snapshot, not both");
    return Exit::usage;
  }
  const auto out = invocation.option_or("out", "-");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(out == "-" ? nullptr : std::fopen(out.c_str(), "wx"),
                                                             std::fclose);
  if (out != "-" && !file) {
    complain(fmt::format("cannot make {}: {}", out, std::strerror(errno)));
    return Exit::usage;
  }
  const auto done = export_to(file ? file.get() : stdout, invocation);
  if (done) return Exit::done;
  const bool offline = invocation.flag("data") || invocation.flag("snapshot");
  if (!offline) return exit_with(done.error(), false);
  complain(done.error(), false);
  return Exit::refused;
}

}  // namespace

std::vector<CommandSpec> export_commands() {
  return {{"export",
           "Write everything as JSON lines: of a server, a stopped data directory or a snapshot.",
           {},
           client_options({{"data", "DIR", "offline: the data directory of a stopped server"},
                           {"snapshot", "DIR", "offline: a snapshot's directory; it is copied to TMPDIR meanwhile"},
                           {"personal-data", "", "with personal data (of a server: admins only)"},
                           {"out", "FILE", "a new file instead of standard output"}}),
           run_export}};
}

}  // namespace ow::app
