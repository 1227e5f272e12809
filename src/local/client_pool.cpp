// See client_pool.h.
#include "local/client_pool.h"

#include "local/client_tls.h"

#include <algorithm>
#include <utility>

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>

namespace ow::local {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr auto kSweepInterval = 20ms;
constexpr auto kIdleKept = 30s;  // shorter than the idle time-outs that servers use

}  // namespace

Wire::Wire(std::shared_ptr<ClientPool> owner, std::string origin_of)
    : pool(std::move(owner)), origin(std::move(origin_of)), socket(pool->loop_) {
  ++pool->open_;
  ++pool->origins_[origin].open;
}

Wire::~Wire() {
  close();
  pool->wire_ended(origin);
}

void Wire::close() {
  net::Error ignored;
  socket.close(ignored);
}

bool Wire::still_usable() {
  char byte = 0;
  const auto received = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

ClientPool::ClientPool(asio::io_context& loop, HttpClientOptions options)
    : loop_(loop), options_(options), sweep_timer_(loop) {}

std::shared_ptr<Wire> ClientPool::acquire(const std::string& origin) {
  const auto found = origins_.find(origin);
  if (found != origins_.end()) {
    if (auto wire = take_idle(found->second)) return wire;
  }
  const auto again = origins_.find(origin);  // letting dead ones go may have removed it
  if (again != origins_.end() && again->second.open >= options_.connections_per_host_max) return nullptr;
  if (open_ >= options_.connections_max && !evict_idle()) return nullptr;
  return std::make_shared<Wire>(shared_from_this(), origin);
}

std::shared_ptr<Wire> ClientPool::take_idle(Origin& origin) {
  auto idle = std::exchange(origin.idle, {});
  std::shared_ptr<Wire> usable;
  while (!idle.empty() && !usable) {
    if (idle.back()->still_usable() && SteadyClock::now() - idle.back()->idle_since < kIdleKept) usable = idle.back();
    idle.pop_back();
  }
  if (usable) origin.idle = std::move(idle);
  return usable;
}

std::shared_ptr<Wire> ClientPool::replace(std::shared_ptr<Wire> dead) {
  auto wire = std::make_shared<Wire>(shared_from_this(), dead->origin);
  dead.reset();
  return wire;
}

bool ClientPool::evict_idle() {
  auto oldest = origins_.end();
  for (auto it = origins_.begin(); it != origins_.end(); ++it) {
    if (it->second.idle.empty()) continue;
    const bool older =
        oldest == origins_.end() || it->second.idle.front()->idle_since < oldest->second.idle.front()->idle_since;
    if (older) oldest = it;
  }
  if (oldest == origins_.end()) return false;
  const auto evicted = std::move(oldest->second.idle.front());
  oldest->second.idle.erase(oldest->second.idle.begin());
  return true;
}

void ClientPool::keep(std::shared_ptr<Wire> wire) {
  if (closed_) return;
  wire->idle_since = SteadyClock::now();
  origins_[wire->origin].idle.push_back(std::move(wire));
  serve_waiting();
}

void ClientPool::wire_ended(const std::string& origin) {
  --open_;
  const auto found = origins_.find(origin);
  if (--found->second.open == 0) origins_.erase(found);
  serve_waiting();
}

void ClientPool::serve_waiting() {
  if (std::exchange(serving_, true)) return;  // letting an idle connection go comes back here
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    auto wire = acquire(it->origin());
    if (!wire) {
      ++it;
      continue;
    }
    auto& borrower = *it;
    it = waiting_.erase(it);
    borrower.lend(std::move(wire));
  }
  serving_ = false;
}

void ClientPool::watch(Watched& watched) {
  watched_.push_back(watched);
  if (!std::exchange(sweeping_, true)) sweep();
}

void ClientPool::sweep() {
  const auto now = SteadyClock::now();
  std::vector<std::shared_ptr<Watched>> due;
  for (auto& watched : watched_) {
    if (watched.deadline <= now) due.push_back(watched.keep_alive());
  }
  for (const auto& watched : due) watched->expire();
  if (closed_ || watched_.empty()) {
    sweeping_ = false;
    return;
  }
  sweep_timer_.expires_after(kSweepInterval);
  sweep_timer_.async_wait([self = shared_from_this()](net::Error cancelled) {
    if (!cancelled) self->sweep();
  });
}

void ClientPool::close() {
  closed_ = true;
  sweep_timer_.cancel();
  auto origins = std::exchange(origins_, {});
  for (auto& [name, origin] : origins) {
    origins_[name].open = origin.open;
    origin.idle.clear();
  }
}

base::Result<asio::ssl::context*> ClientPool::tls_context() {
  if (tls_context_) return tls_context_.get();
  auto made = make_client_tls(options_.ca_file);
  if (!made) return base::fail(made.error());
  tls_context_ = std::move(*made);
  return tls_context_.get();
}

}  // namespace ow::local
