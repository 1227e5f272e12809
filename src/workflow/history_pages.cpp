// See history_pages.h.
#include "workflow/history_pages.h"

#include <algorithm>

#include <fmt/format.h>

#include "workflow/bounds.h"
#include "workflow/transition_message.h"

namespace ow::workflow {
namespace {

using base::Json;
using base::Result;
using base::Task;

std::int64_t slot_of(std::int64_t page) {
  if (page < bounds::kHistoryFirstPages) return page;
  constexpr auto kRound = bounds::kHistoryPagesMax - bounds::kHistoryFirstPages;
  return bounds::kHistoryFirstPages + (page - bounds::kHistoryFirstPages) % kRound;
}

platform::Key key_of(const std::string& execution, std::string sort) {
  return {execution_key(base::ExecutionId(execution)).partition, std::move(sort)};
}

platform::Key page_key(const std::string& execution, std::int64_t slot) {
  return key_of(execution, fmt::format("history/{:04}", slot));
}

/// The values that a part's payloads stand for; of those that are gone, what is known.
Task<Result<std::vector<Json>>> load_payloads(platform::Store& store, const std::string& execution,
                                              const HistoryPart& part) {
  std::vector<Json> values;
  std::vector<platform::Key> keys;
  for (const auto& payload : part.payloads) {
    if (const auto digest = payload.string_at("p"))
      keys.push_back(key_of(execution, "payload/" + std::string(*digest)));
  }
  std::vector<platform::RecordPtr> records;
  if (!keys.empty()) {
    auto got = co_await store.get(std::move(keys));
    if (!got) co_return base::fail(std::move(got.error()));
    records = std::move(*got);
  }
  std::size_t next = 0;
  for (const auto& payload : part.payloads) {
    const auto* value = payload.find("v");
    auto shown = value != nullptr
                     ? *value
                     : Json::object({{"omitted", Json(true)}, {"bytes", Json(payload.integer_at("n").value_or(0))}});
    if (payload.string_at("p")) {
      const auto& record = records[next++];
      auto parsed = record ? base::parse_json(record->value) : Result<Json>(shown);
      if (parsed) shown = std::move(*parsed);
    }
    values.push_back(std::move(shown));
  }
  co_return values;
}

Task<Result<void>> append(platform::Store& store, const Execution& execution, const HistoryPart& part,
                          std::int64_t from, std::size_t limit, HistoryExcerpt& excerpt) {
  if (part.next() <= from || excerpt.entries.size() >= limit) co_return Result<void>();
  auto payloads = co_await load_payloads(store, execution.id, part);
  if (!payloads) co_return base::fail(std::move(payloads.error()));
  for (std::size_t at = 0; at < part.entries.size() && excerpt.entries.size() < limit; ++at) {
    const auto number = part.first + static_cast<std::int64_t>(at);
    if (number < from) continue;
    excerpt.entries.push_back(describe_entry(part, at, execution.started, execution.input, *payloads));
    excerpt.next = number + 1;
  }
  co_return Result<void>();
}

Task<Result<std::vector<HistoryPart>>> load_pages(platform::Store& store, const Execution& execution) {
  std::vector<platform::Key> keys;
  for (std::int64_t slot = 0; slot < std::min(execution.pages, bounds::kHistoryPagesMax); ++slot) {
    keys.push_back(page_key(execution.id, slot));
  }
  std::vector<HistoryPart> parts;
  if (keys.empty()) co_return parts;
  auto records = co_await store.get(std::move(keys));
  if (!records) co_return base::fail(std::move(records.error()));
  for (const auto& record : *records) {
    if (!record) continue;
    auto json = base::parse_json(record->value);
    if (!json) co_return base::fail(std::move(json.error()));
    parts.push_back(history_from_json(*json));
  }
  std::sort(parts.begin(), parts.end(),
            [](const HistoryPart& left, const HistoryPart& right) { return left.first < right.first; });
  co_return parts;
}

}  // namespace

platform::Record page_record(const std::string& execution, std::int64_t page, const HistoryPart& part,
                             base::Instant expires) {
  platform::Record record;
  record.key = page_key(execution, slot_of(page));
  record.kind = "execution_history";
  record.value = to_text(to_json(part));
  record.expires = expires;
  return record;
}

platform::Record payload_record(const std::string& execution, LargePayload payload, base::Instant expires) {
  platform::Record record;
  record.key = key_of(execution, "payload/" + payload.digest);
  record.kind = "execution_payload";
  record.value = std::move(payload.text);
  record.expires = expires;
  return record;
}

Task<Result<HistoryExcerpt>> read_history(platform::Store& store, Execution execution, std::int64_t from,
                                          std::size_t limit) {
  HistoryExcerpt excerpt;
  std::vector<HistoryPart> parts;
  if (from < execution.recent.first) {
    auto pages = co_await load_pages(store, execution);
    if (!pages) co_return base::fail(std::move(pages.error()));
    parts = std::move(*pages);
  }
  const auto end = execution.recent.next();
  parts.push_back(execution.recent);
  for (const auto& part : parts) {
    auto appended = co_await append(store, execution, part, from, limit, excerpt);
    if (!appended) co_return base::fail(std::move(appended.error()));
  }
  if (excerpt.next >= end) excerpt.next = 0;
  co_return excerpt;
}

}  // namespace ow::workflow
