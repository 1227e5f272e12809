// Parsing text/event-stream, by the examples of WHATWG HTML section 9.2.6.
#include "app/server_sent_events.h"

#include <gtest/gtest.h>

namespace ow::app {
namespace {

std::vector<std::string> data_of(ServerSentEvents& parser, std::string_view bytes) {
  std::vector<std::string> all;
  for (const auto& event : parser.take(bytes)) all.push_back(event.data);
  return all;
}

using Data = std::vector<std::string>;

TEST(ServerSentEvents, joins_the_lines_of_one_event) {
  ServerSentEvents parser;
  EXPECT_EQ(data_of(parser, "data: YHOO\ndata: +2\ndata: 10\n\n"), Data({"YHOO\n+2\n10"}));
}

TEST(ServerSentEvents, keeps_ids_drops_comments_and_incomplete_events) {
  ServerSentEvents parser;
  EXPECT_EQ(
      data_of(parser, ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n"),
      Data({"first event", "second event"}));
  EXPECT_EQ(parser.last_event_id(), "");
  parser.reconnected();
  EXPECT_EQ(data_of(parser, "\n\n"), Data());
}

TEST(ServerSentEvents, knows_empty_data_from_none) {
  ServerSentEvents parser;
  EXPECT_EQ(data_of(parser, "data\n\ndata\ndata\n\ndata:"), Data({"", "\n"}));
}

TEST(ServerSentEvents, takes_all_line_ends_and_any_split) {
  const std::string text = "id: 7\rdata: a\r\n\r\ndata: b\n\n";
  for (std::size_t at = 0; at <= text.size(); ++at) {
    ServerSentEvents parser;
    auto all = data_of(parser, std::string_view(text).substr(0, at));
    for (auto& one : data_of(parser, std::string_view(text).substr(at))) all.push_back(one);
    EXPECT_EQ(all, Data({"a", "b"})) << at;
    EXPECT_EQ(parser.last_event_id(), "7");
  }
}

TEST(ServerSentEvents, an_id_without_data_moves_on) {
  ServerSentEvents parser;
  EXPECT_EQ(data_of(parser, "id: 9\n\n"), Data());
  EXPECT_EQ(parser.last_event_id(), "9");
}

TEST(ServerSentEvents, an_event_cut_off_does_not_move_the_id) {
  ServerSentEvents parser;
  data_of(parser, "id: 1\ndata: a\n\nid: 2\ndata: b");
  EXPECT_EQ(parser.last_event_id(), "1");
  parser.reconnected();
  data_of(parser, "\n");
  EXPECT_EQ(parser.last_event_id(), "1");
}

}  // namespace
}  // namespace ow::app
