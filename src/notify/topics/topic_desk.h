// The routes of topics: topics, their subscriptions, publishing. Loop thread.
#pragma once

#include "http/router.h"
#include "platform/clock.h"
#include "platform/id_source.h"
#include "platform/queue_admin.h"
#include "platform/store.h"

namespace ow::notify {

struct TopicDesk {
  platform::Store& store;
  platform::QueueAdmin& queues;
  const platform::Clock& clock;
  platform::IdSource& ids;
};

/// The desk is copied into the handlers.
http::Routes topic_routes(const TopicDesk& desk);

/// Makes `operator-notices` unless it is there, and declares the queues of all subscriptions.
base::Task<base::Result<void>> prepare_topics(TopicDesk desk);

}  // namespace ow::notify
