// The end of the event log, read once for all who follow it. The newest events are kept ready, with the text
// that followers see; who is further behind reads the log by itself until it is near. Loop thread.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"
#include "platform/clock.h"
#include "platform/event_log.h"
#include "platform/executor.h"

namespace ow::events {

/// An event as followers see it.
struct TailEvent {
  platform::Event event;
  base::UserId owner;  // who may see it beside operators; empty: nobody
  std::string json;    // the CloudEvent
};
using TailEvents = std::vector<std::shared_ptr<const TailEvent>>;

/// Events to what followers see of them, one each and in order.
using RenderEvents =
    std::function<base::Task<base::Result<std::vector<TailEvent>>>(std::vector<platform::Event> events)>;

struct TailPorts {
  platform::EventLog& log;
  platform::Executor& executor;
  const platform::Clock& clock;
};

class Tail : public std::enable_shared_from_this<Tail> {
 public:
  Tail(TailPorts ports, RenderEvents render) : ports_(ports), render_(std::move(render)) {}

  /// What lies behind a cursor: `cursor` is where it ends, also when no event was found.
  struct Slice {
    TailEvents events;
    std::string cursor;
  };

  /// While one lives the tail is followed.
  class Follower {
   public:
    explicit Follower(std::shared_ptr<Tail> tail);
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;
    ~Follower();

    /// Events behind the cursor; waits for some until `due` (Clock::ticks, observed within
    /// kTailPollInterval) or leave(). At most kTailPageEventsMax. Error malformed for a foreign cursor.
    base::Task<base::Result<Slice>> after(std::string cursor, base::Duration due);
    /// Ends a wait, now and later.
    void leave();

   private:
    friend class Tail;
    /// Shared by the waiting frame and whoever wakes it: either may be gone first.
    struct Wait {
      base::Completion<bool> woken;
      bool abandoned = false;
      void end();
    };
    base::Task<bool> wait(base::Duration due);

    std::shared_ptr<Tail> tail_;
    std::list<Follower*>::iterator place_;
    std::shared_ptr<Wait> waiting_;
    base::Duration due_{};
    bool left_ = false;
  };

  /// The cursor behind the newest event.
  base::Task<base::Result<std::string>> end();
  /// A cursor that events of this log may be read behind. Error malformed.
  base::Task<base::Result<void>> check(std::string cursor);
  /// Events were committed. Returns at once.
  void changed();
  std::size_t followers() const { return followers_.size(); }

 private:
  std::optional<Slice> recent_behind(const std::string& cursor) const;
  base::Task<base::Result<Slice>> read(std::string cursor);
  void join(Follower& follower);
  void keep(const Slice& slice);
  void wake_followers(bool only_due);
  static base::Task<void> catch_up(std::shared_ptr<Tail> tail);
  static base::Task<void> poll(std::shared_ptr<Tail> tail);

  TailPorts ports_;
  RenderEvents render_;
  std::deque<std::shared_ptr<const TailEvent>> recent_;
  std::string cursor_;  // behind recent_; empty: not known
  std::list<Follower*> followers_;
  std::uint64_t changes_ = 0;
  bool catching_up_ = false;
  bool polling_ = false;
};

}  // namespace ow::events
