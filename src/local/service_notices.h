// The service manager (systemd) that started this process, by the sd_notify(3) protocol: datagrams to the socket
// that NOTIFY_SOCKET names. Without one every call does nothing. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"

namespace ow::local {

class ServiceNotices {
 public:
  /// Of this process's environment (NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID).
  static ServiceNotices from_environment();

  ServiceNotices(std::string socket, std::optional<base::Duration> watchdog)
      : socket_(std::move(socket)), watchdog_(watchdog) {}

  /// Ready to serve; `status` is a sentence for people.
  void ready(std::string_view status) const;
  void stopping() const;
  /// To be called at least this often, if at all; else the manager kills the process.
  std::optional<base::Duration> watchdog_every() const { return watchdog_; }
  void alive() const;

 private:
  void send(std::string_view text) const;

  std::string socket_;  // empty: nobody listens; an abstract name begins with '@'
  std::optional<base::Duration> watchdog_;
};

}  // namespace ow::local
