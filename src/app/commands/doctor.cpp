// `doctor`: looks at this machine and a data directory and says what would keep the platform from running.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/table.h"

namespace ow::app {
namespace {

struct Finding {
  std::string check;
  bool good = true;
  std::string detail;
};

constexpr std::uint64_t kFreeBytesMin = 1ULL << 30;
constexpr rlim_t kOpenFilesMin = 4096;

Finding check_open_files() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return {"open files", limit.rlim_max >= kOpenFilesMin,
          fmt::format("hard limit {} (at least {} wanted: one a connection)", limit.rlim_max, kOpenFilesMin)};
}

Finding check_free_space(const std::string& data) {
  struct statvfs disk{};
  if (::statvfs(data.c_str(), &disk) != 0)
    return {"free space", false, fmt::format("{}: {}", data, std::strerror(errno))};
  const std::uint64_t free = disk.f_bavail * disk.f_frsize;
  return {"free space", free >= kFreeBytesMin, fmt::format("{} MiB free in {}", free >> 20, data)};
}

Finding check_durable_write(const std::string& data) {
  const auto file = data + "/doctor.probe";
  const int descriptor = ::open(file.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  const auto problem = [&](const char* what) {
    return Finding{"durable write", false, fmt::format("{} {}: {}", what, file, std::strerror(errno))};
  };
  if (descriptor < 0) return problem("cannot create");
  const bool synced = ::write(descriptor, "probe", 5) == 5 && ::fdatasync(descriptor) == 0;
  auto finding = synced ? Finding{"durable write", true, "written and synced in " + data} : problem("cannot sync");
  ::close(descriptor);
  ::unlink(file.c_str());
  return finding;
}

Finding check_data(const std::string& data) {
  std::error_code error;
  const bool directory = std::filesystem::is_directory(data, error);
  return {"data directory", directory, directory ? data : data + " is no directory (serve makes it)"};
}

Finding check_server(const Invocation& invocation) {
  const auto health = ApiClient(invocation).call({.path = "/health"});
  return {"server", health.has_value(), health ? "answers, sign-in and writes work" : health.error().message};
}

std::vector<Finding> examine(const Invocation& invocation) {
  std::vector<Finding> findings = {check_open_files()};
  if (const auto data = invocation.option("data")) {
    findings.push_back(check_data(*data));
    if (findings.back().good) {
      findings.push_back(check_free_space(*data));
      findings.push_back(check_durable_write(*data));
    }
  }
  if (invocation.flag("server")) findings.push_back(check_server(invocation));
  return findings;
}

void print_findings(const std::vector<Finding>& findings, bool json) {
  auto items = base::Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : findings) {
    items.push_back(base::Json::object({{"check", one.check}, {"ok", one.good}, {"detail", one.detail}}));
    rows.push_back({one.check, one.good ? "ok" : "PROBLEM", one.detail});
  }
  if (json) {
    fmt::print("{}\n", base::to_text(base::Json::object({{"items", items}})));
  } else {
    print_table({"CHECK", "RESULT", "DETAIL"}, rows);
  }
}

Exit run_doctor(const Invocation& invocation) {
  const auto findings = examine(invocation);
  print_findings(findings, invocation.json());
  const bool healthy = std::ranges::all_of(findings, &Finding::good);
  return healthy ? Exit::done : Exit::refused;
}

}  // namespace

std::vector<CommandSpec> doctor_commands() {
  return {{"doctor",
           "Check this machine, a data directory and a server.",
           {},
           client_options({{"data", "DIR", "the data directory to check"}}),
           run_doctor}};
}

}  // namespace ow::app
