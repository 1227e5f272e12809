// See queue_loader.h.
#include "engine/queue_loader.h"

#include <memory>
#include <utility>

namespace ow::engine {

using base::fail;
using base::Result;
using base::Task;

namespace {

/// A page takes this many messages of one group, then jumps to the next group.
constexpr std::size_t kFirstMessagesMax = 16;

MessagePtr read_message(std::string_view key, std::string_view value) {
  const auto parts = layout::message_key_parts(key);
  auto message = decode_message(parts.sequence, parts.group, value);
  return message ? std::make_shared<const Message>(std::move(*message)) : nullptr;
}

/// Collects a page from one scan after the other; each begins behind the group that was long enough.
class PageScan {
 public:
  PageScan(QueueNumber queue, std::string from, std::size_t messages_max)
      : from_(layout::queue_prefix(queue) + from),
        end_(layout::behind(layout::queue_prefix(queue))),
        messages_max_(messages_max) {}

  platform::KeyRange range() const { return {from_, end_}; }

  bool visit(std::string_view key, std::string_view value) {
    const auto name = layout::message_key_parts(key).group;
    if (page_.groups.empty() || page_.groups.back().name != name) {
      stopped_ = messages_ >= messages_max_;
      if (stopped_) return false;
      page_.groups.push_back({std::string(name), {}, false, {}});
    }
    FoundGroup& group = page_.groups.back();
    if (group.messages.size() == kFirstMessagesMax) {
      group.more = true;
      jump_ = true;
      return false;
    }
    auto message = read_message(key, value);
    if (!message) {
      unreadable_ = key;
      return false;
    }
    group.messages.push_back(std::move(message));
    ++messages_;
    return true;
  }

  /// After a scan: true when there is a next one.
  bool go_on(QueueNumber queue) {
    if (!std::exchange(jump_, false)) return false;
    from_ = layout::queue_prefix(queue) + page_.groups.back().name + '\x01';
    stopped_ = messages_ >= messages_max_;
    return !stopped_;
  }

  void begin_scan() {
    groups_before_ = page_.groups.size();  // each scan begins with a new group
    messages_before_ = messages_;
  }
  void restart() {
    page_.groups.resize(groups_before_);
    messages_ = messages_before_;
    jump_ = stopped_ = false;
  }

  Result<FoundPage> finish() && {
    if (!unreadable_.empty()) return fail(damaged(unreadable_));
    page_.at_end = !stopped_;
    return std::move(page_);
  }

 private:
  std::string from_;
  const std::string end_;
  const std::size_t messages_max_;
  FoundPage page_;
  std::size_t messages_ = 0;
  bool jump_ = false;
  bool stopped_ = false;
  std::string unreadable_;
  std::size_t groups_before_ = 0;
  std::size_t messages_before_ = 0;
};

}  // namespace

Task<Result<FoundGroup>> load_group(Reader& reader, QueueNumber queue, GroupLoad load, std::size_t messages_max) {
  auto view = co_await reader.view();
  if (!view) co_return fail(std::move(view.error()));
  FoundGroup found{load.group, {}, false, {}};
  std::string unreadable;
  ScanRequest request;
  const std::string group = layout::group_prefix(queue, load.group);
  request.range = {layout::message_key(queue, load.group, load.behind + 1), layout::behind(group)};
  request.visit = [&](std::string_view key, std::string_view value) {
    found.more = found.messages.size() == messages_max;
    if (found.more) return false;
    auto message = read_message(key, value);
    if (!message) {
      unreadable = key;
      return false;
    }
    found.messages.push_back(std::move(message));
    return true;
  };
  request.restart = [&] { found.messages.clear(); };
  const auto scanned = co_await reader.scan(std::move(*view), std::move(request));
  if (!scanned) co_return fail(scanned.error());
  if (!unreadable.empty()) co_return fail(damaged(unreadable));
  co_return found;
}

Task<Result<FoundPage>> find_groups(Reader& reader, QueueNumber queue, std::string from, std::size_t messages_max) {
  auto view = co_await reader.view();
  if (!view) co_return fail(std::move(view.error()));
  PageScan page(queue, std::move(from), messages_max);
  do {
    page.begin_scan();
    ScanRequest request;
    request.range = page.range();
    request.visit = [&page](std::string_view key, std::string_view value) { return page.visit(key, value); };
    request.restart = [&page] { page.restart(); };
    const auto scanned = co_await reader.scan(*view, std::move(request));
    if (!scanned) co_return fail(scanned.error());
  } while (page.go_on(queue));
  co_return std::move(page).finish();
}

std::optional<MessagePtr> message_at(std::string_view key, std::string_view value) {
  auto message = read_message(key, value);
  if (!message) return std::nullopt;
  return message;
}

std::optional<MessagePtr> delayed_at(QueueNumber queue, std::string_view key, std::string_view value) {
  const auto parts = layout::due_key_parts(key);
  if (parts.timer || parts.queue != queue) return MessagePtr();
  auto delayed = decode_timer(value);
  if (!delayed) return std::nullopt;
  delayed->message.sequence = parts.sequence;
  return std::make_shared<const Message>(std::move(delayed->message));
}

Task<Result<void>> each_message(Reader& reader, DurableView view, QueueNumber queue, VisitMessage visit,
                                std::function<void()> restart) {
  std::string unreadable;
  ScanRequest request;
  request.range = layout::starting_with(layout::queue_prefix(queue));
  request.visit = [&](std::string_view key, std::string_view value) {
    const auto parts = layout::message_key_parts(key);
    auto message = decode_message(parts.sequence, parts.group, value);
    if (!message) {
      unreadable = key;
      return false;
    }
    visit(std::move(*message));
    return true;
  };
  request.restart = std::move(restart);
  const auto scanned = co_await reader.scan(std::move(view), std::move(request));
  if (!scanned) co_return fail(scanned.error());
  if (!unreadable.empty()) co_return fail(damaged(unreadable));
  co_return Result<void>();
}

Task<Result<void>> each_delayed(Reader& reader, DurableView view, QueueNumber queue, VisitDelayed visit,
                                std::function<void()> restart) {
  std::string unreadable;
  ScanRequest request;
  request.range = layout::starting_with(std::string(1, layout::kDue));
  request.visit = [&](std::string_view key, std::string_view value) {
    const auto parts = layout::due_key_parts(key);
    if (parts.timer || parts.queue != queue) return true;
    auto delayed = decode_timer(value);
    if (!delayed) {
      unreadable = key;
      return false;
    }
    delayed->message.sequence = parts.sequence;
    visit(key, parts.due, std::move(delayed->message));
    return true;
  };
  request.restart = std::move(restart);
  const auto scanned = co_await reader.scan(std::move(view), std::move(request));
  if (!scanned) co_return fail(scanned.error());
  if (!unreadable.empty()) co_return fail(damaged(unreadable));
  co_return Result<void>();
}

}  // namespace ow::engine
