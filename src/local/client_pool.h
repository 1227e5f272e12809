// Connections to the outside: kept alive per origin, bounded per origin and in all, lent to one exchange at a
// time, first come first served. Included by the client's files only. Loop thread.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/intrusive/list.hpp>

#include "local/beast_http_client.h"
#include "net/operation.h"

namespace ow::local {

class ClientPool;

using SteadyClock = std::chrono::steady_clock;
using Listed = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
template <typename T>
using List = boost::intrusive::list<T, boost::intrusive::constant_time_size<false>>;

/// One connection, lent or idle. It counts against the pool's bounds from its making to its end.
struct Wire {
  Wire(std::shared_ptr<ClientPool> owner, std::string origin_of);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  void close();
  /// False when the peer has closed, or sent what nobody asked for.
  bool still_usable();

  std::shared_ptr<ClientPool> pool;
  std::string origin;
  net::Socket socket;
  std::unique_ptr<boost::asio::ssl::stream<net::Socket&>> tls;
  boost::beast::flat_buffer buffer;
  SteadyClock::time_point idle_since;
  bool connected = false;
};

/// Waits in line for a connection while listed.
class Borrower : public Listed {
 public:
  virtual ~Borrower() = default;
  virtual const std::string& origin() const = 0;
  /// Hands over a connection; resumes the borrower later, not inline.
  virtual void lend(std::shared_ptr<Wire> wire) = 0;
};

/// Has a deadline while listed.
class Watched : public Listed {
 public:
  virtual ~Watched() = default;
  virtual std::shared_ptr<Watched> keep_alive() = 0;
  virtual void expire() = 0;
  SteadyClock::time_point deadline;
};

class ClientPool : public std::enable_shared_from_this<ClientPool> {
 public:
  ClientPool(boost::asio::io_context& loop, HttpClientOptions options);

  /// An idle connection, else a new one that is not connected yet, else nothing: the bounds are reached.
  std::shared_ptr<Wire> acquire(const std::string& origin);
  /// A new one in place of one that turned out dead; the bounds are not asked again.
  std::shared_ptr<Wire> replace(std::shared_ptr<Wire> dead);
  /// After acquire() gave nothing.
  void wait(Borrower& borrower) { waiting_.push_back(borrower); }
  /// Takes back a connection that may carry another exchange.
  void keep(std::shared_ptr<Wire> wire);
  /// Expires it at its deadline, at most kSweepInterval late.
  void watch(Watched& watched);
  /// Lets idle connections go; nothing is kept any more.
  void close();

  boost::asio::io_context& loop() { return loop_; }
  /// See make_client_tls(); made at first use.
  base::Result<boost::asio::ssl::context*> tls_context();

 private:
  friend struct Wire;
  struct Origin {
    std::vector<std::shared_ptr<Wire>> idle;  // the one used last is at the back
    std::size_t open = 0;
  };
  using Timer =
      boost::asio::basic_waitable_timer<SteadyClock, boost::asio::wait_traits<SteadyClock>, net::LoopExecutor>;

  std::shared_ptr<Wire> take_idle(Origin& origin);
  bool evict_idle();
  void wire_ended(const std::string& origin);
  void serve_waiting();
  void sweep();

  boost::asio::io_context& loop_;
  HttpClientOptions options_;
  std::map<std::string, Origin> origins_;
  std::size_t open_ = 0;
  bool closed_ = false;
  bool sweeping_ = false;
  bool serving_ = false;
  List<Borrower> waiting_;
  List<Watched> watched_;
  Timer sweep_timer_;
  std::unique_ptr<boost::asio::ssl::context> tls_context_;
};

}  // namespace ow::local
