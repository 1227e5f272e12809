// See outside_keys.h.
#include "identity/outside_keys.h"

#include <utility>

namespace ow::identity {

OutsideKeys::OutsideKeys(OutsideKeysPorts ports, std::string jwks_url, std::function<void()> on_change)
    : ports_(ports), jwks_url_(std::move(jwks_url)), on_change_(std::move(on_change)) {}

base::Task<void> OutsideKeys::refresh() {
  if (!fetching_) {
    const base::Duration now = ports_.clock.ticks();
    if (last_try_ && now - *last_try_ < kKeyFetchGapMin) co_return;
    last_try_ = now;
    fetching_ = true;
    // A task of its own, so that a caller that goes away does not take the others' answer with it.
    ports_.executor.spawn(fetch());
  }
  if (!fetching_) co_return;
  auto done = std::make_shared<base::Completion<bool>>();
  waiters_.push_back(done);
  co_await *done;
}

base::Task<void> OutsideKeys::keep_fresh() {
  while (co_await ports_.executor.sleep_until(ports_.clock.ticks() + kKeyFetchPeriod)) co_await refresh();
}

base::Task<void> OutsideKeys::fetch() {
  const auto answer = co_await ports_.http_client.send({.url = jwks_url_, .answer_bytes_max = kKeySetBytesMax});
  if (!answer) {
    warn(answer.error().message);
  } else if (answer->status != 200) {
    warn("status " + std::to_string(answer->status));
  } else {
    take(answer->body);
  }
  fetching_ = false;
  for (const auto& waiter : std::exchange(waiters_, {})) waiter->complete(true);
}

void OutsideKeys::take(const std::string& text) {
  if (keys_ != nullptr && text == text_) return;
  auto keys = KeySet::parse(text);
  if (!keys) return warn(keys.error().message);
  keys_ = std::make_unique<const KeySet>(*std::move(keys));
  text_ = text;
  on_change_();
}

void OutsideKeys::warn(const std::string& message) {
  ports_.telemetry.log(platform::LogLevel::warning, "issuer_keys_not_fetched",
                       {{"url", jwks_url_}, {"cause", message}});
}

}  // namespace ow::identity
