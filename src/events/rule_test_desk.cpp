// POST /api/rules/test and /api/rules/{name}/test: a pattern against the newest events. See desk.h.
#include <fmt/core.h>

#include "base/bounds.h"
#include "events/desk.h"
#include "events/rule_store.h"
#include "platform/event_form.h"
#include "rules/pattern.h"

namespace ow::events {
namespace {

using base::ErrorCode;
using base::Json;
using base::Result;
using http::RequestContext;

constexpr std::int64_t kTestedEventsDefault = 100;
constexpr std::int64_t kTestedEventsMax = 1'000;
constexpr std::size_t kShownMatchesMax = 50;

Result<std::size_t> event_count(const Json& body) {
  const auto* given = body.find("events");
  const auto count = given == nullptr ? kTestedEventsDefault : body.integer_at("events").value_or(0);
  if (count >= 1 && count <= kTestedEventsMax) return static_cast<std::size_t>(count);
  return base::fail({ErrorCode::unprocessable,
                     "invalid_test",
                     "The test is not valid.",
                     {fmt::format("events must be an integer from 1 to {}", kTestedEventsMax)}});
}

/// As the rule sees it: the id is given after the rules were asked.
Json rule_view(Json form) {
  form.remove("id");
  return form;
}

Answer test_on_newest(Desk desk, Json pattern, Json body) {
  const auto count = event_count(body);
  if (!count) co_return base::fail(count.error());
  const auto compiled = rules::Pattern::compile(pattern);
  if (!compiled) {
    co_return base::fail({ErrorCode::unprocessable,
                          "invalid_pattern",
                          "The pattern is not valid.",
                          {"pattern: " + compiled.error().message}});
  }
  const auto page = co_await desk->event_log.newest(*count);
  if (!page) co_return base::fail(page.error());
  std::int64_t matched = 0;
  Json::Array items;
  for (const auto& event : page->events) {
    const auto form = base::parse_json(platform::event_bridge_text(event));
    if (!form || !compiled->match(rule_view(*form))) continue;
    ++matched;
    if (items.size() < kShownMatchesMax) items.push_back(*form);
  }
  co_return http::Reply{
      http::Response::json(200, Json::object({{"tested", static_cast<std::int64_t>(page->events.size())},
                                              {"matched", matched},
                                              {"items", std::move(items)}}))};
}

}  // namespace

Answer test_pattern(Desk desk, const RequestContext& context) {
  const auto* pattern = context.body.find("pattern");
  return test_on_newest(std::move(desk), pattern == nullptr ? Json() : *pattern, context.body);
}

Answer test_rule(Desk desk, const RequestContext& context) {
  const auto& name = context.params.at("id");
  if (auto own = find_own_rule(*desk, name)) co_return co_await test_on_newest(desk, own->rule.pattern, context.body);
  const auto rule = co_await find_rule(desk->store, desk->system_rules, name);
  if (!rule) co_return base::fail(rule.error());
  co_return co_await test_on_newest(desk, rule->rule.pattern, context.body);
}

}  // namespace ow::events
