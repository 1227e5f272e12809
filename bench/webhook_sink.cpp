// See webhook_sink.h.
#include "bench/webhook_sink.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "base/assert.h"
#include "harness/process.h"

namespace ow::bench {
namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
constexpr std::string_view kLength = "content-length: ";
constexpr int kSinkCore = 1;
constexpr std::size_t kReadBytes = 64 << 10;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void no_delay(int descriptor) {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

double task_cpu_us(const std::string& task) {
  // Nanoseconds on a processor come first (Documentation/scheduler/sched-stats.rst).
  return std::strtod(tests::read_file(task + "/schedstat").c_str(), nullptr) / 1e3;
}

/// Bytes of the first request, 0 while it is incomplete; all bodies here have a length.
std::size_t request_bytes(std::string_view text, std::string_view& body) {
  const auto head = text.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  const auto at = text.find(kLength);
  std::size_t length = 0;
  if (at < head) std::from_chars(text.data() + at + kLength.size(), text.data() + head, length);
  if (text.size() < head + 4 + length) return 0;
  body = text.substr(head + 4, length);
  return head + 4 + length;
}

double thread_cpu_us() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  const auto us = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

}  // namespace

WebhookSink::WebhookSink(const platform::Clock& clock, std::size_t ports, std::size_t hanging)
    : clock_(clock), poll_(::epoll_create1(EPOLL_CLOEXEC)) {
  for (std::size_t i = 0; i < ports; ++i) open_port(i < hanging);
  thread_ = std::thread([this] { run(); });
  while (thread_id_ == 0) std::this_thread::yield();
}

WebhookSink::~WebhookSink() {
  ending_ = true;
  thread_.join();
  for (const auto& socket : sockets_) {
    if (socket) ::close(socket->descriptor);
  }
  ::close(poll_);
}

void WebhookSink::open_port(bool hangs) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  OW_ASSERT(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "a port is free");
  OW_ASSERT(::listen(descriptor, SOMAXCONN) == 0, "it can be listened on");
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  ports_.push_back(ntohs(address.sin_port));
  watch(std::make_unique<Socket>(Socket{descriptor, true, {{}, hangs}}));
}

void WebhookSink::watch(std::unique_ptr<Socket> socket) {
  const auto index = static_cast<std::size_t>(socket->descriptor);
  if (sockets_.size() <= index) sockets_.resize(index + 1);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = socket->descriptor;
  OW_ASSERT(::epoll_ctl(poll_, EPOLL_CTL_ADD, socket->descriptor, &event) == 0, "a socket can be watched");
  sockets_[index] = std::move(socket);
}

void WebhookSink::accept_all(const Socket& listener) {
  const bool hangs = listener.connection.hangs;
  while (true) {
    const int descriptor = ::accept4(listener.descriptor, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    no_delay(descriptor);
    watch(std::make_unique<Socket>(Socket{descriptor, false, {{}, hangs}}));
  }
}

bool WebhookSink::serve(Socket& socket) {
  static thread_local std::array<char, kReadBytes> bytes;
  const auto got = ::recv(socket.descriptor, bytes.data(), bytes.size(), 0);
  if (got <= 0) return got < 0 && errno == EAGAIN;
  if (socket.connection.hangs) return true;
  socket.connection.unread.append(bytes.data(), static_cast<std::size_t>(got));
  take_requests(socket);
  return true;
}

void WebhookSink::take_requests(Socket& socket) {
  auto& unread = socket.connection.unread;
  std::string_view body;
  while (const auto size = request_bytes(unread, body)) {
    note_latency(body);
    unread.erase(0, size);
    ++answered_;
    static_cast<void>(::send(socket.descriptor, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL));
  }
}

void WebhookSink::note_latency(std::string_view body) {
  const auto at = body.find(kTicksMark);
  if (at == std::string_view::npos) return;
  std::int64_t made = 0;
  std::from_chars(body.data() + at + std::string_view(kTicksMark).size(), body.data() + body.size(), made);
  const std::lock_guard lock(latencies_mutex_);
  latencies_.push_back(clock_.ticks().count() - made);
}

void WebhookSink::run() {
  thread_id_ = static_cast<int>(::syscall(SYS_gettid));
  stay_on_core(kSinkCore);
  std::array<epoll_event, 256> events;
  while (!ending_) {
    const int ready = ::epoll_wait(poll_, events.data(), events.size(), 20);
    for (int i = 0; i < ready; ++i) {
      auto& socket = sockets_[static_cast<std::size_t>(events[static_cast<std::size_t>(i)].data.fd)];
      if (socket->listens) {
        accept_all(*socket);
      } else if (!serve(*socket)) {
        ::close(socket->descriptor);
        socket.reset();
      }
    }
    if (!ending_hanging_) continue;
    for (const auto& socket : sockets_) {
      if (socket && socket->connection.hangs && !socket->listens) ::shutdown(socket->descriptor, SHUT_RDWR);
    }
  }
}

void WebhookSink::end_hanging() { ending_hanging_ = true; }

double WebhookSink::cpu_us() const { return task_cpu_us(fmt::format("/proc/self/task/{}", thread_id_.load())); }

std::vector<std::int64_t> WebhookSink::take_latencies() {
  const std::lock_guard lock(latencies_mutex_);
  return std::exchange(latencies_, {});
}

double cpu_us_without(const WebhookSink& sink) {
  double sum = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task"))
    sum += task_cpu_us(task.path().string());
  return sum - sink.cpu_us();
}

void stay_on_core(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  static_cast<void>(::sched_setaffinity(0, sizeof set, &set));
}

BareExchanges bare_exchanges(const platform::Clock& clock, std::uint16_t port, const std::string& request,
                             std::size_t connections, double seconds) {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<int> sockets;
  const auto send = [&](int descriptor) {
    OW_ASSERT(::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()),
              "it takes a request");
  };
  for (std::size_t i = 0; i < connections; ++i) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(port);
    OW_ASSERT(::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
              "the sink listens");
    no_delay(descriptor);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
    sockets.push_back(descriptor);
    send(descriptor);
  }
  const auto cpu = thread_cpu_us();
  const auto begin = clock.ticks();
  double done = 0;
  double took = 0;
  std::array<epoll_event, 64> events;
  std::array<char, 4096> answer;
  while (took < seconds) {
    const int ready = ::epoll_wait(poll, events.data(), events.size(), -1);
    for (int i = 0; i < ready; ++i) {
      const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
      OW_ASSERT(::recv(descriptor, answer.data(), answer.size(), 0) > 0, "the sink answers");
      send(descriptor);
    }
    done += ready;
    took = static_cast<double>((clock.ticks() - begin).count()) / 1e6;
  }
  const BareExchanges result{done / took, (thread_cpu_us() - cpu) / done};
  for (const int descriptor : sockets) ::close(descriptor);
  ::close(poll);
  return result;
}

}  // namespace ow::bench
