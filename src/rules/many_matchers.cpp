// See many_matchers.h.
#include "rules/many_matchers.h"

#include <limits>

namespace ow::rules {
namespace {

using base::Json;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// -0 and 0 are one number.
double to_double(const std::string& number) { return base::JsonNumber{number}.to_double() + 0.0; }

std::size_t literal_of(const Json& value) { return value.is_null() ? 0 : value.as_bool() ? 2 : 1; }

}  // namespace

std::string network_text(const Address& address, int bits) {
  std::string text;
  for (std::size_t at = 0; at < address.size; ++at) {
    const int kept = std::min(8, std::max(0, bits - static_cast<int>(at) * 8));
    text += static_cast<char>(address.bytes[at] & (0xff00U >> static_cast<unsigned>(kept)));
  }
  return text;
}

void ManyMatchers::add(const Matcher& matcher, StateId id) {
  const auto place = static_cast<std::uint32_t>(tried_.size());
  if (const auto* exact = std::get_if<ExactMatcher>(&matcher)) {
    add_exact(exact->value, matcher, id);
  } else if (const auto* text = std::get_if<TextMatcher>(&matcher)) {
    add_text(*text, matcher, id);
  } else if (const auto* range = std::get_if<NumericMatcher>(&matcher)) {
    ranges_.add(range->low ? to_double(*range->low) : -kInfinity, range->high ? to_double(*range->high) : kInfinity,
                place);
    tried_.push_back({&matcher, id});
  } else if (const auto* cidr = std::get_if<CidrMatcher>(&matcher)) {
    add_cidr(*cidr, id);
  } else if (const auto* exists = std::get_if<ExistsMatcher>(&matcher)) {
    if (exists->expected) any_.push_back(id);
  } else {
    others_.push_back(place);
    tried_.push_back({&matcher, id});
  }
}

void ManyMatchers::add_exact(const Json& value, const Matcher& matcher, StateId id) {
  if (value.is_string()) {
    texts_.equal.add(value.as_string(), id);
    texts_.used = true;
  } else if (value.is_number()) {
    numbers_.emplace(to_double(value.as_number().text), static_cast<std::uint32_t>(tried_.size()));
    tried_.push_back({&matcher, id});
  } else {
    literals_[literal_of(value)].push_back(id);
  }
}

void ManyMatchers::add_text(const TextMatcher& text, const Matcher& matcher, StateId id) {
  auto& tests = text.ignore_case ? folded_ : texts_;
  switch (text.test) {
    case TextTest::equals:
      tests.equal.add(text.text, id);
      break;
    case TextTest::prefix:
      tests.prefixes.add(text.text, id);
      break;
    case TextTest::suffix:
      tests.suffixes.add(text.text, id);
      break;
    case TextTest::wildcard:
      wildcards_.add(text.text, static_cast<std::uint32_t>(tried_.size()));
      tried_.push_back({&matcher, id});
      return;
  }
  tests.used = true;
}

void ManyMatchers::add_cidr(const CidrMatcher& cidr, StateId id) {
  networks_[{cidr.network.size, cidr.prefix_bits}].add(network_text(cidr.network, cidr.prefix_bits), id);
}

void ManyMatchers::find_texts(const TextTests& tests, std::string_view text, StateIds& out) {
  if (!tests.used) return;
  tests.equal.find(text, out);
  tests.prefixes.find_prefixes(text, out);
  tests.suffixes.find_suffixes(text, out);
}

void ManyMatchers::find_address(std::string_view text, StateIds& out) const {
  if (networks_.empty()) return;
  const auto address = parse_address(text);
  if (!address) return;
  for (const auto& [shape, networks] : networks_) {
    if (shape.first == address->size) networks.find(network_text(*address, shape.second), out);
  }
}

void ManyMatchers::find_text(const Json& value, StateIds& out) {
  const auto& text = value.as_string();
  find_texts(texts_, text, out);
  if (folded_.used) find_texts(folded_, fold_case(text), out);
  find_address(text, out);
  candidates_.clear();
  wildcards_.find_candidates(text, candidates_);
  try_each(candidates_, value, out);
}

void ManyMatchers::find_number(const Json& value, StateIds& out) {
  const double number = to_double(value.as_number().text);
  candidates_.clear();
  const auto [from, to] = numbers_.equal_range(number);
  for (auto each = from; each != to; ++each) candidates_.push_back(each->second);
  ranges_.find(number, candidates_);
  try_each(candidates_, value, out);
}

void ManyMatchers::try_each(const std::vector<std::uint32_t>& candidates, const Json& value, StateIds& out) const {
  for (const auto place : candidates) {
    if (matches(*tried_[place].matcher, value)) out.push_back(tried_[place].id);
  }
}

void ManyMatchers::find(const Json& value, StateIds& out) {
  out.insert(out.end(), any_.begin(), any_.end());
  try_each(others_, value, out);
  if (value.is_string()) return find_text(value, out);
  if (value.is_number()) return find_number(value, out);
  const auto& same = literals_[literal_of(value)];
  out.insert(out.end(), same.begin(), same.end());
}

}  // namespace ow::rules
