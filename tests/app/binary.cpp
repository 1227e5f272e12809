// See binary.h.
#include "app/binary.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "app/api_client.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using base::Json;

constexpr auto kPatience = 60s;

/// Asks again and again, for a bounded time, until it is so.
bool wait_until(const std::function<bool()>& so) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!so()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

// The settings of whoever runs the tests must not reach the program.
void forget_settings() {
  std::vector<std::string> names;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string entry = *one;
    if (entry.starts_with("OW_") && !entry.starts_with("OW_BINARY") && !entry.starts_with("OW_VECTORS")) {
      names.push_back(entry.substr(0, entry.find('=')));
    }
  }
  for (const auto& name : names) ::unsetenv(name.c_str());
}

std::vector<std::string> serve_words(const std::string& data, std::uint16_t port,
                                     const std::vector<std::string>& options) {
  std::vector<std::string> words = {binary_path(), "serve",    "--data",
                                    data,          "--listen", fmt::format("127.0.0.1:{}", port)};
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

}  // namespace

std::string binary_path() {
  const char* given = std::getenv("OW_BINARY");
  const std::string path = given != nullptr ? given : OW_DEFAULT_BINARY;
  return std::filesystem::exists(path) ? path : "";
}

Json Outcome::json() const { return base::parse_json(out).value_or(Json()); }

Outcome run_binary(const std::vector<std::string>& words, const Surroundings& around) {
  const TemporaryDirectory scratch;
  const auto at = [&](const char* name) { return scratch.path() + "/" + name; };
  std::ofstream(at("in"), std::ios::binary) << around.input;
  std::vector<std::string> all = {binary_path()};
  all.insert(all.end(), words.begin(), words.end());
  auto process = Process::start(all, Streams{at("out"), at("err"), at("in")}, around.environment);
  if (!wait_until([&] { return !process.running(); })) process.signal(SIGKILL);
  const int exit = process.wait();
  return {exit, read_file(at("out")), read_file(at("err"))};
}

ServeProcess::ServeProcess(const std::string& data, const std::vector<std::string>& options, std::uint16_t port)
    : port_(port),
      url_(fmt::format("http://127.0.0.1:{}", port)),
      process_(Process::start(serve_words(data, port, options),
                              Streams{directory_.path() + "/out", directory_.path() + "/err"})) {}

bool ServeProcess::came_up() {
  wait_until([&] { return out().find("listening on") != std::string::npos || !process_.running(); });
  return process_.running() && out().find("listening on") != std::string::npos;
}

int ServeProcess::stop(int signal) {
  process_.signal(signal);
  if (!wait_until([&] { return !process_.running(); })) process_.signal(SIGKILL);
  return process_.wait();
}

std::string ServeProcess::token_of(const std::string& user) {
  for (const auto& [name, token] : tokens_) {
    if (name == user) return token;
  }
  auto token = run_binary({"token", "--server", url_, "--user", user}).out;
  if (token.ends_with('\n')) token.pop_back();
  tokens_.emplace_back(user, token);
  return token;
}

Outcome ServeProcess::run(const std::vector<std::string>& words, const std::string& user) {
  return run_binary(words, {.environment = {"OW_SERVER=" + url_, "OW_TOKEN=" + token_of(user)}});
}

platform::HttpAnswer ServeProcess::send(const std::string& method, const std::string& path, const std::string& body,
                                        const std::string& user,
                                        std::vector<std::pair<std::string, std::string>> headers) {
  platform::HttpRequest request;
  request.method = method;
  request.url = url_ + path;
  request.headers = std::move(headers);
  if (!user.empty()) request.headers.emplace_back("authorization", "Bearer " + token_of(user));
  if (!body.empty()) request.headers.emplace_back("content-type", "application/json");
  request.body = body;
  request.answer_bytes_max = 4 << 20;
  auto answer = app::send_and_wait(std::move(request));
  return answer ? std::move(*answer) : platform::HttpAnswer{};
}

Json ServeProcess::get(const std::string& path, const std::string& user) {
  const auto answer = send("GET", path, "", user);
  EXPECT_EQ(answer.status, 200) << path << ": " << answer.body;
  return base::parse_json(answer.body).value_or(Json());
}

std::string ServeProcess::place(const std::string& body) {
  const auto answer = send("POST", "/api/orders", body);
  EXPECT_EQ(answer.status, 201) << answer.body;
  return text_of(base::parse_json(answer.body).value_or(Json()), "orderId");
}

Json ServeProcess::settled(const std::string& order_id) {
  Json order;
  const bool ended = wait_until([&] {
    order = get("/api/orders/" + order_id, "demo-operator");
    const auto status = text_of(order, "status");
    return status != "pending" && status != "processing";
  });
  EXPECT_TRUE(ended) << base::to_text(order);
  return order;
}

std::string ServeProcess::exchange(const std::string& bytes) const {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port_);
  EXPECT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::recv(socket, buffer, sizeof buffer, 0)) > 0;) {
    answer.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(socket);
  return answer;
}

void BinaryTest::SetUp() {
  forget_settings();
  if (binary_path().empty()) GTEST_SKIP() << "SKIPPED: there is no " OW_DEFAULT_BINARY "; build it or set OW_BINARY";
}

std::string BinaryTest::file(const std::string& name, const std::string& text) const {
  std::ofstream(path(name), std::ios::binary) << text;
  return path(name);
}

TemporaryDirectory* SharedServerTest::data_ = nullptr;
ServeProcess* SharedServerTest::server_ = nullptr;

void SharedServerTest::SetUpTestSuite() {
  forget_settings();
  if (binary_path().empty()) return;
  data_ = new TemporaryDirectory();
  server_ = new ServeProcess(data_->path());
}

void SharedServerTest::TearDownTestSuite() {
  delete server_;
  delete data_;
  server_ = nullptr;
  data_ = nullptr;
}

void SharedServerTest::SetUp() {
  BinaryTest::SetUp();
  if (server_ != nullptr) ASSERT_TRUE(server_->came_up()) << server_->err();
}

std::string text_of(const Json& object, std::string_view name) {
  const auto* value = object.find(name);
  if (value == nullptr) return "";
  return value->is_string() ? value->as_string() : base::to_text(*value);
}

std::string event_types(const Json& order) {
  std::string types;
  const auto* events = order.find("events");
  if (events == nullptr) return types;
  for (const auto& event : events->as_array()) types += (types.empty() ? "" : ", ") + text_of(event, "type");
  return types;
}

std::string mug_order(int quantity, const std::string& payment_token) {
  const int minor = 990 * quantity;
  const auto payment = payment_token.empty() ? "" : fmt::format(R"(,"paymentToken":"{}")", payment_token);
  return fmt::format(
      R"({{"items":[{{"productId":"mug","name":"Mug","quantity":{},"price":9.90}}],"total":{}.{:02}{}}})", quantity,
      minor / 100, minor % 100, payment);
}

}  // namespace ow::tests
