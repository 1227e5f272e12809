// Carries out redrives and purges, a bounded Commit at a time: the messages' acks, what is sent in their place,
// their results, how far the operation came and the message that brings the next step are one. A crash
// repeats a step or nothing. Loop thread.
#pragma once

#include <string>

#include "ops/queue_operation.h"
#include "platform/clock.h"
#include "platform/consumer.h"

namespace ow::ops {

/// Fair, an owner an operation. Operators cannot pause or purge it: it carries what they ask for.
platform::QueueSpec operations_queue();
inline constexpr std::string_view kOperationsQueue = "queue-operations";

/// What a dead-letter queue is called after.
inline constexpr std::string_view kDeadLetterSuffix = ".dlq";
bool is_dead_letter_queue(std::string_view queue);
/// Where the messages of a dead-letter queue go back to; another queue's name stays.
std::string origin_of(const std::string& queue);

struct QueueWorkerPorts {
  platform::Store& store;
  platform::QueueAdmin& admin;
  const platform::Clock& clock;
};

platform::ConsumerSpec operations_consumer(QueueWorkerPorts ports);

/// Puts the new operation, its event and the message of its first step.
platform::Commit start_operation(QueueOperation operation);
/// Ends it before its time, with the event of who did; conditioned on the record as it was read.
platform::Commit stop_operation(QueueOperation operation, const Operator& who, std::string why, base::Instant now);

/// The body that a message had before it was first edited, and who edited it when and why, the last edits at
/// most: {original, edits: [{by, at, reason, operationId}]}. Nothing when it never was.
base::Task<base::Result<std::optional<base::Json>>> find_edit(platform::Store& store, std::string queue,
                                                              std::string message_id);

}  // namespace ow::ops
