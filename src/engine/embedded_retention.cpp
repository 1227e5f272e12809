// See embedded_retention.h.
#include "engine/embedded_retention.h"

#include "base/encoding.h"
#include "engine/stored_things.h"

namespace ow::engine {

using base::fail;
using base::Result;
using base::Task;

Task<Result<std::vector<EmbeddedRetention::Pair>>> EmbeddedRetention::pairs_behind(DurableView view, std::string key,
                                                                                   std::size_t limit) {
  std::vector<Pair> pairs;
  for (const char kind : kThingKinds) {
    auto range = layout::starting_with(std::string(1, kind));
    if (pairs.size() == limit || (!key.empty() && kind < key.front())) continue;
    if (!key.empty() && kind == key.front()) range.from = key + '\0';
    const std::size_t before = pairs.size();
    ScanRequest request;
    request.range = std::move(range);
    request.visit = [&](std::string_view found, std::string_view value) {
      pairs.push_back({std::string(found), std::string(value)});
      return pairs.size() < limit;
    };
    request.restart = [&] { pairs.resize(before); };
    const auto scanned = co_await reader_.scan(view, std::move(request));
    if (!scanned) co_return fail(scanned.error());
  }
  co_return pairs;
}

Task<Result<std::map<QueueNumber, std::string>>> EmbeddedRetention::queue_names(DurableView view) {
  std::map<QueueNumber, std::string> names;
  ScanRequest request;
  request.range = layout::starting_with(std::string(1, layout::kQueue));
  request.visit = [&](std::string_view key, std::string_view value) {
    if (const auto queue = decode_queue(key, value)) names[queue->number] = queue->spec.name;
    return true;
  };
  request.restart = [] {};
  const auto scanned = co_await reader_.scan(std::move(view), std::move(request));
  if (!scanned) co_return fail(scanned.error());
  co_return names;
}

Task<Result<platform::StoredPage>> EmbeddedRetention::browse(std::string cursor, std::size_t limit) {
  const auto behind = base::from_base64url(cursor);
  if (!behind || (!behind->empty() && kThingKinds.find(behind->front()) == std::string_view::npos)) {
    co_return fail(base::ErrorCode::malformed, "cursor_invalid", "The cursor is not one of this list.");
  }
  auto view = co_await reader_.view();
  if (!view) co_return fail(std::move(view.error()));
  const auto names = co_await queue_names(*view);
  if (!names) co_return fail(names.error());
  const auto pairs = co_await pairs_behind(*view, *behind, limit);
  if (!pairs) co_return fail(pairs.error());
  const ThingContext context{*names, epoch_, clock_.now(), pruner_.kept_from()};
  platform::StoredPage page;
  for (const auto& [key, value] : *pairs) {
    if (auto added = add_things(key, value, context, page.things); !added) co_return fail(std::move(added.error()));
  }
  if (pairs->size() == limit) page.next_cursor = base::to_base64url(pairs->back().key);
  co_return page;
}

}  // namespace ow::engine
