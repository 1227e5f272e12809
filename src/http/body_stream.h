// A response body that is made while it is sent (server-sent events, exports). Pulled, so that whoever makes
// it is never faster than its reader. Loop thread.
#pragma once

#include <string>

#include "base/task.h"

namespace ow::http {

class BodyStream {
 public:
  virtual ~BodyStream() = default;
  /// The next bytes, when there are some; empty: the end. Called again only after the reader took what came
  /// before; the stream outlives the task, which may be destroyed before it is done.
  virtual base::Task<std::string> next() = 0;
  /// The reader has gone or the server closes: a next() that waits answers soon, the end comes after at most
  /// what is already there. Idempotent.
  virtual void close() = 0;
};

}  // namespace ow::http
