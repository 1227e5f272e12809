// The keys of an issuer elsewhere: fetched at start, now and then, and when a token names a key that is not
// known, but never more often than every half minute and one fetch at a time. Loop thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/task.h"
#include "identity/key_set.h"
#include "platform/clock.h"
#include "platform/executor.h"
#include "platform/http_client.h"
#include "platform/telemetry.h"

namespace ow::identity {

inline constexpr base::Duration kKeyFetchGapMin = std::chrono::seconds(30);
inline constexpr base::Duration kKeyFetchPeriod = std::chrono::minutes(10);

struct OutsideKeysPorts {
  platform::HttpClient& http_client;
  platform::Executor& executor;
  const platform::Clock& clock;
  platform::Telemetry& telemetry;
};

class OutsideKeys {
 public:
  /// `on_change` runs after other keys than before were taken. Outlives the executor's run.
  OutsideKeys(OutsideKeysPorts ports, std::string jwks_url, std::function<void()> on_change);

  /// Nothing before the first good answer. A later bad answer leaves the last good keys in place.
  const KeySet* keys() const { return keys_.get(); }

  /// Fetches unless that was tried within kKeyFetchGapMin; who comes during a fetch waits for that one.
  base::Task<void> refresh();
  /// Fetches every kKeyFetchPeriod until the executor stops. Spawn it.
  base::Task<void> keep_fresh();

 private:
  base::Task<void> fetch();
  void take(const std::string& text);
  void warn(const std::string& message);

  OutsideKeysPorts ports_;
  std::string jwks_url_;
  std::function<void()> on_change_;
  std::unique_ptr<const KeySet> keys_;
  std::string text_;
  bool fetching_ = false;
  std::optional<base::Duration> last_try_;
  std::vector<std::shared_ptr<base::Completion<bool>>> waiters_;
};

}  // namespace ow::identity
