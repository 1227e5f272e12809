// GET /api/events/stream: the log followed live as server-sent events (WHATWG HTML section 9.2), resumable
// by Last-Event-ID. Loop thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "events/tail.h"
#include "http/router.h"
#include "platform/telemetry.h"
#include "rules/pattern.h"

namespace ow::events {

/// Which events one stream shows.
struct StreamFilter {
  std::optional<base::UserId> owner;  // nothing: everybody's
  std::vector<std::string> types;     // empty: all
  std::string subject;                // empty: all
  std::optional<rules::Pattern> pattern;
  bool shows(const TailEvent& event) const;
};

class Streams {
 public:
  Streams(TailPorts ports, RenderEvents render, platform::Telemetry& telemetry);

  /// After each commit with events.
  void changed() { tail_->changed(); }
  http::Route route();

 private:
  class EventStream;
  /// How many streams are open, and whose.
  struct Census {
    std::map<std::string, std::size_t> by_caller;
    std::size_t open = 0;
    platform::GaugeMetric& gauge;
  };

  base::Task<base::Result<http::Reply>> open(const http::RequestContext& context);
  base::Result<void> admit(const std::string& caller) const;

  TailPorts ports_;
  std::shared_ptr<Tail> tail_;
  std::shared_ptr<Census> census_;
};

}  // namespace ow::events
