// See server_sent_events.h.
#include "app/server_sent_events.h"

#include <utility>

namespace ow::app {

std::vector<ServerSentEvent> ServerSentEvents::take(std::string_view bytes) {
  std::vector<ServerSentEvent> out;
  for (const char c : bytes) {
    const bool second_of_crlf = std::exchange(after_cr_, c == '\r') && c == '\n';
    if (second_of_crlf) continue;
    if (c == '\n' || c == '\r') {
      line(std::exchange(pending_, {}), out);
    } else {
      pending_ += c;
    }
  }
  return out;
}

void ServerSentEvents::reconnected() {
  pending_.clear();
  event_ = {};
  has_data_ = false;
  after_cr_ = false;
  id_ = last_id_;
}

void ServerSentEvents::line(std::string_view text, std::vector<ServerSentEvent>& out) {
  if (!text.empty()) {
    const auto colon = text.find(':');
    if (colon == 0) return;
    auto value = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    return field(text.substr(0, colon), value);
  }
  last_id_ = id_;
  auto event = std::exchange(event_, {});
  if (!std::exchange(has_data_, false)) return;
  event.data.pop_back();
  if (event.type.empty()) event.type = "message";
  out.push_back(std::move(event));
}

void ServerSentEvents::field(std::string_view name, std::string_view value) {
  if (name == "event") event_.type = value;
  if (name == "id" && value.find('\0') == std::string_view::npos) id_ = value;
  if (name != "data") return;
  event_.data.append(value).append(1, '\n');
  has_data_ = true;
}

}  // namespace ow::app
