// Awaiting one Asio operation from a base::Task. Included by .cpp files of http and local only. Loop thread.
#pragma once

#include <coroutine>
#include <memory>
#include <utility>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

namespace ow::net {

using Error = boost::system::error_code;
/// Concrete executor: a type-erased one doubles the cost of a request.
using LoopExecutor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, LoopExecutor>;

template <typename Value>
struct Outcome {
  Error error;
  Value value{};
};

/// `auto [error, bytes] = co_await perform<std::size_t>(shared_from_this(), start)`, where `start(handler)`
/// begins the operation. The handler keeps `owner` alive, and the owner keeps the awaiting frame, so a frame
/// is never gone when its operation ends; whoever wants it to end early closes the socket.
template <typename Value, typename Owner, typename Start>
class Operation {
 public:
  Operation(std::shared_ptr<Owner> owner, Start start) : owner_(std::move(owner)), start_(std::move(start)) {}
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  struct Handler {
    std::shared_ptr<Owner> owner;
    Operation* operation;
    template <typename... Values>
    void operator()(Error error, Values&&... values) {
      operation->outcome_ = Outcome<Value>{error, Value(std::forward<Values>(values)...)};
      operation->waiter_.resume();
    }
  };

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    start_(Handler{std::move(owner_), this});
  }
  Outcome<Value> await_resume() { return std::move(outcome_); }

 private:
  std::shared_ptr<Owner> owner_;
  Start start_;
  std::coroutine_handle<> waiter_;
  Outcome<Value> outcome_;
};

template <typename Value, typename Owner, typename Start>
Operation<Value, Owner, Start> perform(std::shared_ptr<Owner> owner, Start start) {
  return Operation<Value, Owner, Start>(std::move(owner), std::move(start));
}

}  // namespace ow::net
