// See stream.h.
#include "events/stream.h"

#include <algorithm>

#include "events/bounds.h"
#include "http/listing.h"

namespace ow::events {
namespace {

using base::ErrorCode;
using base::Json;
using http::RequestContext;

// Filtered streams move their clients' Last-Event-ID along, so that a resumption has less to pass over.
std::string id_line(const std::string& cursor) { return "id: " + cursor + "\n"; }

std::string frame_of(const TailEvent& event) { return id_line(event.event.cursor) + "data: " + event.json + "\n\n"; }

std::string opening() {
  const auto retry_ms = std::chrono::milliseconds(kStreamRetry).count();
  return ": orderwright events\nretry: " + std::to_string(retry_ms) + "\n\n";
}

Json bridge_form(const TailEvent& event) {
  const auto shown = base::parse_json(event.json);
  const Json* data = shown ? shown->find("data") : nullptr;
  return Json::object({{"id", event.event.id.text},
                       {"source", event.event.source},
                       {"detail-type", event.event.type},
                       {"time", base::to_rfc3339(event.event.time)},
                       {"resources", Json::array({event.event.subject})},
                       {"detail", data == nullptr ? Json::object() : *data}});
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size();) {
    const auto comma = std::min(text.find(',', at), text.size());
    if (comma > at) parts.push_back(text.substr(at, comma - at));
    at = comma + 1;
  }
  return parts;
}

base::Result<StreamFilter> read_filter(const RequestContext& context) {
  StreamFilter filter;
  const auto& caller = *context.principal;
  if (!caller.has("operator") && !caller.has("admin")) filter.owner = caller.user;
  filter.types = split(http::query_text(context, "type"));
  filter.subject = http::query_text(context, "subject");
  const auto pattern = http::query_text(context, "pattern");
  if (pattern.empty()) return filter;
  auto compiled = rules::Pattern::compile_text(pattern);
  if (!compiled) {
    base::Error error{ErrorCode::malformed, "invalid_query", "The query does not fit this route."};
    error.violations = {"pattern: " + compiled.error().message};
    return base::fail(std::move(error));
  }
  filter.pattern = std::move(*compiled);
  return filter;
}

std::string resume_from(const RequestContext& context) {
  if (context.request != nullptr) {
    if (const auto last = context.request->header("last-event-id"); last && !last->empty()) {
      return std::string(*last);
    }
  }
  return http::query_text(context, "after");
}

tl::unexpected<base::Error> too_many(ErrorCode code, std::string message) {
  base::Error error{code, "too_many_streams", std::move(message)};
  error.retry_after_s = static_cast<int>(std::chrono::seconds(kStreamHeartbeat).count());
  return base::fail(std::move(error));
}

}  // namespace

bool StreamFilter::shows(const TailEvent& event) const {
  if (owner && event.owner != *owner) return false;
  if (!types.empty() && std::find(types.begin(), types.end(), event.event.type) == types.end()) return false;
  if (!subject.empty() && event.event.subject != subject) return false;
  return !pattern || pattern->match(bridge_form(event));
}

/// One client's stream. What it sends is bounded by what the client takes: nothing is read ahead for it.
class Streams::EventStream final : public http::BodyStream {
 public:
  EventStream(Streams& streams, std::string caller, StreamFilter filter, std::string cursor)
      : clock_(streams.ports_.clock),
        executor_(streams.ports_.executor),
        census_(streams.census_),
        caller_(std::move(caller)),
        filter_(std::move(filter)),
        cursor_(std::move(cursor)),
        told_(cursor_),
        ends_(clock_.ticks() + kStreamLife),
        follower_(streams.tail_) {
    ++census_->by_caller[caller_];
    census_->gauge.set(static_cast<double>(++census_->open));
  }
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;
  ~EventStream() override {
    if (--census_->by_caller[caller_] == 0) census_->by_caller.erase(caller_);
    census_->gauge.set(static_cast<double>(--census_->open));
  }

  base::Task<std::string> next() override {
    if (!std::exchange(opened_, true)) co_return opening() + told();
    const auto heartbeat = clock_.ticks() + kStreamHeartbeat;
    for (;;) {
      if (over()) co_return std::string();
      auto slice = co_await follower_.after(cursor_, std::min<base::Duration>(heartbeat, ends_));
      if (!slice) co_return std::string();  // the client comes again behind what it has
      auto bytes = take(*slice);
      if (!bytes.empty()) co_return bytes;
      if (over()) co_return std::string();
      if (clock_.ticks() >= heartbeat) co_return told_ == cursor_ ? ":\n\n" : told();
    }
  }

  void close() override {
    closed_ = true;
    follower_.leave();
  }

 private:
  bool over() const { return closed_ || executor_.stopping() || clock_.ticks() >= ends_; }

  std::string told() {
    told_ = cursor_;
    return id_line(cursor_) + "\n";
  }

  std::string take(const Tail::Slice& slice) {
    std::string bytes;
    for (const auto& event : slice.events) {
      if (bytes.size() >= kStreamChunkBytesMax) return bytes;  // the rest is read again
      cursor_ = event->event.cursor;
      if (!filter_.shows(*event)) continue;
      bytes += frame_of(*event);
      told_ = cursor_;
    }
    cursor_ = slice.cursor;
    return bytes;
  }

  const platform::Clock& clock_;
  const platform::Executor& executor_;
  std::shared_ptr<Census> census_;
  std::string caller_;
  StreamFilter filter_;
  std::string cursor_;
  std::string told_;  // the cursor that the client was last told
  base::Duration ends_;
  Tail::Follower follower_;
  bool opened_ = false;
  bool closed_ = false;
};

Streams::Streams(TailPorts ports, RenderEvents render, platform::Telemetry& telemetry)
    : ports_(ports),
      tail_(std::make_shared<Tail>(ports, std::move(render))),
      census_(std::make_shared<Census>(Census{{}, 0, telemetry.gauge("ow_event_streams")})) {}

base::Result<void> Streams::admit(const std::string& caller) const {
  if (census_->open >= kStreamsMax) return too_many(ErrorCode::unavailable, "Too many streams are open.");
  const auto own = census_->by_caller.find(caller);
  if (own == census_->by_caller.end() || own->second < kStreamsPerCallerMax) return {};
  return too_many(ErrorCode::rate_limited, "You have too many streams open; close one first.");
}

base::Task<base::Result<http::Reply>> Streams::open(const RequestContext& context) {
  auto filter = read_filter(context);
  if (!filter) co_return base::fail(filter.error());
  auto cursor = resume_from(context);
  if (cursor.empty()) {
    auto end = co_await tail_->end();
    if (!end) co_return base::fail(end.error());
    cursor = std::move(*end);
  } else if (const auto checked = co_await tail_->check(cursor); !checked) {
    co_return base::fail(checked.error());
  }
  const auto& caller = context.principal->user.text;
  if (const auto admitted = admit(caller); !admitted) co_return base::fail(admitted.error());
  http::Reply reply{{.content_type = "text/event-stream"}};
  reply.response.headers = {{"cache-control", "no-store"}, {"x-accel-buffering", "no"}};
  reply.response.stream = std::make_shared<EventStream>(*this, caller, std::move(*filter), std::move(cursor));
  co_return reply;
}

http::Route Streams::route() {
  const Json text = Json::object({{"type", "string"}, {"minLength", 1}});
  return {.method = "GET",
          .pattern = "/api/events/stream",
          .access = http::Access::signed_in,
          .summary = "Events as they happen, as server-sent events; resumes behind the header Last-Event-ID",
          .handle = [this](const RequestContext& context) { return open(context); },
          .query = {{"after", "Begins behind this id instead of now; Last-Event-ID wins", text},
                    {"type", "Only events of these types, separated by commas", text},
                    {"subject", "Only events of this subject", text},
                    {"pattern", "Only events that this event pattern matches (JSON)", text}},
          .answers = {{200, Json()}},
          .scope = "events:read"};
}

}  // namespace ow::events
