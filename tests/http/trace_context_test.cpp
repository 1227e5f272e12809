// W3C Trace Context: the recorded cases of its validation harness, driven through the Api.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "http/edge_world.h"

namespace ow::http {
namespace {

using base::Json;

std::optional<Json> vectors() {
  const char* set = std::getenv("OW_VECTORS");
  const std::string folder = set != nullptr ? set : OW_SOURCE_DIR "/../shared/vectors";
  std::ifstream file(folder + "/w3c-trace-context.json");
  if (!file) return std::nullopt;
  std::stringstream text;
  text << file.rdbuf();
  auto json = base::parse_json(text.str());
  return json ? std::optional(std::move(*json)) : std::nullopt;
}

using Entries = std::vector<std::pair<std::string, std::string>>;

Entries entries_of(const std::string& tracestate) {
  Entries entries;
  std::stringstream list(tracestate);
  for (std::string one; std::getline(list, one, ',');) {
    const auto equals = one.find('=');
    entries.emplace_back(one.substr(0, equals), one.substr(equals + 1));
  }
  return entries;
}

bool has_key(const Entries& entries, const std::string& key) {
  return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return entry.first == key; });
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// The context that a handler sends on after a request with these headers.
TraceContext context_after(EdgeWorld& world, TraceContext& seen, const Headers& headers) {
  Ask ask("GET", "/trace");
  for (const auto& [name, value] : headers) ask.with(lower(name), value);
  EXPECT_EQ(world.send(ask).status, 200);
  return seen;
}

Headers headers_of(const Json& test_case) {
  Headers headers;
  for (const Json& line : test_case.find("headers")->as_array()) {
    headers.emplace_back(line.as_array()[0].as_string(), line.as_array()[1].as_string());
  }
  return headers;
}

void expect_traceparent(const Json& expect, const TraceContext& context) {
  if (const auto kept = expect.string_at("trace_id")) EXPECT_EQ(context.trace_id, *kept);
  if (const auto other = expect.string_at("parent_id_not")) EXPECT_NE(context.parent_id, *other);
  if (const Json* others = expect.find("trace_id_not")) {
    for (const Json& other : others->as_array()) EXPECT_NE(context.trace_id, other.as_string());
  }
  EXPECT_EQ(context.trace_id.size(), 32U);
  EXPECT_EQ(context.parent_id.size(), 16U);
  EXPECT_EQ(context.traceparent().size(), 55U);
  EXPECT_EQ(context.traceparent().find_first_not_of("0123456789abcdef-"), std::string::npos);
}

void expect_tracestate_text(const Json& expect, const std::string& text) {
  if (const Json* parts = expect.find("tracestate_text_contains")) {
    for (const Json& part : parts->as_array()) EXPECT_NE(text.find(part.as_string()), std::string::npos);
  }
  if (const Json* parts = expect.find("tracestate_text_contains_any")) {
    EXPECT_TRUE(std::any_of(parts->as_array().begin(), parts->as_array().end(), [&](const Json& part) {
      return text.find(part.as_string()) != std::string::npos;
    }));
  }
  if (const Json* parts = expect.find("tracestate_order")) {
    std::size_t last = 0;
    for (const Json& part : parts->as_array()) {
      const auto at = text.find(part.as_string());
      EXPECT_TRUE(at != std::string::npos && at >= last) << part.as_string();
      last = at;
    }
  }
}

void expect_tracestate(const Json& expect, const std::string& text) {
  const Entries entries = entries_of(text);
  if (const Json* keys = expect.find("tracestate_has")) {
    for (const Json& key : keys->as_array())
      EXPECT_TRUE(has_key(entries, key.as_string())) << key.as_string();
  }
  if (const Json* keys = expect.find("tracestate_lacks")) {
    for (const Json& key : keys->as_array())
      EXPECT_FALSE(has_key(entries, key.as_string())) << key.as_string();
  }
  if (const Json* values = expect.find("tracestate")) {
    for (const auto& [key, value] : values->as_object()) {
      const std::pair<std::string, std::string> entry{key, value.as_string()};
      EXPECT_NE(std::find(entries.begin(), entries.end(), entry), entries.end()) << key;
    }
  }
  if (const auto count = expect.integer_at("tracestate_count")) {
    EXPECT_EQ(static_cast<std::int64_t>(entries.size()), *count);
  }
  expect_tracestate_text(expect, text);
}

class TraceContextOfTheEdge : public ::testing::Test {
 protected:
  TraceContextOfTheEdge() {
    world.route("GET", "/trace", Access::open, [this](const RequestContext& context) {
      seen = context.trace;
      return Reply{Response::json(200, 1)};
    });
  }
  EdgeWorld world;
  TraceContext seen;
};

TEST_F(TraceContextOfTheEdge, FollowsTheValidationHarness) {
  const auto cases = vectors();
  if (!cases) GTEST_SKIP() << "SKIPPED: w3c-trace-context.json not found; set OW_VECTORS";
  std::size_t count = 0;
  for (const Json& test_case : cases->find("cases")->as_array()) {
    SCOPED_TRACE(std::string(*test_case.string_at("id")) + ' ' + std::string(*test_case.string_at("test")));
    const TraceContext context = context_after(world, seen, headers_of(test_case));
    const Json& expect = *test_case.find("expect");
    expect_traceparent(expect, context);
    expect_tracestate(expect, context.tracestate);
    ++count;
  }
  EXPECT_EQ(count, 79U);
}

TEST_F(TraceContextOfTheEdge, KeepsOnlyTheSampledFlag) {
  const auto flags_after = [&](const std::string& flags) {
    return context_after(world, seen,
                         {{"traceparent", "00-12345678901234567890123456789012-1234567890123456-" + flags}})
        .flags;
  };
  EXPECT_EQ(flags_after("00"), "00");
  EXPECT_EQ(flags_after("01"), "01");
  EXPECT_EQ(flags_after("ff"), "01");
  EXPECT_EQ(flags_after("fe"), "00");
}

TEST_F(TraceContextOfTheEdge, MakesNewIdsForEachRequest) {
  const TraceContext first = context_after(world, seen, {});
  const TraceContext second = context_after(world, seen, {});
  EXPECT_NE(first.trace_id, second.trace_id);
  EXPECT_NE(first.parent_id, second.parent_id);
}

}  // namespace
}  // namespace ow::http
