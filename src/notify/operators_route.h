// A route for operators of a desk that keeps all of its routes below one path. Loop thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "http/handler.h"

namespace ow::notify {

template <typename Desk>
http::Route operators_route(const Desk& desk, const char* method, std::string pattern, const char* summary,
                            http::DeskFunction<Desk> handle, base::Json body, std::pair<int, base::Json> answer,
                            std::vector<http::Parameter> query) {
  return http::Route{method,          std::move(pattern),          http::Access::operators,
                     summary,         http::handler(desk, handle), std::move(query),
                     std::move(body), {std::move(answer)}};
}

}  // namespace ow::notify
