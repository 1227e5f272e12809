// See json_texts.h.
#include "tests/base/json_texts.h"

#include <set>

namespace ow::base {
namespace {

void append_utf8(std::string& out, std::uint32_t point) {
  const auto tail = [](std::uint32_t bits) { return static_cast<char>(0x80 | (bits & 0x3F)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += {static_cast<char>(0xC0 | point >> 6), tail(point)};
  } else if (point < 0x10000) {
    out += {static_cast<char>(0xE0 | point >> 12), tail(point >> 6), tail(point)};
  } else {
    out += {static_cast<char>(0xF0 | point >> 18), tail(point >> 12), tail(point >> 6), tail(point)};
  }
}

rc::Gen<std::uint32_t> code_points() {
  return rc::gen::weightedOneOf<std::uint32_t>({{6, rc::gen::inRange<std::uint32_t>(0, 0x80)},
                                                {1, rc::gen::inRange<std::uint32_t>(0x80, 0xD800)},
                                                {1, rc::gen::inRange<std::uint32_t>(0xE000, 0x110000)}});
}

rc::Gen<std::string> digits(int at_most) {
  return rc::gen::resize(at_most, rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('0', ':'))));
}

Json object_of(std::vector<std::pair<std::string, Json>> members) {
  std::set<std::string> seen;
  Json object = Json::object();
  for (auto& [name, value] : members) {
    if (seen.insert(name).second) object.as_object().emplace_back(name, std::move(value));
  }
  return object;
}

}  // namespace

rc::Gen<std::string> utf8_texts() {
  return rc::gen::resize(
      20, rc::gen::map(rc::gen::container<std::vector<std::uint32_t>>(code_points()), [](const auto& points) {
        std::string text;
        for (const auto point : points) append_utf8(text, point);
        return text;
      }));
}

rc::Gen<std::string> json_number_texts() {
  const auto whole = rc::gen::map(digits(12), [](std::string text) {
    text.erase(0, std::min(text.find_first_not_of('0'), text.size() - 1));
    return text;
  });
  const auto fraction = rc::gen::oneOf(rc::gen::just(std::string()),
                                       rc::gen::map(digits(8), [](const std::string& text) { return "." + text; }));
  const auto exponent =
      rc::gen::oneOf(rc::gen::just(std::string()),
                     rc::gen::map(rc::gen::tuple(rc::gen::element("e", "E", "e+", "E-", "e-"), digits(2)),
                                  [](const auto& parts) { return std::get<0>(parts) + std::get<1>(parts); }));
  return rc::gen::map(rc::gen::tuple(rc::gen::element<std::string>("", "-"), whole, fraction, exponent),
                      [](const auto& parts) {
                        return std::get<0>(parts) + std::get<1>(parts) + std::get<2>(parts) + std::get<3>(parts);
                      });
}

rc::Gen<Json> json_values(int depth) {
  const auto leaf = rc::gen::oneOf(
      rc::gen::just(Json()), rc::gen::map(rc::gen::arbitrary<bool>(), [](bool value) { return Json(value); }),
      rc::gen::map(json_number_texts(), [](std::string text) { return Json(JsonNumber{std::move(text)}); }),
      rc::gen::map(utf8_texts(), [](std::string text) { return Json(std::move(text)); }));
  if (depth == 0) return leaf;
  const auto inner = json_values(depth - 1);
  return rc::gen::oneOf(leaf,
                        rc::gen::map(rc::gen::resize(4, rc::gen::container<std::vector<Json>>(inner)),
                                     [](std::vector<Json> items) { return Json(std::move(items)); }),
                        rc::gen::map(rc::gen::resize(4, rc::gen::container<std::vector<std::pair<std::string, Json>>>(
                                                            rc::gen::pair(utf8_texts(), inner))),
                                     object_of));
}

}  // namespace ow::base
