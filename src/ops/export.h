// Everything the store holds as JSON, one thing a line, for other programs and for moving away. Loop thread.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "http/router.h"
#include "platform/retention.h"

namespace ow::ops {

/// Of the lines' shape; a member of the first line.
inline constexpr int kExportFormat = 1;
inline constexpr std::size_t kExportPageMax = 1000;

struct ExportPage {
  std::vector<base::Json> lines;
  std::string next_cursor;  // empty: that was all
};

/// What is visible now. Without `personal`, values of records that hold personal data are replaced by
/// `{"withheld":"personal data"}`; secrets always are.
base::Task<base::Result<ExportPage>> export_page(platform::Retention& retention, std::string cursor, std::size_t limit,
                                                 bool personal);

/// GET /api/export?cursor=&limit=&personal=: for operators; personal data for admins. Without a store that can be browsed it answers 501.
http::Routes export_routes(platform::Retention* retention);

}  // namespace ow::ops
