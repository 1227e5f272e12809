// Typed ids. Each kind of id is a type of its own, so an order id cannot be passed for a message id.
// Generated ids are time-ordered (see platform/id_source.h); parsing checks the prefix and alphabet only.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace ow::base {

template <typename Tag>
struct Id {
  std::string text;

  Id() = default;
  explicit Id(std::string value) : text(std::move(value)) {}
  auto operator<=>(const Id&) const = default;
  bool empty() const { return text.empty(); }
};

using OrderId = Id<struct OrderTag>;
using ProductId = Id<struct ProductTag>;
using UserId = Id<struct UserTag>;
using MessageId = Id<struct MessageTag>;
using EventId = Id<struct EventTag>;
using ExecutionId = Id<struct ExecutionTag>;
using ObligationId = Id<struct ObligationTag>;

}  // namespace ow::base

template <typename Tag>
struct std::hash<ow::base::Id<Tag>> {
  std::size_t operator()(const ow::base::Id<Tag>& id) const { return std::hash<std::string>()(id.text); }
};
