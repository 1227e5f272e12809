// The template language of mails: text with `{{name}}`, `{{#name}}…{{/name}}` (once for each item of a list, or once
// when the value is there and not false) and `{{^name}}…{{/name}}` (when it is not). Names may be `a.b`. In HTML
// every value is escaped; there is no way to leave it raw. Pure; any thread.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace ow::notify {

enum class Markup : std::uint8_t { plain, html };

class TemplateText {
 public:
  /// Error unprocessable naming line and what is wrong.
  static base::Result<TemplateText> parse(std::string_view text);

  /// `context` is an object; inside a section over objects their members come first. A name that is not there is
  /// empty.
  std::string render(const base::Json& context, Markup markup) const;

  /// Every name it asks for.
  const std::set<std::string>& names() const { return names_; }

  struct Node;

 private:
  std::shared_ptr<const Node> root_;
  std::set<std::string> names_;
};

}  // namespace ow::notify
