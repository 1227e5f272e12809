// Templates of mails: built-in ones as version 1, and versions that operators add. A version never changes; which
// one is active does. Loop thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "notify/mail/template_text.h"
#include "notify/order_source.h"
#include "platform/store.h"

namespace ow::notify {

struct TemplateSource {
  std::string subject;
  std::string text;
  std::string html;
};

/// A version made ready.
class MailTemplate {
 public:
  /// Error unprocessable with a violation for each part at fault.
  static base::Result<MailTemplate> compile(const TemplateSource& source);

  struct Rendered {
    std::string subject;
    std::string text;
    std::string html;
  };
  Rendered render(const base::Json& context) const;
  std::set<std::string> names() const;

 private:
  TemplateText subject_, text_, html_;
};

inline constexpr std::array<std::string_view, 5> kTemplateNames = {"order.completed", "order.failed", "order.cancelled",
                                                                   "order.refunded", "notice"};
bool is_template_name(std::string_view name);
TemplateSource built_in(std::string_view name);
/// A context with everything the template may ask for, whose texts try to break out of it.
base::Json sample_context(std::string_view name, const Retailer& retailer);

/// Which version is in use; version 1 is built in.
struct TemplateHead {
  std::uint32_t active = 1;
  std::uint32_t before = 1;  // what was active before, for a roll-back
  std::uint32_t latest = 1;
  platform::Version version = 0;
};

struct TemplateVersion {
  std::uint32_t number = 1;
  TemplateSource source;
  std::string by;  // empty: built in
  base::Instant at;
};

base::Task<base::Result<TemplateHead>> find_head(platform::Store& store, std::string name);
platform::Commit put_head(const std::string& name, const TemplateHead& head);
/// Nothing when there is no such version.
base::Task<base::Result<std::optional<TemplateVersion>>> find_version(platform::Store& store, std::string name,
                                                                      std::uint32_t number);
platform::Commit put_version(const std::string& name, const TemplateVersion& version);

/// The active versions, compiled; since a version never changes, each is compiled once while it is active.
class TemplateShelf {
 public:
  /// `store` outlives this.
  explicit TemplateShelf(platform::Store& store) : store_(store) {}
  base::Task<base::Result<std::shared_ptr<const MailTemplate>>> active(std::string name);

 private:
  struct Ready {
    std::uint32_t number = 0;
    std::shared_ptr<const MailTemplate> made;
  };

  platform::Store& store_;
  std::map<std::string, Ready> ready_;
};

}  // namespace ow::notify
