// See pattern_ways.h.
#include "rules/pattern_ways.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace ow::rules {
namespace {

using Path = std::vector<std::string_view>;

/// How little of a value's variety a test usually leaves: exact values first.
int rank(const Matcher& matcher) {
  struct Rank {
    int operator()(const ExactMatcher&) const { return 0; }
    int operator()(const TextMatcher& text) const { return text.test == TextTest::wildcard ? 2 : 1; }
    int operator()(const CidrMatcher&) const { return 2; }
    int operator()(const NumericMatcher&) const { return 3; }
    int operator()(const AnythingButMatcher&) const { return 4; }
    int operator()(const ExistsMatcher&) const { return 5; }
  };
  return std::visit(Rank{}, matcher);
}

int rank(const Leaf& leaf) {
  int worst = 0;
  for (const auto& matcher : leaf) worst = std::max(worst, rank(matcher));
  return worst;
}

bool is_telling(const Condition& left, const Condition& right) {
  const auto key = [](const Condition& condition) {
    return std::tuple(rank(*condition.leaf), condition.path.size() > 1, condition.leaf->size());
  };
  if (key(left) != key(right)) return key(left) < key(right);
  return left.path < right.path;
}

void add_everywhere(std::vector<Way>& ways, const Condition& condition) {
  for (auto& way : ways) way.push_back(condition);
}

/// Every way of `left` with every way of `right`.
std::vector<Way> product(const std::vector<Way>& left, const std::vector<Way>& right) {
  std::vector<Way> both;
  for (const auto& one : left) {
    for (const auto& other : right) {
      both.push_back(one);
      both.back().insert(both.back().end(), other.begin(), other.end());
    }
  }
  return both;
}

std::vector<Way> expand(const PatternNode& node, const Path& path);

/// Too many ways are cut down to one more than are allowed.
void multiply(std::vector<Way>& ways, const std::vector<Way>& factor) {
  ways = product(ways, factor);
  if (ways.size() > kWaysMax) ways.resize(kWaysMax + 1);
}

std::vector<Way> expand_alternatives(const std::vector<PatternNode>& alternatives, const Path& path) {
  std::vector<Way> sum;
  for (const auto& alternative : alternatives) {
    const auto ways = expand(alternative, path);
    sum.insert(sum.end(), ways.begin(), ways.end());
  }
  return sum;
}

std::vector<Way> expand(const PatternNode& node, const Path& path) {
  std::vector<Way> ways{Way{}};
  for (const auto& member : node.members) {
    auto here = path;
    here.push_back(member.name);
    if (const auto* leaf = std::get_if<Leaf>(&member.wanted)) {
      add_everywhere(ways, {std::move(here), leaf});
    } else {
      multiply(ways, expand(*std::get<std::shared_ptr<const PatternNode>>(member.wanted), here));
    }
  }
  for (const auto& alternatives : node.alternatives) multiply(ways, expand_alternatives(alternatives, path));
  return ways;
}

std::string joined(const Path& path) {
  std::string name;
  for (const auto step : path) name += (name.empty() ? "" : ".") + std::string(step);
  return name;
}

void append(std::string& text, std::string_view part) { text += std::to_string(part.size()) + ':' + std::string(part); }

struct MatcherText {
  std::string& text;

  void operator()(const ExactMatcher& exact) const { append(text, "e" + to_text(exact.value)); }
  void operator()(const TextMatcher& one) const {
    append(text, std::to_string(static_cast<int>(one.test)) + (one.ignore_case ? "i" : "t") + one.text);
  }
  void operator()(const NumericMatcher& range) const {
    append(text, std::string("n") + (range.low_included ? "[" : "(") + range.low.value_or("") + "," +
                     range.high.value_or("") + (range.high_included ? "]" : ")"));
  }
  void operator()(const ExistsMatcher& exists) const { append(text, exists.expected ? "x1" : "x0"); }
  void operator()(const CidrMatcher& cidr) const {
    const std::string bytes(cidr.network.bytes.begin(),
                            cidr.network.bytes.begin() + static_cast<std::ptrdiff_t>(cidr.network.size));
    append(text, "c" + bytes + "/" + std::to_string(cidr.prefix_bits));
  }
  void operator()(const AnythingButMatcher& other) const {
    std::string refused = "a";
    for (const auto& plain : other.refused) std::visit(MatcherText{refused}, plain);
    append(text, refused);
  }
};

}  // namespace

std::vector<Way> ways_of(const PatternNode& root) {
  auto ways = expand(root, {});
  if (ways.size() > kWaysMax) return {};
  for (auto& way : ways) {
    std::sort(way.begin(), way.end(), [](const Condition& left, const Condition& right) {
      return std::pair(joined(left.path), left.path) < std::pair(joined(right.path), right.path);
    });
  }
  return ways;
}

void sort_telling(Way& way) { std::sort(way.begin(), way.end(), is_telling); }

std::string leaf_text(const Leaf& leaf) {
  std::string text;
  for (const auto& matcher : leaf) std::visit(MatcherText{text}, matcher);
  return text;
}

}  // namespace ow::rules
