// An operation on many messages of a queue: a redrive or a purge. It is a record beside the messages it works
// on, so that it goes on after a crash, tells how far it came, and keeps a result for every message. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "ops/operator_action.h"
#include "platform/queue_admin.h"
#include "platform/store.h"

namespace ow::ops {

struct QueueOperation {
  enum class Kind : std::uint8_t { redrive, purge };
  enum class Status : std::uint8_t { running, done, stopped, failed };

  std::string id;  // "qop_…"
  Kind kind = Kind::redrive;
  Status status = Status::running;
  std::string queue;  // whose messages go
  /// Which; its cursor is how far the operation came.
  platform::MessageFilter filter;
  std::optional<std::string> edit;  // redrive: body instead of the message's own
  std::optional<std::int64_t> rate_per_s;
  Operator who;
  std::string why;
  base::Instant since;
  std::optional<base::Instant> ended;
  std::uint64_t step = 0;
  std::uint64_t messages = 0;         // redriven or purged so far
  std::uint64_t messages_before = 0;  // that number when this pass over the queue began
  std::vector<std::string> missing;   // of those that were named by id and not met yet
  std::string failure;
  platform::Version version = 0;
};

/// What became of one message.
struct MessageResult {
  std::string id;
  std::string group;
  std::string outcome;  // "redriven", "purged", "not_found"
};

std::string_view name_of(QueueOperation::Kind kind);
std::string_view name_of(QueueOperation::Status status);

/// Puts it as a new one, or conditioned on the version it was read with. One that ended is kept
/// kOperationKept.
platform::Commit put_operation(const QueueOperation& operation);
/// The results of one step.
platform::Commit put_results(const QueueOperation& operation, const std::vector<MessageResult>& results,
                             base::Instant now);

base::Task<base::Result<std::optional<QueueOperation>>> find_operation(platform::Store& store, std::string id);

struct OperationPage {
  std::vector<QueueOperation> operations;
  std::string next_cursor;
};
/// Newest first.
base::Task<base::Result<OperationPage>> list_operations(platform::Store& store, std::size_t limit, std::string cursor);

struct ResultPage {
  base::Json::Array results;
  std::string next_cursor;
};
/// In order of the work, a few steps a page.
base::Task<base::Result<ResultPage>> list_results(platform::Store& store, std::string id, std::string cursor);

/// As operators see it.
base::Json operation_json(const QueueOperation& operation);
base::Json operation_schema();

}  // namespace ow::ops
