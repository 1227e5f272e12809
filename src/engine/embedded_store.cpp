// See embedded_store.h.
#include "engine/embedded_store.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "engine/bytes.h"

namespace ow::engine {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Task;
using platform::Page;
using platform::Query;
using platform::Record;

namespace {

constexpr std::size_t kFingerprintBytes = 8;

bool is_live(const RecordPtr& record, base::Instant now) {
  return record && (!record->expires || *record->expires > now);
}

/// What a cursor is bound to: everything of the query but the size of its pages.
std::string fingerprint(const Query& query) {
  std::string identity;
  put_text(identity, query.index);
  put_text(identity, query.partition);
  put_text(identity, query.from);
  put_text(identity, query.to);
  identity += query.descending ? 'd' : 'a';
  const auto digest = base::sha256(identity);
  return {digest.begin(), digest.begin() + kFingerprintBytes};
}

std::string cursor_at(const Query& query, std::string_view prefix, std::string_view last_key) {
  return base::to_base64url(fingerprint(query) + std::string(last_key.substr(prefix.size())));
}

std::string prefix_of(const Query& query) {
  if (!query.index.empty()) return layout::index_prefix(query.index, query.partition);
  std::string prefix = layout::record_key({query.partition, {}});
  prefix.pop_back();  // the end of the empty sort
  return prefix;
}

/// The keys still to visit: the query's range without what the cursor has behind it.
Result<platform::KeyRange> range_of(const Query& query, const std::string& prefix) {
  platform::KeyRange range{prefix + query.from, query.to.empty() ? layout::behind(prefix) : prefix + query.to};
  if (query.cursor.empty()) return range;
  const auto bytes = base::from_base64url(query.cursor);
  if (!bytes || !bytes->starts_with(fingerprint(query))) {
    return fail(ErrorCode::malformed, "cursor_invalid", "The cursor is not one of this query.");
  }
  std::string last = prefix + bytes->substr(kFingerprintBytes);
  if (query.descending) {
    range.to = std::move(last);
  } else {
    range.from = std::move(last) + '\0';
  }
  return range;
}

struct Pair {
  std::string key;
  std::string value;
};

/// One query on its way: pages are scanned in chunks, since what expired is skipped.
class QueryRun {
 public:
  QueryRun(Reader& reader, Query query, base::Instant now)
      : reader_(reader), query_(std::move(query)), now_(now), prefix_(prefix_of(query_)) {}

  Task<Result<Page>> run() {
    auto range = range_of(query_, prefix_);
    if (!range) co_return fail(std::move(range.error()));
    range_ = std::move(*range);
    auto view = co_await reader_.view();
    if (!view) co_return fail(std::move(view.error()));
    view_ = std::move(*view);
    while (page_.records.size() < query_.limit && !at_end_) {
      auto chunk = co_await scan_chunk();
      if (!chunk) co_return fail(std::move(chunk.error()));
      auto taken = co_await take_records(*chunk);
      if (!taken) co_return fail(std::move(taken.error()));
    }
    if (!at_end_) page_.next_cursor = cursor_at(query_, prefix_, last_key_);
    co_return std::move(page_);
  }

 private:
  /// As many pairs as the page still needs, and whether there are more behind them.
  Task<Result<std::vector<Pair>>> scan_chunk() {
    std::vector<Pair> pairs;
    const std::size_t wanted = query_.limit - page_.records.size();
    at_end_ = true;
    ScanRequest request;
    request.range = range_;
    request.order = query_.descending ? platform::ScanOrder::descending : platform::ScanOrder::ascending;
    request.visit = [&](std::string_view key, std::string_view value) {
      if (pairs.size() == wanted) {
        at_end_ = false;
        return false;
      }
      pairs.push_back({std::string(key), std::string(value)});
      return true;
    };
    request.restart = [&] {
      pairs.clear();
      at_end_ = true;
    };
    const auto scanned = co_await reader_.scan(view_, std::move(request));
    if (!scanned) co_return fail(scanned.error());
    if (!pairs.empty()) pass(pairs.back().key);
    co_return pairs;
  }

  void pass(const std::string& key) {
    last_key_ = key;
    if (query_.descending) {
      range_.to = key;
    } else {
      range_.from = key + '\0';
    }
  }

  Task<Result<void>> take_records(const std::vector<Pair>& pairs) {
    if (!query_.index.empty()) co_return co_await take_indexed(pairs);
    for (const auto& pair : pairs) {
      auto record = decode_record(pair.key, pair.value);
      if (!record) co_return fail(damaged(pair.key));
      if (!record->expires || *record->expires > now_) page_.records.push_back(std::move(*record));
    }
    co_return Result<void>();
  }

  Task<Result<void>> take_indexed(const std::vector<Pair>& pairs) {
    std::vector<std::string> keys;
    std::vector<platform::IndexEntry> entries;
    for (const auto& pair : pairs) {
      ByteReader in(std::string_view(pair.key).substr(prefix_.size()));
      entries.push_back({query_.index, query_.partition, std::string(in.until_zero())});
      keys.push_back(layout::kRecord + std::string(in.rest()));
    }
    const auto records = co_await reader_.records(std::move(keys));
    if (!records) co_return fail(records.error());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const auto& record = (*records)[i];
      // The record may have moved on since the view of the index was taken.
      const bool shown =
          is_live(record, now_) && std::ranges::find(record->indexes, entries[i]) != record->indexes.end();
      if (shown) page_.records.push_back(*record);
    }
    co_return Result<void>();
  }

  Reader& reader_;
  const Query query_;
  const base::Instant now_;
  const std::string prefix_;
  platform::KeyRange range_;
  DurableView view_;
  Page page_;
  std::string last_key_;
  bool at_end_ = false;
};

}  // namespace

Task<Result<std::vector<RecordPtr>>> EmbeddedStore::get(std::vector<platform::Key> keys) {
  std::vector<std::string> names;
  names.reserve(keys.size());
  for (const auto& key : keys) names.push_back(layout::record_key(key));
  auto found = co_await reader_.records(std::move(names));
  if (!found) co_return fail(std::move(found.error()));
  const base::Instant now = clock_.now();
  for (auto& record : *found) {
    if (!is_live(record, now)) record = nullptr;
  }
  co_return found;
}

Task<Result<std::vector<std::optional<platform::Counter>>>> EmbeddedStore::counters(std::vector<platform::Key> keys) {
  std::vector<std::string> names;
  names.reserve(keys.size());
  for (const auto& key : keys) names.push_back(layout::counter_key(key));
  const auto found = co_await reader_.counters(std::move(names));
  if (!found) co_return fail(found.error());
  std::vector<std::optional<platform::Counter>> counters(found->size());
  for (std::size_t i = 0; i < counters.size(); ++i) {
    if ((*found)[i]) counters[i] = *(*found)[i];
  }
  co_return counters;
}

Task<Result<Page>> EmbeddedStore::query(Query query) {
  if (query.limit == 0) co_return fail(ErrorCode::malformed, "limit_invalid", "A page holds at least one record.");
  QueryRun run(reader_, std::move(query), clock_.now());
  co_return co_await run.run();
}

Task<Result<platform::CommitOutcome>> EmbeddedStore::commit(platform::Commit commit) {
  return committer_.commit(std::move(commit));
}

}  // namespace ow::engine
