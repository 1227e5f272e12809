// See execution_record.h.
#include "workflow/execution_record.h"

#include "workflow/transition_message.h"

namespace ow::workflow {

base::Result<StoredExecution> execution_from(const platform::Record& record) {
  auto json = base::parse_json(record.value);
  auto execution = json ? execution_from_json(*json) : base::fail(std::move(json.error()));
  if (!execution) return base::fail(std::move(execution.error()));
  return StoredExecution{std::move(*execution), record.version};
}

base::Task<base::Result<std::optional<StoredExecution>>> load_execution(platform::Store& store, base::ExecutionId id) {
  const auto record = co_await platform::get_one(store, execution_key(id));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::nullopt;
  auto stored = execution_from(**record);
  if (!stored) co_return base::fail(std::move(stored.error()));
  co_return std::move(*stored);
}

}  // namespace ow::workflow
