// Reads messages of a queue from the store: a group, a page of groups, all of them to count. Loop thread; the
// scans themselves may run on the read lane and touch only what they own.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/queue_page.h"
#include "engine/reader.h"

namespace ow::engine {

/// Messages of one group behind a sequence, at most `messages_max`.
base::Task<base::Result<FoundGroup>> load_group(Reader& reader, QueueNumber queue, GroupLoad load,
                                                std::size_t messages_max);

/// Groups from the name `from` on with their first messages, about `messages_max` in all.
base::Task<base::Result<FoundPage>> find_groups(Reader& reader, QueueNumber queue, std::string from,
                                                std::size_t messages_max);

/// The message of a pair of the queue's range; nothing: damaged.
std::optional<MessagePtr> message_at(std::string_view key, std::string_view value);
/// The same for a pair of the due range; null when it is a timer or of another queue.
std::optional<MessagePtr> delayed_at(QueueNumber queue, std::string_view key, std::string_view value);

/// Called for every stored message of the queue, in the order of groups; on the loop or on the read lane.
using VisitMessage = std::function<void(Message message)>;
base::Task<base::Result<void>> each_message(Reader& reader, DurableView view, QueueNumber queue, VisitMessage visit,
                                            std::function<void()> restart);

/// The same for its messages in the due range, with the key of each.
using VisitDelayed = std::function<void(std::string_view key, base::Instant due, Message message)>;
base::Task<base::Result<void>> each_delayed(Reader& reader, DurableView view, QueueNumber queue, VisitDelayed visit,
                                            std::function<void()> restart);

}  // namespace ow::engine
