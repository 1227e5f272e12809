// Where the history of an execution lies beyond its record: pages and large payloads, each a record that expires
// by itself. Pages go round: the first ones stay, later ones are overwritten, so a history is bounded whatever
// its execution does. Loop thread.
//
// Records of an execution (partition `execution/<id>`):
//   sort `execution`          kind `execution`: the execution and the end of its history
//   sort `history/<slot>`     kind `execution_history`: a page, {"first", "entries", "payloads", "bytes"}
//   sort `payload/<digest>`   kind `execution_payload`: a payload, as it is
// An execution's record expires 30 days after its end, the others 90 days after they were written.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "platform/store.h"
#include "workflow/execution.h"

namespace ow::workflow {

platform::Record page_record(const std::string& execution, std::int64_t page, const HistoryPart& part,
                             base::Instant expires);
platform::Record payload_record(const std::string& execution, LargePayload payload, base::Instant expires);

struct HistoryExcerpt {
  base::Json::Array entries;  // as describe_entry() writes them
  std::int64_t next = 0;      // number from which to read on; 0: this is the end
};

/// Up to `limit` entries from number `from` on, ascending; numbers that were overwritten are passed over.
base::Task<base::Result<HistoryExcerpt>> read_history(platform::Store& store, Execution execution, std::int64_t from,
                                                      std::size_t limit);

}  // namespace ow::workflow
