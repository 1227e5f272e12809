// See asio_executor.h. The inbox takes posts of any thread under one mutex and wakes the loop once a batch;
// everything else belongs to the loop thread.
#include "local/asio_executor.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/intrusive/list.hpp>

#include "local/lane_thread.h"

namespace ow::local {
namespace asio = boost::asio;

namespace {

using LoopExecutor = asio::io_context::executor_type;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, LoopExecutor>;
using Listed = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
template <typename T>
using List = boost::intrusive::list<T, boost::intrusive::constant_time_size<false>>;

constexpr std::size_t kLanes = 5;
static_assert(static_cast<std::size_t>(platform::Lane::backup) + 1 == kLanes);

/// Shared by the sleeping frame and the timer's handler: either may be gone first.
struct Sleep : Listed {
  explicit Sleep(asio::io_context& loop) : timer(loop) {}
  Timer timer;
  base::Completion<bool> due;
  bool abandoned = false;
};

/// Lives in the sleeping frame, which may be destroyed before the timer's handler has run.
struct SleepOwner {
  std::shared_ptr<Sleep> sleep;
  explicit SleepOwner(asio::io_context& loop) : sleep(std::make_shared<Sleep>(loop)) {}
  SleepOwner(const SleepOwner&) = delete;
  SleepOwner& operator=(const SleepOwner&) = delete;
  ~SleepOwner() {
    sleep->abandoned = true;
    sleep->timer.cancel();
  }
};

[[noreturn]] void exception_escaped(const char* where) noexcept {
  try {
    throw;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", where, error.what());
  } catch (...) {
    std::fprintf(stderr, "%s: an unknown exception\n", where);
  }
  base::broken_invariant("no exception leaves a task or a job", __FILE__, __LINE__);
}

/// What the executor knows of a frame that owns a spawned task.
struct RootFrame : Listed {
  std::coroutine_handle<> frame;
};

struct State {
  List<RootFrame> roots;
  List<Sleep> sleeping;

  std::mutex inbox_mutex;
  std::vector<platform::Job> inbox;
  bool inbox_scheduled = false;
  std::vector<platform::Job> batch;  // of the loop thread, kept for its capacity

  asio::io_context loop{1};  // one thread runs it, any may post
  asio::executor_work_guard<LoopExecutor> open{loop.get_executor()};
  std::atomic<bool> stopping{false};
  std::array<LaneThread, kLanes> lanes{LaneThread(), LaneThread(), LaneThread(), LaneThread(kBackgroundNiceness),
                                       LaneThread(kBackgroundNiceness)};  // last: they end before what they post to

  void run_inbox();
  void wake_sleepers();
  void end_if_done();
};

/// The coroutine that owns a spawned task: listed from the start, destroyed by its own end.
struct Root {
  struct promise_type;
  std::coroutine_handle<> frame;
};

struct Root::promise_type : RootFrame {
  State& state;
  promise_type(State& owner, base::Task<void>&) : state(owner) {
    frame = std::coroutine_handle<promise_type>::from_promise(*this);
    state.roots.push_back(*this);
  }

  struct End {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<promise_type> ended) const noexcept {
      auto& owner = ended.promise().state;
      ended.destroy();
      owner.end_if_done();
    }
    void await_resume() const noexcept {}
  };
  Root get_return_object() { return {frame}; }
  std::suspend_always initial_suspend() const noexcept { return {}; }
  End final_suspend() const noexcept { return {}; }
  void return_void() const noexcept {}
  void unhandled_exception() const noexcept { exception_escaped("spawned task"); }
};

Root own(State&, base::Task<void> task) { co_await task; }

void State::run_inbox() {
  {
    std::lock_guard lock(inbox_mutex);
    batch.swap(inbox);
    inbox_scheduled = false;
  }
  for (auto& job : batch) job();
  batch.clear();
}

void State::wake_sleepers() {
  for (auto& sleep : sleeping) sleep.timer.cancel();
}

void State::end_if_done() {
  if (stopping.load() && roots.empty()) loop.stop();
}

}  // namespace

struct AsioExecutor::Impl : State {};

AsioExecutor::AsioExecutor() : impl_(std::make_unique<Impl>()) {}

AsioExecutor::~AsioExecutor() {
  for (auto& lane : impl_->lanes) lane.finish();
  while (!impl_->roots.empty()) impl_->roots.front().frame.destroy();
}

void AsioExecutor::post(platform::Job job) {
  {
    std::lock_guard lock(impl_->inbox_mutex);
    impl_->inbox.push_back(std::move(job));
    if (std::exchange(impl_->inbox_scheduled, true)) return;
  }
  asio::post(impl_->loop, [impl = impl_.get()] { impl->run_inbox(); });
}

void AsioExecutor::submit(platform::Lane lane, platform::Job job) {
  impl_->lanes[static_cast<std::size_t>(lane)].submit(std::move(job));
}

base::Task<bool> AsioExecutor::sleep_until(base::Duration due) {
  if (stopping()) co_return false;
  SleepOwner owner(impl_->loop);
  auto& sleep = *owner.sleep;
  impl_->sleeping.push_back(sleep);
  sleep.timer.expires_at(std::chrono::steady_clock::time_point(due));
  sleep.timer.async_wait([kept = owner.sleep](boost::system::error_code cancelled) {
    if (!kept->abandoned) kept->due.complete(!cancelled);
  });
  co_return co_await sleep.due;
}

void AsioExecutor::spawn(base::Task<void> task) {
  post([frame = own(*impl_, std::move(task)).frame] { frame.resume(); });
}

void AsioExecutor::request_stop() {
  if (impl_->stopping.exchange(true)) return;
  post([impl = impl_.get()] {
    impl->wake_sleepers();
    impl->end_if_done();
  });
}

bool AsioExecutor::stopping() const { return impl_->stopping.load(); }

void AsioExecutor::run() {
  try {
    impl_->loop.run();
  } catch (...) {
    exception_escaped("event loop");
  }
}

asio::io_context& AsioExecutor::loop() { return impl_->loop; }

}  // namespace ow::local
