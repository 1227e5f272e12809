// See queue_look.h.
#include "engine/queue_look.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/encoding.h"
#include "engine/bytes.h"
#include "engine/embedded_event_log.h"
#include "engine/queue_loader.h"

namespace ow::engine {

using base::fail;
using base::Result;
using base::Task;
using platform::MessageFilter;

namespace {

/// In order of sending: messages of one walk over the queue; what they need of bodies is fetched behind it.
constexpr std::size_t kChunk = 256;
/// Walks that one look makes before it answers with what it has.
constexpr int kWalksMax = 4;
/// By group: messages that one look passes by.
constexpr std::size_t kLookedAtMax = 4096;

// A place of a walk by group: which range, and the last key passed.
constexpr char kInQueue = 'm';
constexpr char kInDue = 'd';

void put_optional(std::string& out, const std::optional<base::Instant>& at) { put_signed(out, at ? at->us : -1); }

/// What a cursor is bound to.
std::string fingerprint(const std::string& queue, const MessageFilter& filter) {
  std::string bytes;
  for (const auto& text : {queue, filter.group, filter.body_has, filter.error_has}) put_text(bytes, text);
  for (const auto& id : filter.ids) put_text(bytes, id);
  put_signed(bytes, filter.receives_min.value_or(-1));
  put_signed(bytes, filter.receives_max.value_or(-1));
  put_optional(bytes, filter.entered_before);
  bytes += filter.by_group ? 'g' : 's';
  const auto digest = base::sha256(bytes);
  return {digest.begin(), digest.begin() + 8};
}

/// Of the message itself; a dead letter's are those of its life.
std::uint32_t receives_of(const Seen& seen) {
  return seen.message->died.us != 0 ? seen.message->died_received : seen.received;
}

base::Instant entered(const Message& message) { return message.died.us != 0 ? message.died : message.sent; }

std::string place_of(Sequence sequence) {
  std::string place;
  put_number(place, sequence);
  return place;
}

}  // namespace

Look::Look(Ports ports, QueueNumber queue, std::string name, MessageFilter filter, Flights flights)
    : ports_(ports), queue_(queue), name_(std::move(name)), filter_(std::move(filter)), flights_(std::move(flights)) {}

// ---- Cursors ----

std::string Look::cursor_at(std::string_view place) const {
  return base::to_base64url(fingerprint(name_, filter_) + std::string(place));
}

Result<std::string> Look::place_of_cursor() const {
  if (filter_.cursor.empty()) return std::string();
  const auto mark = fingerprint(name_, filter_);
  const auto bytes = base::from_base64url(filter_.cursor);
  if (!bytes || !bytes->starts_with(mark) || bytes->size() == mark.size()) {
    return fail(base::ErrorCode::malformed, "cursor_invalid", "The cursor is not one of this queue and filter.");
  }
  return bytes->substr(mark.size());
}

// ---- Filter ----

bool Look::waits_for_body(const Message& message) const { return message.event_sequence != 0 && message.body.empty(); }

bool Look::passes(const Seen& seen) const {
  const Message& message = *seen.message;
  const auto receives = static_cast<int>(receives_of(seen));
  if (message.expires && *message.expires <= ports_.now) return false;
  if (!filter_.ids.empty() && std::ranges::find(filter_.ids, message.id.text) == filter_.ids.end()) return false;
  if (!filter_.group.empty() && message.group != filter_.group) return false;
  if (filter_.receives_min && receives < *filter_.receives_min) return false;
  if (filter_.receives_max && receives > *filter_.receives_max) return false;
  if (filter_.sent_before && message.sent > *filter_.sent_before) return false;
  if (filter_.sent_from && message.sent <= *filter_.sent_from) return false;
  if (filter_.entered_before && entered(message) > *filter_.entered_before) return false;
  if (message.failure.find(filter_.error_has) == std::string::npos) return false;
  return waits_for_body(message) || message.body.find(filter_.body_has) != std::string::npos;
}

// ---- Running ----

Task<Result<std::vector<Seen>>> Look::run() {
  auto place = place_of_cursor();
  if (!place) co_return fail(std::move(place.error()));
  auto done = filter_.by_group ? co_await by_group(std::move(*place)) : co_await by_sending(std::move(*place));
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(taken_);
}

Task<Result<bool>> Look::take(std::vector<Seen> seen) {
  for (auto& one : seen) {
    if (taken_.size() == filter_.limit || bytes_ >= filter_.bytes_max) co_return false;
    if (waits_for_body(*one.message)) {
      const EventPlace place{one.message->event_sequence, one.message->event_index};
      auto body = co_await event_body(ports_.reader, ports_.epoch, place);
      if (!body) co_return fail(std::move(body.error()));
      Message message = *one.message;
      message.body = std::move(*body).value_or(std::string());
      one.message = std::make_shared<const Message>(std::move(message));
    }
    next_cursor_ = cursor_at(one.place);
    if (one.message->body.find(filter_.body_has) == std::string::npos) continue;
    bytes_ += one.message->body.size();
    taken_.push_back(std::move(one));
  }
  co_return true;
}

/// The store has them by group, so each walk passes all by and keeps the first ones behind the place.
Task<Result<void>> Look::by_sending(std::string place) {
  Sequence behind = ByteReader(place).number();
  for (int walks = 0; walks < kWalksMax; ++walks) {
    auto seen = co_await first_behind(behind);
    if (!seen) co_return fail(std::move(seen.error()));
    const bool at_end = seen->size() < kChunk;
    if (!seen->empty()) behind = seen->back().message->sequence;
    auto room = co_await take(std::move(*seen));
    if (!room) co_return fail(std::move(room.error()));
    if (!*room) co_return Result<void>();
    next_cursor_ = at_end ? std::string() : cursor_at(place_of(behind));
    if (at_end) break;
  }
  co_return Result<void>();
}

Task<Result<std::vector<Seen>>> Look::first_behind(Sequence behind) {
  auto view = co_await ports_.reader.view();
  if (!view) co_return fail(std::move(view.error()));
  std::map<Sequence, Seen> first;
  const auto keep = [&](Message message, base::Instant due) {
    if (message.sequence <= behind) return;
    const Sequence sequence = message.sequence;
    const auto flight = flights_.find(sequence);
    Seen seen{std::make_shared<const Message>(std::move(message)), 0, due, place_of(sequence)};
    seen.received = flight != flights_.end() ? flight->second : seen.message->received;
    if (!passes(seen)) return;
    first[sequence] = std::move(seen);
    if (first.size() > kChunk) first.erase(std::prev(first.end()));
  };
  auto messages = co_await each_message(
      ports_.reader, *view, queue_, [&](Message message) { keep(std::move(message), {}); }, [&] { first.clear(); });
  if (!messages) co_return fail(std::move(messages.error()));
  const std::map<Sequence, Seen> ready = first;  // kept when the second scan must begin again
  auto delayed = co_await each_delayed(
      ports_.reader, *view, queue_,
      [&](std::string_view, base::Instant due, Message message) { keep(std::move(message), due); },
      [&] { first = ready; });
  if (!delayed) co_return fail(std::move(delayed.error()));
  std::vector<Seen> seen;
  for (auto& [sequence, one] : first) seen.push_back(std::move(one));
  co_return seen;
}

Task<Result<void>> Look::by_group(std::string place) {
  if (place.empty()) place = kInQueue;
  auto seen = co_await walk(place, filter_.limit);
  if (!seen) co_return fail(std::move(seen.error()));
  auto room = co_await take(std::move(*seen));
  if (!room) co_return fail(std::move(room.error()));
  if (*room) next_cursor_ = place.empty() ? std::string() : cursor_at(place);
  co_return Result<void>();
}

namespace {

platform::KeyRange range_behind(const std::string& place, QueueNumber queue) {
  const std::string prefix = place.front() == kInQueue ? layout::queue_prefix(queue) : std::string(1, layout::kDue);
  auto range = layout::starting_with(prefix);
  if (place.size() > 1) range.from = place.substr(1) + '\0';
  return range;
}

}  // namespace

/// At most `wanted` that pass, from `place` on; moves it on, and empties it at the end of both ranges.
Task<Result<std::vector<Seen>>> Look::walk(std::string& place, std::size_t wanted) {
  std::vector<Seen> found;
  std::size_t looked_at = 0;
  while (!place.empty() && found.size() < wanted && looked_at < kLookedAtMax) {
    auto view = co_await ports_.reader.view();
    if (!view) co_return fail(std::move(view.error()));
    const bool in_due = place.front() == kInDue;
    const std::size_t before = found.size();
    std::string last;
    std::string unreadable;
    bool at_end = true;
    ScanRequest request;
    request.range = range_behind(place, queue_);
    request.visit = [&](std::string_view key, std::string_view value) {
      if (found.size() == wanted || looked_at == kLookedAtMax) return at_end = false;
      ++looked_at;
      auto seen = in_due ? delayed_at(queue_, key, value) : message_at(key, value);
      if (!seen) {
        unreadable = key;
        return false;
      }
      last = key;
      if (*seen == nullptr) return true;  // a timer, or another queue's
      Seen one{std::move(*seen), 0, in_due ? layout::due_key_parts(key).due : base::Instant{},
               place.front() + std::string(key)};
      const auto flight = flights_.find(one.message->sequence);
      one.received = flight != flights_.end() ? flight->second : one.message->received;
      if (passes(one)) found.push_back(std::move(one));
      return true;
    };
    request.restart = [&] {
      found.resize(before);
      looked_at = 0;
      at_end = true;
      last.clear();
    };
    const auto scanned = co_await ports_.reader.scan(std::move(*view), std::move(request));
    if (!scanned) co_return fail(scanned.error());
    if (!unreadable.empty()) co_return fail(damaged(unreadable));
    if (at_end) {
      place = in_due ? std::string() : std::string(1, kInDue);
    } else if (!last.empty()) {
      place = place.front() + last;
    }
  }
  co_return found;
}

}  // namespace ow::engine
