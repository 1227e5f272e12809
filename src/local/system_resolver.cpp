// See system_resolver.h.
#include "local/system_resolver.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace ow::local {

using Addresses = std::vector<std::string>;
using Answer = base::Result<Addresses>;

/// One question, as the asking frame, its time-out and a thread share it.
struct SystemResolver::Lookup {
  explicit Lookup(std::string asked) : name(std::move(asked)) {}
  void settle(Answer result) {
    if (abandoned || done.ready()) return;
    done.complete(std::move(result));
  }
  const std::string name;
  base::Completion<Answer> done;
  bool abandoned = false;  // the asking frame is gone
};

/// What the threads outlive the resolver with.
struct SystemResolver::Shared {
  std::mutex mutex;
  std::condition_variable wanted;
  std::deque<std::shared_ptr<Lookup>> waiting;
  platform::Executor* executor;  // null: the resolver is gone
};

namespace {

std::string text_of(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = nullptr;
  if (address->sa_family == AF_INET) bytes = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
  if (address->sa_family == AF_INET6) bytes = &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
  if (bytes == nullptr || ::inet_ntop(address->sa_family, bytes, text.data(), text.size()) == nullptr) return {};
  return text.data();
}

Answer failure(int code, const std::string& name) {
  const bool none = code == EAI_NONAME;
  return base::fail(none ? base::ErrorCode::not_found : base::ErrorCode::unavailable,
                    none ? "no_such_name" : "name_service_away",
                    "The name " + name + " cannot be resolved: " + ::gai_strerror(code) + ".");
}

Answer look_up(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(name.c_str(), nullptr, &hints, &found); code != 0) return failure(code, name);
  Addresses addresses;
  for (const auto* one = found; one != nullptr; one = one->ai_next) {
    auto text = text_of(one->ai_addr);
    const bool known = std::find(addresses.begin(), addresses.end(), text) != addresses.end();
    if (!text.empty() && !known) addresses.push_back(std::move(text));
  }
  ::freeaddrinfo(found);
  if (addresses.empty()) return failure(EAI_NONAME, name);
  return addresses;
}

}  // namespace

SystemResolver::SystemResolver(platform::Executor& executor, const platform::Clock& clock, ResolverOptions options)
    : executor_(executor), clock_(clock), options_(options), shared_(std::make_shared<Shared>()) {
  shared_->executor = &executor;
  for (std::size_t i = 0; i < options_.threads; ++i) std::thread(run, shared_).detach();
}

SystemResolver::~SystemResolver() {
  const std::lock_guard lock(shared_->mutex);
  shared_->executor = nullptr;
  shared_->waiting.clear();
  shared_->wanted.notify_all();
}

void SystemResolver::run(std::shared_ptr<Shared> shared) {
  while (true) {
    std::unique_lock lock(shared->mutex);
    shared->wanted.wait(lock, [&] { return shared->executor == nullptr || !shared->waiting.empty(); });
    if (shared->executor == nullptr) return;
    auto lookup = std::move(shared->waiting.front());
    shared->waiting.pop_front();
    lock.unlock();
    auto answer = look_up(lookup->name);
    lock.lock();
    if (shared->executor == nullptr) return;
    shared->executor->post([lookup, answer = std::move(answer)] { lookup->settle(answer); });
  }
}

base::Task<void> SystemResolver::expire(platform::Executor& executor, base::Duration due,
                                        std::shared_ptr<Lookup> lookup) {
  static_cast<void>(co_await executor.sleep_until(due));
  lookup->settle(base::fail(base::ErrorCode::timed_out, "name_service_slow",
                            "The name " + lookup->name + " was not resolved in time."));
}

base::Task<Answer> SystemResolver::resolve(std::string name) {
  struct Guard {
    std::shared_ptr<Lookup> lookup;
    ~Guard() { lookup->abandoned = true; }
  };
  const Guard guard{std::make_shared<Lookup>(std::move(name))};
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->waiting.size() >= options_.waiting_max) {
      co_return base::fail(base::ErrorCode::unavailable, "too_many_lookups", "Too many names wait to be resolved.");
    }
    shared_->waiting.push_back(guard.lookup);
  }
  shared_->wanted.notify_one();
  executor_.spawn(expire(executor_, clock_.ticks() + options_.timeout, guard.lookup));
  co_return co_await guard.lookup->done;
}

}  // namespace ow::local
