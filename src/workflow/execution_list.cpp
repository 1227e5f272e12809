// Lists of executions, of one status or of all merged; see execution_control.h.
#include <algorithm>
#include <array>

#include "workflow/bounds.h"
#include "workflow/execution_control.h"

namespace ow::workflow {
namespace {

using base::fail;
using base::Result;
using base::Task;

constexpr std::array<std::string_view, 6> kListed = {"running", "paused", "parked", "failed", "stopped", "succeeded"};
constexpr std::size_t kReadAtOnce = 100;
constexpr std::size_t kTimeChars = 16;

bool is_cursor(std::string_view text) {
  return text.size() > kTimeChars && text[kTimeChars] == '/' &&
         text.substr(0, kTimeChars).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// One status, newest first, read in pages.
class Column {
 public:
  Column(platform::Store& store, std::string_view status, std::string to) : store_(store) {
    query_.index = std::string(kExecutionIndex);
    query_.partition = std::string(status);
    query_.to = std::move(to);
    query_.descending = true;
    query_.limit = kReadAtOnce;
  }

  /// Makes current() say what comes next.
  Task<Result<void>> fill() {
    while (next_ >= records_.size() && !ended_) {
      auto page = co_await store_.query(query_);
      if (!page) co_return fail(std::move(page.error()));
      records_ = std::move(page->records);
      next_ = 0;
      query_.cursor = std::move(page->next_cursor);
      ended_ = query_.cursor.empty();
    }
    co_return Result<void>();
  }
  const platform::Record* current() const { return next_ < records_.size() ? &records_[next_] : nullptr; }
  std::string sort() const {
    for (const auto& entry : current()->indexes) {
      if (entry.index == kExecutionIndex) return entry.sort;
    }
    return {};
  }
  void advance() { ++next_; }

 private:
  platform::Store& store_;
  platform::Query query_;
  std::vector<platform::Record> records_;
  std::size_t next_ = 0;
  bool ended_ = false;
};

bool fits(const Execution& execution, const ExecutionFilter& filter) {
  return (filter.status.empty() || listing_status(execution) == filter.status) &&
         (filter.definition.empty() || execution.definition == filter.definition) &&
         (filter.error.empty() || execution.error == filter.error);
}

Task<Result<Column*>> newest(std::vector<Column>& columns) {
  Column* chosen = nullptr;
  for (auto& column : columns) {
    auto filled = co_await column.fill();
    if (!filled) co_return fail(std::move(filled.error()));
    if (column.current() == nullptr) continue;
    if (chosen == nullptr || column.sort() > chosen->sort()) chosen = &column;
  }
  co_return chosen;
}

}  // namespace

Task<Result<ExecutionPage>> ExecutionControl::list(ExecutionFilter filter) {
  if (!filter.cursor.empty() && !is_cursor(filter.cursor)) {
    co_return fail(base::Error{
        base::ErrorCode::malformed, "bad_query", "The query is not valid.", {"cursor is not one of this list"}});
  }
  auto to = filter.cursor;
  if (filter.stuck) {
    const auto bound = listing_sort(clock_.now() - *filter.stuck, "");
    to = to.empty() ? bound : std::min(to, bound);
  }
  std::vector<Column> columns;
  for (const auto status : kListed) {
    if (filter.status.empty() || filter.status == status) columns.emplace_back(store_, status, to);
  }
  ExecutionPage page;
  for (std::size_t looked_at = 0; looked_at < bounds::kListLookedAtMax; ++looked_at) {
    const auto column = co_await newest(columns);
    if (!column) co_return fail(column.error());
    if (*column == nullptr) {
      page.next_cursor.clear();
      co_return page;
    }
    if (page.executions.size() == filter.limit) co_return page;
    page.next_cursor = (*column)->sort();
    auto stored = execution_from(*(*column)->current());
    if (!stored) co_return fail(std::move(stored.error()));
    if (fits(stored->execution, filter)) page.executions.push_back(std::move(stored->execution));
    (*column)->advance();
  }
  co_return page;
}

}  // namespace ow::workflow
