// `event list|tail`: events of a running server, and as they happen.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"
#include "app/server_sent_events.h"

namespace ow::app {
namespace {

constexpr int kLostInARowMax = 10;  // then the server counts as unreachable
constexpr auto kComeAgainFirst = std::chrono::milliseconds(250);
constexpr auto kComeAgainMax = std::chrono::seconds(10);

std::vector<std::string> row_of(const base::Json& event) {
  return {text_at(event, "time"), text_at(event, "type"), text_at(event, "subject"), text_at(event, "sequence"),
          text_at(event, "id")};
}

Exit list(const Invocation& invocation) {
  return show_list(invocation, {.path = "/api/events?" + query_of(invocation, {"limit", "after", "before"}),
                                .heading = {"TIME", "TYPE", "SUBJECT", "SEQUENCE", "ID"},
                                .row_of = row_of,
                                .onward = {{"olderCursor", "before"}, {"nextCursor", "after"}}});
}

std::string without_controls(std::string text) {
  for (char& c : text) c = static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  return text;
}

std::string line_of(const std::string& data, bool json) {
  if (json) return data;
  const auto event = base::parse_json(data);
  if (!event) return without_controls(data);
  return without_controls(fmt::format("{}  {:<24} {}  {}", text_at(*event, "time"), text_at(*event, "type"),
                                      text_at(*event, "subject"), text_at(*event, "sequence")));
}

/// What was printed so far, over all connections.
struct Progress {
  ServerSentEvents parser;
  std::uint64_t wanted = 0;  // 0: no end
  std::uint64_t printed = 0;
  bool json = false;

  bool done() const { return wanted != 0 && printed >= wanted; }
  bool take(std::string_view bytes) {
    for (const auto& event : parser.take(bytes)) {
      if (done()) break;
      fmt::print("{}\n", line_of(event.data, json));
      ++printed;
    }
    std::fflush(stdout);
    return !done();
  }
};

base::Result<std::uint64_t> count_of(const Invocation& invocation) {
  const auto text = invocation.option_or("count", "0");
  std::uint64_t count = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc{} && rest == text.data() + text.size()) return count;
  return base::fail(base::ErrorCode::malformed, "bad_count", "--count must be a number");
}

base::Result<std::string> path_of(const Invocation& invocation) {
  auto path = "/api/events/stream?" + query_of(invocation, {"after", "type", "subject"});
  const auto file = invocation.option("pattern");
  if (!file) return path;
  const auto pattern = read_input(*file);
  if (!pattern) return base::fail(pattern.error());
  return path + "&pattern=" + percent_encode(*pattern);
}

/// An orderly end and a lost connection are both resumed behind the last event; a refusal is final.
base::Result<void> follow(ApiClient& client, const std::string& path, Progress& progress) {
  auto pause = kComeAgainFirst;
  base::Duration delay{};
  for (int lost = 0; !progress.done();) {
    const auto before = progress.parser.last_event_id();
    platform::Headers resume;
    if (!before.empty()) resume.emplace_back("last-event-id", before);
    progress.parser.reconnected();
    const auto ended = client.follow(
        {.path = path, .headers = resume, .delay = delay, .take = [&](auto bytes) { return progress.take(bytes); }});
    const bool moved = progress.parser.last_event_id() != before;
    if (moved) {
      lost = 0;
      pause = kComeAgainFirst;
    }
    if (!ended && (ended.error().code != base::ErrorCode::unavailable || before.empty())) return ended;
    if (!ended && ++lost >= kLostInARowMax) return ended;
    if (progress.done()) break;
    if (!ended) complain(ended.error().message + "; trying again");
    delay = pause;
    if (!ended) pause = std::min<std::chrono::milliseconds>(pause * 2, kComeAgainMax);
  }
  return {};
}

Exit tail(const Invocation& invocation) {
  const auto count = count_of(invocation);
  const auto path = path_of(invocation);
  for (const auto* error : {count ? nullptr : &count.error(), path ? nullptr : &path.error()}) {
    if (error == nullptr) continue;
    complain(*error, invocation.json());
    return Exit::usage;
  }
  ApiClient client(invocation);
  Progress progress{{}, *count, 0, invocation.json()};
  const auto ended = follow(client, *path, progress);
  return ended ? Exit::done : exit_with(ended.error(), invocation.json());
}

}  // namespace

std::vector<CommandSpec> event_commands() {
  const OptionSpec after{"after", "CURSOR", "follow the log behind this cursor"};
  return {{"event list",
           "List the newest events, with --before older ones, or with --after those behind a cursor.",
           {},
           client_options(
               {{"limit", "N", "events a page, at most 100"}, {"before", "CURSOR", "go on further back"}, after}),
           list},
          {"event tail",
           "Print events as they happen; comes again by itself where it stopped.",
           {},
           client_options({after,
                           {"type", "TYPES", "only events of these types, separated by commas"},
                           {"subject", "ID", "only events of this subject"},
                           {"pattern", "FILE", "only events that this event pattern matches"},
                           {"count", "N", "stop after N events"}}),
           tail}};
}

}  // namespace ow::app
