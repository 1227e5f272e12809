// See reader.h.
#include "engine/reader.h"

#include <utility>

namespace ow::engine {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Task;
using platform::Lane;
using platform::ReadTier;

namespace {

using Values = std::vector<std::optional<std::string>>;

/// What the lane's job and the awaiting frame share: a simulated crash may end the frame first.
struct GetJob {
  std::vector<std::string> keys;
  Result<Values> values{Values()};
};
struct ScanJob {
  DurableView view;
  ScanRequest request;
  Result<void> done{};
};

bool decode_into(RecordPtr& pointer, std::string_view key, std::string_view value) {
  auto record = decode_record(key, value);
  if (record) pointer = std::make_shared<const platform::Record>(std::move(*record));
  return record.has_value();
}

bool decode_into(CounterPtr& pointer, std::string_view, std::string_view value) {
  auto counter = decode_counter(value);
  if (counter) pointer = std::make_shared<const platform::Counter>(std::move(*counter));
  return counter.has_value();
}

template <typename Pointer>
Cached to_cached(const Pointer& pointer) {
  return pointer ? Cached(pointer) : Cached(Absent{});
}

template <typename Pointer>
Pointer from_cached(const Cached& value) {
  const auto* pointer = std::get_if<Pointer>(&value);
  return pointer != nullptr ? *pointer : nullptr;
}

}  // namespace

Task<Result<Values>> Reader::bytes(std::vector<std::string> keys) {
  auto quick = key_value_.get(keys, ReadTier::memory_only);
  if (quick || quick.error().code != ErrorCode::unavailable) co_return quick;
  auto job = std::make_shared<GetJob>();
  job->keys = std::move(keys);
  co_await platform::offload(executor_, Lane::read,
                             [job, this] { job->values = key_value_.get(job->keys, ReadTier::any); });
  co_return std::move(job->values);
}

template <typename Pointer>
Task<Result<std::vector<Pointer>>> Reader::values(std::vector<std::string> keys) {
  std::vector<Pointer> found(keys.size());
  std::vector<std::string> missing;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (auto known = cache_.find(keys[i])) {
      found[i] = from_cached<Pointer>(*known);
      continue;
    }
    missing.push_back(std::move(keys[i]));
    places.push_back(i);
  }
  if (missing.empty()) co_return found;
  const auto generation = cache_.generation();
  const auto read = co_await bytes(missing);
  if (!read) co_return fail(read.error());
  for (std::size_t i = 0; i < missing.size(); ++i) {
    Pointer value;
    if ((*read)[i] && !decode_into(value, missing[i], *(*read)[i])) co_return fail(damaged(missing[i]));
    // A batch under way may have put a value there that is not durable; then the cache knows what is.
    found[places[i]] = from_cached<Pointer>(cache_.offer(missing[i], to_cached(value), generation));
  }
  co_return found;
}

Task<Result<std::vector<RecordPtr>>> Reader::records(std::vector<std::string> keys) {
  return values<RecordPtr>(std::move(keys));
}

Task<Result<std::vector<CounterPtr>>> Reader::counters(std::vector<std::string> keys) {
  return values<CounterPtr>(std::move(keys));
}

Task<Result<DurableView>> Reader::view() {
  auto view = co_await views_.take();
  if (!view.view) co_return fail(ErrorCode::unavailable, "storage_failed", "The store failed.");
  co_return view;
}

Task<Result<void>> Reader::scan(DurableView view, ScanRequest request) {
  auto job = std::make_shared<ScanJob>();
  job->view = std::move(view);
  job->request = std::move(request);
  const auto run = [](ScanJob& scan, ReadTier tier) {
    scan.done = scan.view.view->scan(scan.request.range, scan.request.order, scan.request.visit, tier);
  };
  run(*job, ReadTier::memory_only);
  if (job->done || job->done.error().code != ErrorCode::unavailable) co_return job->done;
  job->request.restart();
  co_await platform::offload(executor_, Lane::read, [job, run] { run(*job, ReadTier::any); });
  co_return job->done;
}

}  // namespace ow::engine
