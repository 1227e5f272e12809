// Where operators' requests about queues are taken: the handlers behind the routes. Each reads, decides and
// returns its answer with the Commit that makes it true. Loop thread.
#pragma once

#include "http/router.h"
#include "ops/queue_worker.h"
#include "platform/id_source.h"

namespace ow::ops {

struct QueueDesk {
  platform::Store& store;
  platform::QueueAdmin& admin;
  const platform::Clock& clock;
  platform::IdSource& ids;
};

using Answer = base::Task<base::Result<http::Reply>>;

Answer list_queues(QueueDesk desk);
Answer show_queue(QueueDesk desk, const http::RequestContext& context);
Answer list_messages(QueueDesk desk, const http::RequestContext& context);
Answer show_message(QueueDesk desk, const http::RequestContext& context);
Answer delete_message(QueueDesk desk, const http::RequestContext& context);
Answer redrive(QueueDesk desk, const http::RequestContext& context);
Answer purge(QueueDesk desk, const http::RequestContext& context);
Answer pause(QueueDesk desk, const http::RequestContext& context, bool paused);
Answer list_operations(QueueDesk desk, const http::RequestContext& context);
Answer show_operation(QueueDesk desk, const http::RequestContext& context);
Answer show_results(QueueDesk desk, const http::RequestContext& context);
Answer stop(QueueDesk desk, const http::RequestContext& context);

/// GET /api/queues and everything below it, and /api/queue-operations.
http::Routes queue_routes(QueueDesk desk);

}  // namespace ow::ops
