// See server_under_test.h.
#include "bench/server_under_test.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <sstream>

#include "base/assert.h"
#include "base/json.h"
#include "local/asio_executor.h"
#include "local/beast_http_client.h"
#include "local/machine.h"

namespace ow::bench {
namespace {

base::Task<void> send(local::AsioExecutor& executor, local::BeastHttpClient& client, platform::HttpRequest request,
                      std::optional<platform::HttpAnswer>& out) {
  const auto answer = co_await client.send(std::move(request));
  if (answer) out = *answer;
  executor.request_stop();
}

std::optional<platform::HttpAnswer> fetch(platform::HttpRequest request) {
  local::AsioExecutor executor;
  local::BeastHttpClient client(executor);
  std::optional<platform::HttpAnswer> answer;
  request.answer_bytes_max = 8 << 20;
  executor.spawn(send(executor, client, std::move(request), answer));
  executor.run();
  return answer;
}

std::map<std::string, double> parse_metrics(const std::string& text) {
  std::map<std::string, double> sums;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    const auto value = line.rfind(' ');
    const auto number = std::strtod(line.c_str() + value, nullptr);
    sums[line.substr(0, std::min(line.find('{'), value))] += number;
    if (line.find('{') < value) sums[line.substr(0, value)] = number;
  }
  return sums;
}

double cpu_seconds(pid_t id) {
  const auto text = tests::read_file(fmt::format("/proc/{}/stat", id));
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string field;
  double ticks = 0;
  // utime and stime are fields 14 and 15; the first after the name is field 3.
  for (int number = 3; fields >> field && number <= 15; ++number) {
    if (number >= 14) ticks += std::strtod(field.c_str(), nullptr);
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double resident_mib(pid_t id) {
  std::istringstream lines(tests::read_file(fmt::format("/proc/{}/status", id)));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("VmRSS:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  }
  return 0;
}

}  // namespace

ServerUnderTest::ServerUnderTest(const std::string& binary, const std::string& directory,
                                 std::vector<std::string> more_options)
    : port_(tests::free_port()) {
  std::vector<std::string> words = {
      binary,   "serve",        "--data", directory + "/data", "--listen", fmt::format("127.0.0.1:{}", port_),
      "--demo", "--rate-limit", "off"};
  words.insert(words.end(), more_options.begin(), more_options.end());
  const local::SystemClock clock;
  const auto begin = clock.ticks();
  process_ = tests::Process::start(words, directory + "/server.log");
  while (!fetch({.url = url() + "/health"})) {
    OW_ASSERT(process_->running(), "the server under test runs");
    ::usleep(1000);
  }
  start_ms_ = static_cast<double>((clock.ticks() - begin).count()) / 1e3;
}

std::string ServerUnderTest::url() const { return fmt::format("http://127.0.0.1:{}", port_); }

std::string ServerUnderTest::token(const std::string& user, const std::string& password) const {
  platform::HttpRequest request{.method = "POST", .url = url() + "/api/auth/sign-in"};
  request.headers = {{"content-type", "application/json"}};
  request.body = base::to_text(base::Json::object({{"username", user}, {"password", password}}));
  const auto answer = fetch(std::move(request));
  OW_ASSERT(answer && answer->status == 200, "the demo user can sign in");
  return std::string(base::parse_json(answer->body)->string_at("accessToken").value());
}

void ServerUnderTest::command(const std::string& path) const {
  platform::HttpRequest request{.method = "POST", .url = url() + path};
  request.headers = {{"content-type", "application/json"},
                     {"authorization", "Bearer " + token("demo-operator", "operator-demo-password")}};
  request.body = R"({"reason":"benchmark"})";
  const auto answer = fetch(std::move(request));
  OW_ASSERT(answer && answer->status / 100 == 2, "the operator's request is carried out");
}

Sample ServerUnderTest::sample() const {
  const auto answer = fetch({.url = url() + "/metrics"});
  OW_ASSERT(answer && answer->status == 200, "metrics can be read");
  return {parse_metrics(answer->body), cpu_seconds(process_->id()), resident_mib(process_->id())};
}

int ServerUnderTest::stop() {
  process_->signal(SIGTERM);
  return process_->wait();
}

}  // namespace ow::bench
