// The tables of texts against trying each text, on few letters, so that texts begin, end and repeat alike.
#include "rules/text_tables.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "base/wildcard.h"

namespace ow::rules {
namespace {

using Ids = std::vector<std::uint32_t>;

rc::Gen<std::string> few_letters() { return rc::gen::container<std::string>(rc::gen::element('a', 'b', '\xc3')); }

rc::Gen<std::vector<std::string>> words() { return rc::gen::container<std::vector<std::string>>(few_letters()); }

Ids unique_of(Ids ids) {
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  return ids;
}

RC_GTEST_PROP(TextTable, FindsEveryIdOfATextAndNoOther, (const std::string& other)) {
  auto texts = *words();
  texts.push_back(other);
  TextTable table;
  for (std::uint32_t id = 0; id < texts.size(); ++id) table.add(texts[id], id);
  for (const auto& text : texts) {
    Ids expected, found;
    for (std::uint32_t id = 0; id < texts.size(); ++id) {
      if (texts[id] == text) expected.push_back(id);
    }
    table.find(text, found);
    std::ranges::sort(found);
    RC_ASSERT(found == expected);
  }
}

std::string wildcard_of(const std::vector<std::string>& parts) {
  std::string wildcard;
  for (const auto& part : parts) wildcard += (wildcard.ends_with('*') || wildcard.empty() ? "" : "*") + part;
  return wildcard;
}

RC_GTEST_PROP(WildcardTable, MissesNoWildcardThatMatches, ()) {
  WildcardTable table;
  std::vector<std::string> wildcards{"*", "", "a", "a*", "*b", "\\*a", "a*\\\\"};
  for (int i = 0; i < 20; ++i) wildcards.push_back(wildcard_of(*words()));
  for (std::uint32_t id = 0; id < wildcards.size(); ++id) table.add(wildcards[id], id);
  for (const auto& value : *words()) {
    Ids candidates;
    table.find_candidates(value, candidates);
    candidates = unique_of(candidates);
    for (std::uint32_t id = 0; id < wildcards.size(); ++id) {
      if (base::matches_wildcard(wildcards[id], value)) RC_ASSERT(std::ranges::binary_search(candidates, id));
    }
  }
}

TEST(WildcardTable, GivesFewCandidatesOfMany) {
  WildcardTable table;
  for (std::uint32_t id = 0; id < 1000; ++id) table.add("web/*/v" + std::to_string(id), id);
  Ids candidates;
  table.find_candidates("web/checkout/v123", candidates);
  EXPECT_TRUE(std::ranges::count(candidates, 123U) > 0);
  EXPECT_LT(unique_of(candidates).size(), 20U);
}

}  // namespace
}  // namespace ow::rules
