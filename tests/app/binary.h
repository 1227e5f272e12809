// The program under test as a process: single commands, and servers on loopback. Test thread only.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "harness/process.h"
#include "platform/http_client.h"

namespace ow::tests {

/// OW_BINARY, else the one of this build; empty when there is none.
std::string binary_path();

/// What one command said and with which code it ended.
struct Outcome {
  int exit = -1;
  std::string out;
  std::string err;
  /// Standard output as one JSON value; null when it is none.
  base::Json json() const;
};

struct Surroundings {
  std::string input = {};  // standard input
  std::vector<std::string> environment = {};
};

/// Runs the program with these words to its end; one that hangs is killed after a minute.
Outcome run_binary(const std::vector<std::string>& words, const Surroundings& around = {});

/// A `serve` process with a port of its own. Killed at the end when it was not stopped.
class ServeProcess {
 public:
  /// Starts `serve --data DIR --listen 127.0.0.1:PORT` with further options; see came_up().
  explicit ServeProcess(const std::string& data, const std::vector<std::string>& options = {"--demo"},
                        std::uint16_t port = free_port());

  /// Waits until it says where it listens; false when it ended or took a minute.
  bool came_up();
  /// SIGTERM, or another signal, and its exit code.
  int stop(int signal = 15);
  int wait() { return process_.wait(); }
  void hang_up() { process_.signal(1); }
  const std::string& url() const { return url_; }
  std::uint16_t port() const { return port_; }
  std::string out() const { return read_file(directory_.path() + "/out"); }
  std::string err() const { return read_file(directory_.path() + "/err"); }

  /// Signs a demo user in; the token is kept for the next call.
  std::string token_of(const std::string& user);
  /// A client command against this server, as a demo user.
  Outcome run(const std::vector<std::string>& words, const std::string& user = "demo-shopper");
  /// One request as a demo user; status 0 when there was no answer.
  platform::HttpAnswer send(const std::string& method, const std::string& path, const std::string& body = {},
                            const std::string& user = "demo-shopper",
                            std::vector<std::pair<std::string, std::string>> headers = {});
  base::Json get(const std::string& path, const std::string& user = "demo-shopper");
  /// Places an order that must be accepted and answers its id.
  std::string place(const std::string& body);
  /// Waits for the order's last status and answers the order.
  base::Json settled(const std::string& order_id);
  /// Sends bytes as they are and answers all that comes back until the server closes.
  std::string exchange(const std::string& bytes) const;

 private:
  TemporaryDirectory directory_;  // its logs
  std::uint16_t port_;
  std::string url_;
  Process process_;
  std::vector<std::pair<std::string, std::string>> tokens_;
};

/// A test of the binary; says SKIPPED when there is none.
class BinaryTest : public testing::Test {
 protected:
  void SetUp() override;
  std::string path(const std::string& name) const { return directory.path() + "/" + name; }
  /// Writes a file into the test's directory; its path.
  std::string file(const std::string& name, const std::string& text) const;

  TemporaryDirectory directory;
};

/// A test on a demo server that all tests of one suite share.
class SharedServerTest : public BinaryTest {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();
  void SetUp() override;
  static ServeProcess& server() { return *server_; }

 private:
  static TemporaryDirectory* data_;
  static ServeProcess* server_;
};

/// The member's text, or what it is written as; empty when it is not there.
std::string text_of(const base::Json& object, std::string_view name);

/// "type, type, …" of an order's events.
std::string event_types(const base::Json& order);

/// The body of an order of some mugs, with its right total.
std::string mug_order(int quantity = 1, const std::string& payment_token = {});

}  // namespace ow::tests
