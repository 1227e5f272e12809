// See template_text.h.
#include "notify/mail/template_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "notify/mail/bounds.h"
#include "notify/mail/mail_text.h"

namespace ow::notify {

struct TemplateText::Node {
  enum class Kind : std::uint8_t { text, value, section, inverted };
  Kind kind = Kind::section;
  std::string text;  // or the name
  std::vector<Node> children;
};

namespace {

using base::Json;
using Node = TemplateText::Node;
using Scopes = std::vector<const Json*>;

const Json* path_in(const Json& scope, std::string_view path) {
  const Json* at = &scope;
  while (at != nullptr) {
    const auto dot = path.find('.');
    at = at->find(path.substr(0, dot));
    if (dot == std::string_view::npos) return at;
    path.remove_prefix(dot + 1);
  }
  return nullptr;
}

const Json* find(const Scopes& scopes, std::string_view path) {
  if (path == ".") return scopes.back();
  for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope) {
    if (const Json* found = path_in(**scope, path)) return found;
  }
  return nullptr;
}

std::string text_of(const Json* value) {
  if (value == nullptr || value->is_null()) return {};
  if (value->is_string()) return value->as_string();
  return base::to_text(*value);
}

bool says_something(const Json* value) {
  if (value == nullptr || value->is_null()) return false;
  if (value->is_bool()) return value->as_bool();
  if (value->is_string()) return !value->as_string().empty();
  return !value->is_array() || !value->as_array().empty();
}

class Writer {
 public:
  explicit Writer(Markup markup) : markup_(markup) {}

  void write_all(const std::vector<Node>& nodes, Scopes& scopes) {
    for (const auto& node : nodes) write(node, scopes);
  }
  std::string take() { return std::move(out_); }

 private:
  void write(const Node& node, Scopes& scopes) {
    if (node.kind == Node::Kind::text) {
      out_ += node.text;
      return;
    }
    const Json* value = find(scopes, node.text);
    if (node.kind == Node::Kind::value) {
      out_ += markup_ == Markup::html ? html_escaped(text_of(value)) : text_of(value);
    } else if (says_something(value) == (node.kind == Node::Kind::section)) {
      write_section(node, value, scopes);
    }
  }

  void write_section(const Node& node, const Json* value, Scopes& scopes) {
    if (node.kind == Node::Kind::inverted || !value->is_array()) {
      if (value != nullptr && value->is_object()) scopes.push_back(value);
      write_all(node.children, scopes);
      if (value != nullptr && value->is_object()) scopes.pop_back();
      return;
    }
    for (const auto& item : value->as_array()) {
      scopes.push_back(&item);
      write_all(node.children, scopes);
      scopes.pop_back();
    }
  }

  const Markup markup_;
  std::string out_;
};

bool is_name(std::string_view name) {
  if (name == ".") return true;
  const auto allowed = [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '_'; };
  return !name.empty() && name.front() != '.' && name.back() != '.' && std::all_of(name.begin(), name.end(), allowed);
}

class Parser {
 public:
  Parser(std::string_view text, std::set<std::string>& names) : text_(text), names_(names) {}

  base::Result<std::vector<Node>> parse(const std::string& until, std::size_t depth) {
    std::vector<Node> nodes;
    while (true) {
      const auto open = text_.find("{{", at_);
      const auto end = std::min(open, text_.size());
      if (end > at_) nodes.push_back({Node::Kind::text, std::string(text_.substr(at_, end - at_)), {}});
      if (open == std::string_view::npos) {
        at_ = text_.size();
        if (!until.empty()) return wrong("{{#" + until + "}} is never closed");
        return nodes;
      }
      at_ = open;
      const auto close = text_.find("}}", open);
      if (close == std::string_view::npos) return wrong("{{ without }}");
      auto tag = std::string(text_.substr(open + 2, close - open - 2));
      auto read = take_tag(std::move(tag), close + 2, until, depth, nodes);
      if (!read) return base::fail(read.error());
      if (*read) return nodes;
    }
  }

 private:
  /// True when the tag closes the section.
  base::Result<bool> take_tag(std::string tag, std::size_t behind, const std::string& until, std::size_t depth,
                              std::vector<Node>& nodes) {
    const char mark = tag.empty() ? '\0' : tag.front();
    const bool marked = mark == '#' || mark == '^' || mark == '/';
    const auto name = marked ? tag.substr(1) : tag;
    if (!is_name(name)) return wrong("'{{" + tag + "}}' is no name of letters, digits, '_' and '.'");
    // A section's tag that stands alone on its line takes the line with it.
    const bool alone = marked && (at_ == 0 || text_[at_ - 1] == '\n') && text_.substr(behind).starts_with('\n');
    at_ = behind + (alone ? 1 : 0);
    if (mark == '/') {
      if (name == until) return true;
      return wrong("{{/" + name + "}} closes nothing that is open here");
    }
    if (name != ".") names_.insert(name);
    Node node{!marked ? Node::Kind::value : mark == '#' ? Node::Kind::section : Node::Kind::inverted, name, {}};
    if (marked) {
      if (depth == bounds::kTemplateDepthMax) return wrong("sections are nested too deeply");
      auto children = parse(name, depth + 1);
      if (!children) return base::fail(children.error());
      node.children = std::move(*children);
    }
    nodes.push_back(std::move(node));
    return false;
  }

  tl::unexpected<base::Error> wrong(const std::string& what) const {
    const auto line =
        1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, text_.size())), '\n');
    return base::fail(base::ErrorCode::unprocessable, "bad_template", fmt::format("line {}: {}", line, what));
  }

  std::string_view text_;
  std::set<std::string>& names_;
  std::size_t at_ = 0;
};

}  // namespace

base::Result<TemplateText> TemplateText::parse(std::string_view text) {
  TemplateText made;
  auto nodes = Parser(text, made.names_).parse("", 0);
  if (!nodes) return base::fail(nodes.error());
  auto root = std::make_shared<Node>();
  root->children = std::move(*nodes);
  made.root_ = std::move(root);
  return made;
}

std::string TemplateText::render(const Json& context, Markup markup) const {
  Writer writer(markup);
  Scopes scopes{&context};
  writer.write_all(root_->children, scopes);
  return writer.take();
}

}  // namespace ow::notify
