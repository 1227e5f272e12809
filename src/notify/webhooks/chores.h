// Longer work on one endpoint, a step a commit: waking its lanes, forgetting them, trying failed deliveries again,
// making deliveries of events that it was never sent. Also counts what the last two would do. Loop thread.
#pragma once

#include <string>
#include <vector>

#include "notify/webhooks/lanes.h"

namespace ow::notify::webhooks {

/// What a dry run found.
struct Count {
  std::size_t deliveries = 0;
  bool complete = true;  // false: it stopped at its bound, there may be more
};

class Chores {
 public:
  using Answer = base::Result<platform::Commit>;

  explicit Chores(WebhookPorts ports) : ports_(std::move(ports)) {}

  base::Task<Answer> wake(Work work);
  base::Task<Answer> forget(Work work);
  base::Task<Answer> recover(Work work);
  base::Task<Answer> replay(Work work);

  /// Failed deliveries since `from`.
  base::Task<base::Result<Count>> count_failed(std::string endpoint, base::Instant from);
  /// Events since `from` that the endpoint wants and that it has no delivery of.
  base::Task<base::Result<Count>> count_missing(Endpoint endpoint, base::Instant from);

  /// A delivery that failed or was made, once more. Errors: not_found; conflict when it waits already.
  base::Task<Answer> resend(Endpoint endpoint, std::string event);

 private:
  using Missing = std::vector<platform::Event>;
  struct Found {
    Missing events;
    std::string next_cursor;
    bool end = false;
  };

  base::Task<Answer> add_all(Endpoint endpoint, std::vector<DeliveryRecord> deliveries);
  base::Task<base::Result<Found>> missing(Endpoint endpoint, std::string cursor, base::Instant until,
                                          std::size_t limit);
  void go_on(platform::Commit& commit, Work work, std::string cursor);

  WebhookPorts ports_;
};

}  // namespace ow::notify::webhooks
