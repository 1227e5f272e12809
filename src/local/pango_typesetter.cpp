// See pango_typesetter.h.
#include "local/pango_typesetter.h"

#include <algorithm>
#include <memory>

namespace ow::local {
namespace {

constexpr int kRetryAfterSeconds = 2;

base::Result<void> check(const platform::Document& document) {
  const auto columns = document.columns.size();
  const bool even = std::all_of(document.rows.begin(), document.rows.end(),
                                [columns](const auto& row) { return row.size() == columns; });
  if (even && columns > 0) return {};
  return base::fail(base::ErrorCode::malformed, "bad_document", "A row of the document has not one text a column.");
}

}  // namespace

base::Task<base::Result<std::string>> PangoTypesetter::pdf(platform::Document document) {
  if (auto valid = check(document); !valid) co_return base::fail(valid.error());
  if (waiting_ >= kWaitingMax) {
    auto error =
        base::Error{base::ErrorCode::unavailable, "too_many_documents", "Too many documents are waiting to be set."};
    error.retry_after_s = kRetryAfterSeconds;
    co_return base::fail(std::move(error));
  }
  auto answer = std::make_shared<base::Result<std::string>>();
  ++waiting_;
  co_await offload(executor_, lane_, [answer, document = std::move(document)] { *answer = set_pdf(document); });
  --waiting_;
  co_return std::move(*answer);
}

}  // namespace ow::local
