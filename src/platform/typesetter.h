// Port: sets a business document (receipt, credit note) on pages and answers a PDF. Long computation: an
// implementation runs it on a bounded lane, never on the loop. Loop thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"

namespace ow::platform {

/// A column of the document's table. The table is as wide as the page; weights share the width.
struct DocumentColumn {
  std::string heading;
  int weight = 1;
  bool numeric = false;  // set at the end of the column, never broken
};

/// All texts are UTF-8 of any script and direction; control characters are shown as blanks.
struct Document {
  std::string title;
  std::vector<std::string> sender;                         // name, then the address by lines
  std::vector<std::pair<std::string, std::string>> facts;  // label and value: number, date, order
  std::vector<DocumentColumn> columns;
  std::vector<std::vector<std::string>> rows;               // one text a column
  std::vector<std::pair<std::string, std::string>> totals;  // the last is the one that counts
  std::vector<std::string> notes;                           // paragraphs under the totals
  base::Instant made;                                       // the PDF's date
};

class Typesetter {
 public:
  virtual ~Typesetter() = default;
  /// The PDF. The same document gives the same bytes in one installation (same fonts, same build). A table that
  /// does not fit goes on over the pages under its headings; every page says which it is of how many. Errors:
  /// malformed (a row that has not one text a column), unavailable (too many are waiting; retry_after_s).
  virtual base::Task<base::Result<std::string>> pdf(Document document) = 0;
};

}  // namespace ow::platform
