// The step from a feature's functions to what the route table takes: a function of a desk (the ports that a feature's
// handlers share) and a request becomes a Handler that holds a copy of the desk. Loop thread.
#pragma once

#include <utility>

#include "http/router.h"

namespace ow::http {

template <typename Desk>
using DeskFunction = base::Task<base::Result<Reply>> (*)(Desk desk, const RequestContext& context);

template <typename Desk>
Handler handler(Desk desk, DeskFunction<Desk> answer) {
  return [desk = std::move(desk), answer](const RequestContext& context) { return answer(desk, context); };
}

}  // namespace ow::http
