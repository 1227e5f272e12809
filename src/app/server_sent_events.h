// The events of a text/event-stream (WHATWG HTML section 9.2.6). Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ow::app {

struct ServerSentEvent {
  std::string type;  // "message" unless the stream names another
  std::string data;
};

class ServerSentEvents {
 public:
  /// The events that these bytes complete.
  std::vector<ServerSentEvent> take(std::string_view bytes);
  /// Where to resume: the last `id` that was dispatched, also one without data.
  const std::string& last_event_id() const { return last_id_; }
  /// What was not complete is dropped, as a new connection begins anew.
  void reconnected();

 private:
  void line(std::string_view text, std::vector<ServerSentEvent>& out);
  void field(std::string_view name, std::string_view value);

  std::string pending_;  // a line that has no end yet
  bool after_cr_ = false;
  ServerSentEvent event_;
  bool has_data_ = false;
  std::string id_;
  std::string last_id_;
};

}  // namespace ow::app
