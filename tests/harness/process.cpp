// See process.h.
#include "harness/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/assert.h"

extern char** environ;

namespace ow::tests {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> out;
  for (const auto& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

Process Process::start(const std::vector<std::string>& words, const Streams& streams,
                       const std::vector<std::string>& environment) {
  std::vector<std::string> variables = environment;  // of a repeated name the first is read
  for (char** one = environ; *one != nullptr; ++one) variables.emplace_back(*one);
  constexpr int kAppend = O_WRONLY | O_CREAT | O_APPEND;
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, streams.input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, streams.output.c_str(), kAppend, 0600);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, streams.error.c_str(), kAppend, 0600);
  pid_t id = -1;
  const int failed =
      posix_spawnp(&id, words[0].c_str(), &files, nullptr, pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&files);
  OW_ASSERT(failed == 0, "the program under test can be started");
  return Process(id);
}

Process::Process(Process&& other) noexcept : id_(std::exchange(other.id_, -1)), ended_(other.ended_) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    std::swap(id_, other.id_);
    std::swap(ended_, other.ended_);
  }
  return *this;
}

Process::~Process() {
  if (id_ < 0 || ended_) return;
  signal(SIGKILL);
  wait();
}

bool Process::running() {
  if (ended_) return false;
  int status = 0;
  if (::waitpid(id_, &status, WNOHANG) == 0) return true;
  ended_ = exit_code(status);
  return false;
}

void Process::signal(int number) {
  if (id_ > 0 && !ended_) ::kill(id_, number);
}

int Process::wait() {
  if (!ended_) {
    int status = 0;
    ::waitpid(id_, &status, 0);
    ended_ = exit_code(status);
  }
  return *ended_;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "orderwright-XXXXXX").string();
  OW_ASSERT(::mkdtemp(name.data()) != nullptr, "a temporary directory can be made");
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  OW_ASSERT(::bind(socket, generic, size) == 0 && ::getsockname(socket, generic, &size) == 0, "a port is free");
  ::close(socket);
  return ntohs(address.sin_port);
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace ow::tests
