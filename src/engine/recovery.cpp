// See recovery.h.
#include "engine/recovery.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace ow::engine {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

Result<Format> write_format(platform::KeyValue& key_value) {
  const Format format;
  const auto position = key_value.append({{layout::format_key(), encode(format)}});
  if (!position) return fail(position.error());
  const auto synced = key_value.sync(*position);
  if (!synced) return fail(synced.error());
  return format;
}

Result<Format> check_format(platform::KeyValue& key_value, const std::optional<std::string>& stored) {
  if (!stored) return write_format(key_value);
  const auto format = decode_format(*stored);
  if (!format) return fail(damaged(layout::format_key()));
  if (format->number > layout::kFormat) {
    return fail(ErrorCode::unsupported, "format_newer",
                fmt::format("The data has format {}; this program reads up to format {}. Use a newer program.",
                            format->number, layout::kFormat));
  }
  return *format;
}

/// Scans a range whose values `take` decodes; false of it is damage.
template <typename Take>
Result<void> read_all(const platform::KeyValue& key_value, const platform::KeyRange& range, Take take) {
  std::string unreadable;
  const auto scanned =
      key_value.view()->scan(range, platform::ScanOrder::ascending, [&](std::string_view key, std::string_view value) {
        if (take(key, value)) return true;
        unreadable = key;
        return false;
      });
  if (!scanned) return fail(scanned.error());
  if (!unreadable.empty()) return fail(damaged(unreadable));
  return {};
}

Result<void> read_received(const platform::KeyValue& key_value, RecoveredQueue& queue) {
  const auto range = layout::starting_with(layout::received_prefix(queue.queue.number));
  return read_all(key_value, range, [&](std::string_view, std::string_view value) {
    auto received = decode_received(value);
    if (!received) return false;
    ++queue.slots;
    std::ranges::move(*received, std::back_inserter(queue.received));
    return true;
  });
}

Result<void> read_queues(const platform::KeyValue& key_value, Recovered& recovered) {
  const auto range = layout::starting_with(std::string(1, layout::kQueue));
  const auto read = read_all(key_value, range, [&](std::string_view key, std::string_view value) {
    auto queue = decode_queue(key, value);
    if (!queue) return false;
    recovered.state.queues[queue->spec.name] = {queue->number, queue->spec.kind};
    recovered.queues.push_back({std::move(*queue), {}, 0});
    return true;
  });
  if (!read) return read;
  std::ranges::sort(recovered.queues, {}, [](const auto& queue) { return queue.queue.number; });
  if (!recovered.queues.empty())
    recovered.state.next_queue = static_cast<QueueNumber>(recovered.queues.back().queue.number + 1);
  for (auto& queue : recovered.queues) {
    if (auto received = read_received(key_value, queue); !received) return received;
  }
  return {};
}

}  // namespace

Result<void> recover_rules(platform::KeyValue& key_value, platform::EventRules& rules) {
  if (rules.partition().empty()) return {};
  auto prefix = layout::record_key({std::string(rules.partition()), {}});
  prefix.pop_back();
  Result<void> told;
  const auto read =
      read_all(key_value, layout::starting_with(std::move(prefix)), [&](std::string_view key, std::string_view value) {
        const auto record = decode_record(key, value);
        if (record && told) told = rules.changed(record->key.sort, &*record);
        return record.has_value();
      });
  return read ? told : read;
}

Result<Recovered> recover(platform::KeyValue& key_value) {
  const auto stored = key_value.get({layout::format_key(), layout::sequence_key()});
  if (!stored) return fail(stored.error());
  const auto format = check_format(key_value, stored->front());
  if (!format) return fail(format.error());
  Recovered recovered;
  recovered.state.epoch = format->epoch;
  if (stored->back()) {
    const auto reserved = decode_sequence(*stored->back());
    if (!reserved) return fail(damaged(layout::sequence_key()));
    recovered.state.next_sequence = recovered.state.reserved = *reserved;
  }
  if (auto read = read_queues(key_value, recovered); !read) return fail(std::move(read.error()));
  return recovered;
}

}  // namespace ow::engine
