// The platform as a service: what it tells the service manager, and that the unit file is sound.
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "app/binary.h"

namespace ow::tests {
namespace {

using testing::HasSubstr;

// The service manager's end of NOTIFY_SOCKET.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& path) : file_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    EXPECT_EQ(::bind(file_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const timeval patience{60, 0};
    ::setsockopt(file_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;
  ~NotifySocket() { ::close(file_); }

  /// The next message; empty after a minute.
  std::string next() const {
    char text[512];
    const auto size = ::recv(file_, text, sizeof text, 0);
    return size < 0 ? "" : std::string(text, static_cast<std::size_t>(size));
  }

 private:
  int file_;
};

class ServiceTest : public BinaryTest {};

TEST_F(ServiceTest, says_ready_alive_and_stopping) {
  const NotifySocket socket(path("notify"));
  const auto port = std::to_string(free_port());
  auto process =
      Process::start({binary_path(), "serve", "--demo", "--data", path("data"), "--listen", "127.0.0.1:" + port},
                     path("log"), {"NOTIFY_SOCKET=" + path("notify"), "WATCHDOG_USEC=400000"});
  EXPECT_THAT(socket.next(), HasSubstr("READY=1\nSTATUS=Serving http://127.0.0.1:" + port)) << read_file(path("log"));
  EXPECT_EQ(socket.next(), "WATCHDOG=1\n");
  EXPECT_EQ(socket.next(), "WATCHDOG=1\n");
  process.signal(15);
  std::string last;
  do {
    last = socket.next();
  } while (last == "WATCHDOG=1\n");
  EXPECT_THAT(last, HasSubstr("STOPPING=1"));
  EXPECT_EQ(process.wait(), 0);
}

TEST_F(ServiceTest, the_unit_file_is_sound_and_hardened) {
  if (!std::filesystem::exists("/usr/bin/systemd-analyze")) GTEST_SKIP() << "no systemd-analyze here";
  auto unit = read_file(OW_SOURCE_DIR "/deploy/systemd/orderwright.service");
  const std::string installed = "/usr/local/bin/orderwright";
  ASSERT_NE(unit.find(installed), std::string::npos);
  unit.replace(unit.find(installed), installed.size(), binary_path());
  const auto copy = file("orderwright.service", unit);
  auto verify = Process::start({"/usr/bin/systemd-analyze", "verify", "--man=no", copy}, path("verify"));
  EXPECT_EQ(verify.wait(), 0) << read_file(path("verify"));
  // 0.0 is locked up, 10.0 is wide open; above the threshold the command fails.
  auto security = Process::start({"/usr/bin/systemd-analyze", "security", "--offline=true", "--threshold=15", copy},
                                 path("security"));
  EXPECT_EQ(security.wait(), 0) << read_file(path("security"));
}

TEST_F(ServiceTest, the_example_configuration_is_read) {
  const auto refused = run_binary({"serve", "--config", OW_SOURCE_DIR "/deploy/systemd/orderwright.json"});
  EXPECT_EQ(refused.exit, 2);  // the unit gives it OW_DATA
  EXPECT_THAT(refused.err, HasSubstr("data is required"));
}

}  // namespace
}  // namespace ow::tests
