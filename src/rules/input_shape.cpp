// See input_shape.h.
#include "rules/input_shape.h"

#include <map>
#include <variant>
#include <vector>

#include "base/bounds.h"
#include "platform/event_form.h"
#include "rules/value_path.h"

namespace ow::rules {
namespace {

using base::ErrorCode;
using base::Json;
using base::Result;
using Shape = std::shared_ptr<const platform::MessageShape>;

tl::unexpected<base::Error> refuse(std::string sentence) {
  return base::fail(ErrorCode::unprocessable, "invalid_input", std::move(sentence));
}

Result<Json> form_of(const platform::Event& event, std::string_view replay) {
  return base::parse_json(platform::event_bridge_text(event, replay));
}

Result<std::string> within_bounds(std::string body) {
  if (body.size() <= base::bounds::kMessageBytesMax) return body;
  return refuse("The message would have " + std::to_string(body.size()) + " bytes; at most " +
                std::to_string(base::bounds::kMessageBytesMax) + " are allowed.");
}

class ConstantShape final : public platform::MessageShape {
 public:
  explicit ConstantShape(std::string text) : text_(std::move(text)) {}
  Result<std::string> body(const platform::Event&, std::string_view) const override { return text_; }

 private:
  std::string text_;
};

class PathShape final : public platform::MessageShape {
 public:
  PathShape(std::string text, ValuePath path) : text_(std::move(text)), path_(std::move(path)) {}

  Result<std::string> body(const platform::Event& event, std::string_view replay) const override {
    const auto form = form_of(event, replay);
    if (!form) return base::fail(form.error());
    const auto* part = path_.find(*form);
    if (part == nullptr) return refuse("The event has nothing at the input path " + text_ + ".");
    return within_bounds(to_text(*part));
  }

 private:
  std::string text_;
  ValuePath path_;
};

/// What a placeholder stands for that is no path of the map.
enum class Known : std::uint8_t { rule_name, event_json, event, ingestion_time };

using Variable = std::variant<ValuePath, Known>;

struct Piece {
  std::string text;                  // before the variable
  std::optional<Variable> variable;  // nothing: the last piece
  bool quoted = false;
};

std::optional<Known> known_variable(std::string_view name) {
  if (name == "aws.events.rule-name") return Known::rule_name;
  if (name == "aws.events.event.json") return Known::event_json;
  if (name == "aws.events.event") return Known::event;
  if (name == "aws.events.event.ingestion-time") return Known::ingestion_time;
  return std::nullopt;
}

/// Text as it stands within the quotes of a JSON string.
std::string within_quotes(std::string_view text) {
  std::string quoted;
  base::append_quoted(quoted, text);
  return quoted.substr(1, quoted.size() - 2);
}

class TemplateShape final : public platform::MessageShape {
 public:
  TemplateShape(std::vector<Piece> pieces, std::string rule) : pieces_(std::move(pieces)), rule_(std::move(rule)) {}

  Result<std::string> body(const platform::Event& event, std::string_view replay) const override {
    const auto form = form_of(event, replay);
    if (!form) return base::fail(form.error());
    return fill(*form);
  }

  /// Error: the template with these values is no JSON.
  Result<std::string> fill(const Json& form) const {
    std::string text;
    for (const auto& piece : pieces_) {
      text += piece.text;
      if (piece.variable) append_value(text, value_of(*piece.variable, form), piece.quoted);
    }
    const auto json = base::parse_json(text);
    if (!json) return refuse("The filled input template is not JSON: " + json.error().message);
    return within_bounds(to_text(*json));
  }

 private:
  std::optional<Json> value_of(const Variable& variable, const Json& form) const {
    if (const auto* path = std::get_if<ValuePath>(&variable)) {
      const auto* found = path->find(form);
      return found == nullptr ? std::nullopt : std::optional(*found);
    }
    switch (std::get<Known>(variable)) {
      case Known::rule_name:
        return Json(rule_);
      case Known::event_json:
        return form;
      case Known::event: {
        auto outer = form;
        outer.remove("detail");
        return outer;
      }
      case Known::ingestion_time:
        return form.find("time") == nullptr ? std::nullopt : std::optional(*form.find("time"));
    }
    return std::nullopt;
  }

  static void append_value(std::string& text, const std::optional<Json>& value, bool quoted) {
    if (!quoted) {
      text += value ? to_text(*value) : "null";
    } else if (value) {
      text += within_quotes(value->is_string() ? value->as_string() : to_text(*value));
    }
  }

  std::vector<Piece> pieces_;
  std::string rule_;
};

using Paths = std::map<std::string, ValuePath, std::less<>>;

Result<Paths> read_paths(const Json& transformer) {
  Paths paths;
  const auto* map = transformer.find("inputPathsMap");
  if (map == nullptr) return paths;
  if (!map->is_object()) return refuse("inputTransformer.inputPathsMap must be an object of paths");
  if (map->as_object().size() > kInputPathsMax) {
    return refuse("inputTransformer.inputPathsMap must have at most " + std::to_string(kInputPathsMax) + " members");
  }
  for (const auto& [name, value] : map->as_object()) {
    const auto path = value.is_string() ? ValuePath::parse(value.as_string()) : std::nullopt;
    if (!path) return refuse("inputTransformer.inputPathsMap." + name + " must be a path such as $.detail.total");
    if (name.starts_with("aws.")) return refuse("inputTransformer.inputPathsMap." + name + ": names in aws. are taken");
    paths.emplace(name, *path);
  }
  return paths;
}

/// Cuts a template into texts and variables, knowing what is within a JSON string.
class TemplateReader {
 public:
  TemplateReader(std::string_view text, const Paths& paths) : text_(text), paths_(paths) {}

  Result<std::vector<Piece>> read() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '<') {
        if (auto taken = take_variable(); !taken) return base::fail(taken.error());
      } else {
        take_char(c);
      }
    }
    pieces_.push_back(std::move(piece_));
    return std::move(pieces_);
  }

 private:
  void take_char(char c) {
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (c == '\\' && (next == '<' || next == '>')) {
      piece_.text += next;
      at_ += 2;
      return;
    }
    if (c == '\\' && quoted_ && next != '\0') {
      piece_.text.append({c, next});
      at_ += 2;
      return;
    }
    if (c == '"') quoted_ = !quoted_;
    piece_.text += c;
    ++at_;
  }

  Result<void> take_variable() {
    const auto end = text_.find('>', at_);
    if (end == std::string_view::npos)
      return refuse("inputTransformer.inputTemplate: a < is not closed (write \\< for itself)");
    const auto name = text_.substr(at_ + 1, end - at_ - 1);
    const auto path = paths_.find(name);
    if (path != paths_.end()) {
      piece_.variable = path->second;
    } else if (const auto known = known_variable(name)) {
      piece_.variable = *known;
    } else {
      return refuse("inputTransformer.inputTemplate: <" + std::string(name) + "> is not in inputPathsMap");
    }
    piece_.quoted = quoted_;
    pieces_.push_back(std::exchange(piece_, {}));
    at_ = end + 1;
    return {};
  }

  std::string_view text_;
  const Paths& paths_;
  std::size_t at_ = 0;
  bool quoted_ = false;
  Piece piece_;
  std::vector<Piece> pieces_;
};

Result<Shape> make_template(const Json& transformer, std::string_view rule) {
  const auto text = transformer.string_at("inputTemplate");
  if (!text) return refuse("inputTransformer.inputTemplate must be a text");
  if (text->size() > kInputTemplateBytesMax) {
    return refuse("inputTransformer.inputTemplate must have at most " + std::to_string(kInputTemplateBytesMax) +
                  " bytes");
  }
  const auto paths = read_paths(transformer);
  if (!paths) return base::fail(paths.error());
  auto pieces = TemplateReader(*text, *paths).read();
  if (!pieces) return base::fail(pieces.error());
  auto shape = std::make_shared<const TemplateShape>(std::move(*pieces), std::string(rule));
  // With every value absent: what is no JSON now never is.
  if (const auto filled = shape->fill(Json::object()); !filled) {
    return refuse("inputTransformer.inputTemplate: " + filled.error().message);
  }
  return Shape(std::move(shape));
}

Result<Shape> make_path(const std::string& text) {
  auto path = ValuePath::parse(text);
  if (!path) return refuse("inputPath must be a path such as $.detail");
  return Shape(std::make_shared<const PathShape>(text, std::move(*path)));
}

}  // namespace

Result<Shape> make_shape(const Target& target, std::string_view rule) {
  if (target.input.has_value() + target.input_path.has_value() + target.input_transformer.has_value() > 1) {
    return refuse("input: at most one of input, inputPath and inputTransformer may be given");
  }
  if (target.input) {
    auto text = within_bounds(to_text(*target.input));
    if (!text) return base::fail(text.error());
    return Shape(std::make_shared<const ConstantShape>(std::move(*text)));
  }
  if (target.input_path) return make_path(*target.input_path);
  if (target.input_transformer) return make_template(*target.input_transformer, rule);
  return Shape();
}

}  // namespace ow::rules
