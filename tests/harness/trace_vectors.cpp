// See trace_vectors.h.
#include "harness/trace_vectors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace ow::tests {
namespace {

using base::Json;
using Entries = std::vector<std::pair<std::string, std::string>>;

const Json::Array& list_at(const Json& expect, std::string_view name) {
  static const Json::Array none;
  const auto* list = expect.find(name);
  return list == nullptr ? none : list->as_array();
}

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
  return std::ranges::any_of(entries, [&](const auto& entry) { return entry.first == key; });
}

void expect_traceparent(const Json& expect, const std::string& traceparent) {
  ASSERT_EQ(traceparent.size(), 55U) << traceparent;
  EXPECT_EQ(traceparent.find_first_not_of("0123456789abcdef-"), std::string::npos);
  const auto trace = traceparent.substr(3, 32);
  if (const auto kept = expect.string_at("trace_id")) EXPECT_EQ(trace, *kept);
  if (const auto other = expect.string_at("parent_id_not")) EXPECT_NE(traceparent.substr(36, 16), *other);
  for (const auto& other : list_at(expect, "trace_id_not")) EXPECT_NE(trace, other.as_string());
}

void expect_text(const Json& expect, const std::string& text) {
  for (const auto& part : list_at(expect, "tracestate_text_contains")) {
    EXPECT_NE(text.find(part.as_string()), std::string::npos);
  }
  const auto& any = list_at(expect, "tracestate_text_contains_any");
  const auto found = [&](const Json& part) { return text.find(part.as_string()) != std::string::npos; };
  EXPECT_TRUE(any.empty() || std::ranges::any_of(any, found));
  std::size_t last = 0;
  for (const auto& part : list_at(expect, "tracestate_order")) {
    const auto at = text.find(part.as_string());
    EXPECT_TRUE(at != std::string::npos && at >= last) << part.as_string();
    last = at;
  }
}

void expect_entries(const Json& expect, const Entries& entries) {
  for (const auto& key : list_at(expect, "tracestate_has"))
    EXPECT_TRUE(has_key(entries, key.as_string())) << key.as_string();
  for (const auto& key : list_at(expect, "tracestate_lacks"))
    EXPECT_FALSE(has_key(entries, key.as_string())) << key.as_string();
  if (const auto* values = expect.find("tracestate")) {
    for (const auto& [key, value] : values->as_object()) {
      EXPECT_NE(std::ranges::find(entries, std::pair(key, value.as_string())), entries.end()) << key;
    }
  }
  if (const auto count = expect.integer_at("tracestate_count")) {
    EXPECT_EQ(static_cast<std::int64_t>(entries.size()), *count);
  }
}

}  // namespace

std::optional<Json> trace_vectors() {
  const char* set = std::getenv("OW_VECTORS");
  const std::string folder = set != nullptr ? set : OW_SOURCE_DIR "/../shared/vectors";
  std::ifstream file(folder + "/w3c-trace-context.json");
  std::stringstream text;
  text << file.rdbuf();
  auto json = base::parse_json(text.str());
  return json ? std::optional(std::move(*json)) : std::nullopt;
}

std::vector<std::pair<std::string, std::string>> trace_headers_of(const Json& test_case) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (const auto& line : test_case.find("headers")->as_array()) {
    auto name = line.as_array()[0].as_string();
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    headers.emplace_back(name, line.as_array()[1].as_string());
  }
  return headers;
}

void expect_trace(const Json& expect, const std::string& traceparent, const std::string& tracestate) {
  expect_traceparent(expect, traceparent);
  expect_entries(expect, entries_of(tracestate));
  expect_text(expect, tracestate);
}

}  // namespace ow::tests
