// See service_notices.h.
#include "local/service_notices.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace ow::local {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// sd_watchdog_enabled(3): WATCHDOG_PID, when set, must be this process.
std::optional<base::Duration> watchdog() {
  const auto pid = environment("WATCHDOG_PID");
  if (!pid.empty() && pid != std::to_string(::getpid())) return std::nullopt;
  const auto microseconds = std::strtoll(environment("WATCHDOG_USEC").c_str(), nullptr, 10);
  if (microseconds <= 0) return std::nullopt;
  return base::Duration(microseconds / 2);  // as sd_watchdog_enabled(3) recommends
}

}  // namespace

ServiceNotices ServiceNotices::from_environment() { return {environment("NOTIFY_SOCKET"), watchdog()}; }

void ServiceNotices::ready(std::string_view status) const { send(fmt::format("READY=1\nSTATUS={}\n", status)); }
void ServiceNotices::stopping() const { send("STOPPING=1\nSTATUS=Finishing what is under way.\n"); }
void ServiceNotices::alive() const { send("WATCHDOG=1\n"); }

// Nobody is told when this fails: the manager notices by itself, and the platform must not stop for it.
void ServiceNotices::send(std::string_view text) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof(address.sun_path)) return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') address.sun_path[0] = '\0';
  const int file = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (file < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  [[maybe_unused]] const auto sent =
      ::sendto(file, text.data(), text.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), size);
  ::close(file);
}

}  // namespace ow::local
