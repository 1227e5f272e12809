// Idempotency keys: one answer per caller, route and key, kept for at least 24 h and replayed byte for byte.
// That means status, content type, the headers that the handler set and the body, with the request id of the
// first run inside a problem's body; the X-Request-Id header is the replay's own. The record is a part of
// the request's own Commit, put where none may be, so that nothing is read before it. Loop thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/encoding.h"
#include "base/result.h"
#include "http/message.h"
#include "platform/commit.h"

namespace ow::http {

/// Where one keyed request's answer is kept, and what makes another request under the key another one.
struct IdempotencySlot {
  platform::Key key;  // caller; method, pattern and idempotency key
  std::string path;   // as sent: the pattern's parameters belong to the request, as its body does
  base::Sha256 body_hash{};
};

/// The value of Idempotency-Key or x-idempotency-key. Error malformed: both and different, repeated and
/// different, not 1..255 visible ASCII characters.
base::Result<std::optional<std::string_view>> idempotency_key(const Headers& headers);

/// True for answers that were decided on state. 400, 401, 413, 415, 429 and 5xx are not.
bool is_kept(int status);

platform::Record to_record(const IdempotencySlot& slot, const Response& response, base::Instant expires);

/// The kept answer. Error unprocessable when it belongs to another request, internal when it cannot be read.
base::Result<Response> replay(const IdempotencySlot& slot, const platform::Record& record);

/// The keys of requests under way in this process.
class KeysInFlight {
 public:
  /// Held while the request runs; false when a twin holds the key. May outlive KeysInFlight.
  class Hold {
   public:
    Hold(std::shared_ptr<std::unordered_set<std::string>> keys, const platform::Key& key);
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold();
    bool held() const { return held_; }

   private:
    std::shared_ptr<std::unordered_set<std::string>> keys_;
    std::string text_;
    bool held_;
  };

  Hold hold(const platform::Key& key) { return Hold(keys_, key); }

 private:
  std::shared_ptr<std::unordered_set<std::string>> keys_ = std::make_shared<std::unordered_set<std::string>>();
};

}  // namespace ow::http
