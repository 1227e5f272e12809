// See body_schema.h.
#include "http/body_schema.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "base/assert.h"
#include "base/bounds.h"

namespace ow::http {
namespace {

using base::Json;

enum Type : unsigned { kNull = 1, kBoolean = 2, kInteger = 4, kNumber = 8, kString = 16, kArray = 32, kObject = 64 };

struct TypeName {
  std::string_view keyword;
  std::string_view phrase;
  unsigned type;
};
constexpr std::array<TypeName, 7> kTypes{{{"integer", "an integer", kInteger},
                                          {"number", "a number", kNumber},
                                          {"string", "a string", kString},
                                          {"boolean", "a boolean", kBoolean},
                                          {"array", "an array", kArray},
                                          {"object", "an object", kObject},
                                          {"null", "null", kNull}}};

constexpr std::array<std::string_view, 11> kDocumentation{"title",    "description", "examples", "example",
                                                          "default",  "format",      "pattern",  "multipleOf",
                                                          "$comment", "deprecated",  "writeOnly"};

}  // namespace

/// One compiled schema.
struct BodySchema::Node {
  struct Property {
    std::string name;
    bool required = false;
    Node* schema = nullptr;  // in `children`; null: anything
  };
  enum class Others { refused, anything, checked };

  unsigned types = 0;  // 0: any
  std::string phrase;  // "an integer"
  std::vector<Property> properties;
  Others others = Others::refused;
  Node* other = nullptr;
  Node* items = nullptr;
  std::size_t items_min = 0, items_max = std::numeric_limits<std::size_t>::max();
  std::size_t length_min = 0, length_max = std::numeric_limits<std::size_t>::max();
  struct Limit {
    std::string_view sign;  // ">="
    std::string number;
  };
  std::vector<Limit> lower, upper;
  std::vector<Json> values;  // enum or const
  std::vector<std::unique_ptr<Node>> children;
};

namespace {

using Node = BodySchema::Node;

std::unique_ptr<Node> compile(const Json& schema);

Node* compile_child(Node& node, const Json& schema) {
  node.children.push_back(compile(schema));
  return node.children.back().get();
}

void add_type(Node& node, std::string_view keyword) {
  for (const TypeName& name : kTypes) {
    if (name.keyword != keyword) continue;
    node.types |= name.type;
    if (!node.phrase.empty()) node.phrase += " or ";
    node.phrase += name.phrase;
    return;
  }
  OW_ASSERT(false, "a schema's type is one of JSON Schema's");
}

void set_type(Node& node, const Json& value) {
  if (value.is_string()) return add_type(node, value.as_string());
  for (const Json& one : value.as_array()) add_type(node, one.as_string());
}

Node::Property& property(Node& node, std::string_view name) {
  for (auto& known : node.properties) {
    if (known.name == name) return known;
  }
  node.properties.push_back({std::string(name)});
  return node.properties.back();
}

void set_properties(Node& node, const Json& value) {
  for (const auto& [name, schema] : value.as_object()) property(node, name).schema = compile_child(node, schema);
}

void set_required(Node& node, const Json& value) {
  for (const Json& name : value.as_array()) property(node, name.as_string()).required = true;
}

void set_additional(Node& node, const Json& value) {
  if (value.is_bool()) {
    node.others = value.as_bool() ? Node::Others::anything : Node::Others::refused;
  } else {
    node.others = Node::Others::checked;
    node.other = compile_child(node, value);
  }
}

std::size_t count_of(const Json& value) {
  const auto count = value.as_number().integer();
  OW_ASSERT(count && *count >= 0, "a schema's count is a whole number");
  return static_cast<std::size_t>(*count);
}

using SetKeyword = void (*)(Node&, const Json&);
struct Keyword {
  std::string_view name;
  SetKeyword set;
};
constexpr std::array<Keyword, 15> kKeywords{{
    {"type", set_type},
    {"properties", set_properties},
    {"required", set_required},
    {"additionalProperties", set_additional},
    {"items", [](Node& node, const Json& value) { node.items = compile_child(node, value); }},
    {"minItems", [](Node& node, const Json& value) { node.items_min = count_of(value); }},
    {"maxItems", [](Node& node, const Json& value) { node.items_max = count_of(value); }},
    {"minLength", [](Node& node, const Json& value) { node.length_min = count_of(value); }},
    {"maxLength", [](Node& node, const Json& value) { node.length_max = count_of(value); }},
    {"minimum", [](Node& node, const Json& value) { node.lower.push_back({">=", value.as_number().text}); }},
    {"exclusiveMinimum", [](Node& node, const Json& value) { node.lower.push_back({">", value.as_number().text}); }},
    {"maximum", [](Node& node, const Json& value) { node.upper.push_back({"<=", value.as_number().text}); }},
    {"exclusiveMaximum", [](Node& node, const Json& value) { node.upper.push_back({"<", value.as_number().text}); }},
    {"enum", [](Node& node, const Json& value) { node.values = value.as_array(); }},
    {"const", [](Node& node, const Json& value) { node.values = {value}; }},
}};

std::unique_ptr<Node> compile(const Json& schema) {
  auto node = std::make_unique<Node>();
  for (const auto& [name, value] : schema.as_object()) {
    const std::string_view wanted = name;
    const auto keyword =
        std::find_if(kKeywords.begin(), kKeywords.end(), [&](const Keyword& known) { return known.name == wanted; });
    if (keyword != kKeywords.end()) {
      keyword->set(*node, value);
      continue;
    }
    const bool documents = std::find(kDocumentation.begin(), kDocumentation.end(), wanted) != kDocumentation.end();
    if (!documents) base::broken_invariant(("a schema has no keyword " + name).c_str(), __FILE__, __LINE__);
  }
  if (node->phrase.empty()) node->phrase = "a value";
  return node;
}

/// Where a value stands, as a chain on the stack: made into text only for a violation.
struct Place {
  const Place* above = nullptr;
  std::string_view member = {};
  std::optional<std::size_t> index = std::nullopt;

  std::string text() const {
    std::string out = above ? above->text() : std::string();
    if (index) return out + '[' + std::to_string(*index) + ']';
    if (!out.empty() && !member.empty()) out += '.';
    return out.append(member);
  }
};

unsigned types_of(const Json& value) {
  if (value.is_string()) return kString;
  if (value.is_number()) return kNumber | kInteger;
  if (value.is_object()) return kObject;
  if (value.is_array()) return kArray;
  if (value.is_bool()) return kBoolean;
  return kNull;
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string counted(std::size_t count, std::string_view one) {
  return std::to_string(count) + ' ' + std::string(one) + (count == 1 ? "" : "s");
}

class Checker {
 public:
  explicit Checker(std::vector<std::string>& out) : out_(out) {}

  void check(const Node& node, const Json& value, const Place& place) {
    if (full()) return;
    if (node.types != 0 && (node.types & types_of(value)) == 0) return wrong_type(node, place);
    if (!node.values.empty() && !is_listed(node, value)) return not_listed(node, place);
    if (value.is_number()) return check_number(node, value.as_number(), place);
    if (value.is_string()) return check_string(node, value.as_string(), place);
    if (value.is_array()) return check_array(node, value.as_array(), place);
    if (value.is_object()) return check_object(node, value.as_object(), place);
  }

 private:
  bool full() const { return out_.size() >= base::bounds::kViolationsMax; }

  void violate(const Place& place, std::string_view sentence) {
    if (full()) return;
    std::string subject = place.text();
    if (subject.empty()) subject = "the body";
    out_.push_back(subject + ' ' + std::string(sentence));
  }

  // The lower bound belongs to the phrase, so that "two" and 0 are told the same: an integer >= 1.
  std::string phrase(const Node& node) const {
    return node.lower.empty() ? node.phrase : phrase(node, node.lower.front());
  }
  std::string phrase(const Node& node, const Node::Limit& limit) const {
    return node.phrase + ' ' + std::string(limit.sign) + ' ' + limit.number;
  }
  void wrong_type(const Node& node, const Place& place) { violate(place, "must be " + phrase(node)); }

  static bool is_listed(const Node& node, const Json& value) {
    return std::find(node.values.begin(), node.values.end(), value) != node.values.end();
  }

  void not_listed(const Node& node, const Place& place) {
    std::string list;
    for (const Json& value : node.values) list += (list.empty() ? "" : ", ") + to_text(value);
    violate(place, (node.values.size() == 1 ? "must be " : "must be one of ") + list);
  }

  static bool holds(const std::string& number, const Node::Limit& limit) {
    const int order = base::compare_numbers(number, limit.number);
    return (order == 0 && limit.sign.size() == 2) || (limit.sign[0] == '>' ? order > 0 : order < 0);
  }

  void check_number(const Node& node, const base::JsonNumber& number, const Place& place) {
    const auto broken = [&](const Node::Limit& limit) { return !holds(number.text, limit); };
    for (const auto* limits : {&node.lower, &node.upper}) {
      const auto limit = std::find_if(limits->begin(), limits->end(), broken);
      if (limit != limits->end()) return violate(place, "must be " + phrase(node, *limit));
    }
    const bool fraction_allowed = node.types == 0 || (node.types & kNumber) != 0;
    if (!fraction_allowed && !number.integer()) wrong_type(node, place);
  }

  void check_string(const Node& node, std::string_view text, const Place& place) {
    const std::size_t length = code_points(text);
    if (length < node.length_min) {
      return violate(place, "must be a string of at least " + counted(node.length_min, "character"));
    }
    if (length > node.length_max) {
      violate(place, "must be a string of at most " + counted(node.length_max, "character"));
    }
  }

  void check_array(const Node& node, const Json::Array& array, const Place& place) {
    if (array.size() < node.items_min) violate(place, "must hold at least " + counted(node.items_min, "item"));
    if (array.size() > node.items_max) {
      return violate(place, "must hold at most " + counted(node.items_max, "item"));
    }
    if (node.items == nullptr) return;
    for (std::size_t i = 0; i < array.size() && !full(); ++i) check(*node.items, array[i], {&place, {}, i});
  }

  void check_object(const Node& node, const Json::Object& object, const Place& place) {
    std::size_t required_seen = 0;
    for (const auto& [name, value] : object) {
      const Node::Property* known = find(node, name);
      if (known != nullptr) {
        required_seen += known->required ? 1 : 0;
        if (known->schema != nullptr) check(*known->schema, value, {&place, name});
      } else if (node.others == Node::Others::checked) {
        check(*node.other, value, {&place, name});
      } else if (node.others == Node::Others::refused) {
        violate({&place, name}, "is not a known member");
      }
    }
    if (required_seen < required_count(node)) name_missing(node, object, place);
  }

  static const Node::Property* find(const Node& node, std::string_view name) {
    for (const auto& property : node.properties) {
      if (property.name == name) return &property;
    }
    return nullptr;
  }

  static std::size_t required_count(const Node& node) {
    return static_cast<std::size_t>(std::count_if(node.properties.begin(), node.properties.end(),
                                                  [](const Node::Property& one) { return one.required; }));
  }

  void name_missing(const Node& node, const Json::Object& object, const Place& place) {
    for (const auto& property : node.properties) {
      const bool there = std::any_of(object.begin(), object.end(),
                                     [&](const Json::Member& member) { return member.first == property.name; });
      if (property.required && !there) violate({&place, property.name}, "is required");
    }
  }

  std::vector<std::string>& out_;
};

bool is_json_number(std::string_view text) {
  const auto parsed = base::parse_json(text);
  return parsed && parsed->is_number() && parsed->as_number().text == text;
}

Json typed(std::string_view text, unsigned types) {
  if ((types & (kInteger | kNumber)) != 0 && is_json_number(text)) return base::JsonNumber{std::string(text)};
  if ((types & kBoolean) != 0 && (text == "true" || text == "false")) return text == "true";
  return text;
}

}  // namespace

BodySchema::BodySchema(const Json& schema) : root_(compile(schema)) {}
BodySchema::BodySchema(BodySchema&&) noexcept = default;
BodySchema& BodySchema::operator=(BodySchema&&) noexcept = default;
BodySchema::~BodySchema() = default;

void BodySchema::check(const Json& value, std::string_view root, std::vector<std::string>& out) const {
  Checker(out).check(*root_, value, Place{nullptr, root});
}

void BodySchema::check_text(std::string_view text, std::string_view name, std::vector<std::string>& out) const {
  check(typed(text, root_->types), name, out);
}

bool BodySchema::accepts_empty_object() const {
  std::vector<std::string> violations;
  check(Json::object(), {}, violations);
  return violations.empty();
}

}  // namespace ow::http
